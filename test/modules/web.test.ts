import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { AnyModule, Module } from '../../engine/planning/contracts.ts';
import type { PathValue } from '../../engine/resources/path_value.ts';
import { sh } from '../../engine/transport/sh.ts';
import { get_url } from '../../modules/network/get_url.ts';
import { procAddresses } from '../../modules/network/proc_address.ts';
import { uri } from '../../modules/network/uri.ts';
import { wait_for } from '../../modules/network/wait_for.ts';
import { runCases } from '../cases/driver.ts';
import { bindParams } from '../cases/params.ts';
import { fakeView, type Known } from '../cases/view.ts';
import { runProgram, SHELLS, type ShellName } from '../resources/local_shell.ts';
import { shellcheck } from '../resources/programs.ts';
import { startServer } from './web_server.ts';

runCases(get_url);
runCases(uri);
runCases(wait_for);

const root = mkdtempSync(join(tmpdir(), 'runbook-web-'));
after(() => rmSync(root, { recursive: true }));

/** A PATH on which of the two clients there is only this one. */
function onlyWith(client: 'curl' | 'wget' | 'neither'): string {
  const dir = join(root, client);
  if (existsSync(dir)) return dir;
  const bin = mkdtempSync(`${dir}-`);
  const tools =
    'awk bash cat chmod chown cmp cp cut date dd env grep head id md5sum mktemp mv rm sed sha1sum sha256sum sleep stat sync tail tr timeout perl';
  for (const tool of [...tools.split(' '), ...(client === 'neither' ? [] : [client])]) {
    const found = (process.env.PATH ?? '').split(':').find((one) => existsSync(join(one, tool)));
    if (found !== undefined) symlinkSync(join(found, tool), join(bin, tool));
  }
  symlinkSync(bin, dir);
  return dir;
}

/** The module's action, run on this machine. */
function perform(
  module: AnyModule,
  given: Record<string, unknown>,
  how: { client?: 'curl' | 'wget' | 'neither'; by?: ShellName; seen?: ReadonlyMap<string, Known> } = {},
) {
  const view = fakeView({ name: '', params: {} }, how.seen ?? new Map());
  const wish = (module as Module<never>).wants(bindParams(module, given) as never, view);
  const [step] = wish.steps;
  assert.ok(step?.kind === 'action', JSON.stringify(wish));
  const answer = runProgram(sh`PATH=${onlyWith(how.client ?? 'curl')} TMPDIR=${root}\n${step.script}`, how.by);
  const changed = typeof step.changed === 'function' ? step.changed(answer) : step.changed;
  return {
    result: step.result(answer) as Record<string, unknown>,
    failed: step.failed?.(answer),
    changed,
    script: step.script,
  };
}

const DIRECTORY: PathValue = { kind: 'directory', mode: 0o755 };

/** What a module sees where a directory is there, and a file in it is not or is. */
function seen(dest: string, file: PathValue | null): ReadonlyMap<string, Known> {
  const aspects = ['sha256', 'content'];
  return new Map<string, Known>([
    [`path:${root}`, { value: DIRECTORY, aspects }],
    [`path:${dest}`, { value: file, aspects }],
  ]);
}

describe('asking a web server', () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());
  const url = (path: string) => `http://127.0.0.1:${server.port}${path}`;
  type Echo = { method: string; headers: Record<string, string>; body: string };

  for (const client of ['curl', 'wget'] as const) {
    it(`tells what it answers, by ${client}`, () => {
      const { result, failed } = perform(uri, { url: url('/echo'), headers: { 'X-Token': 'a "b" \\c' } }, { client });
      assert.equal(failed, undefined);
      const { method, headers } = result.json as Echo;
      assert.deepEqual([method, headers['x-token'], headers['user-agent']], ['GET', 'a "b" \\c', 'ansible-httpget']);
      assert.deepEqual(
        [result.status, result.x_own, result.content_type, result.redirected, 'content' in result],
        [200, 'yes', 'application/json; charset=utf-8', false, false],
      );
      assert.deepEqual([result.cookies, result.cookies_string], [{ a: '1', b: 'two' }, 'a=1; b=two']);
    });

    it(`sends a body as it is, by ${client}`, () => {
      const body = { name: 'ü & co', list: [1, 2.5, null, true] };
      const sent = (more: object) => {
        const { result } = perform(uri, { url: url('/echo'), ...more }, { client });
        return result.json as Echo;
      };
      const json = sent({ method: 'POST', body, body_format: 'json' });
      assert.deepEqual([json.method, json.headers['content-type']], ['POST', 'application/json']);
      assert.deepEqual(JSON.parse(json.body), body);
      const form = sent({ method: 'PUT', body: { a: 'b c', d: ['1', '&'], e: null }, body_format: 'form-urlencoded' });
      assert.deepEqual([form.method, form.body], ['PUT', 'a=b+c&d=1&d=%26']);
      assert.equal(sent({ method: 'POST', body: "@it's \\ raw\n" }).body, "@it's \\ raw\n");
    });

    it(`follows redirects where it may, by ${client}`, () => {
      const { result } = perform(uri, { url: url('/moved'), return_content: true }, { client });
      assert.deepEqual([result.status, result.redirected, result.url], [200, true, url('/echo')]);
      const none = perform(uri, { url: url('/moved'), follow_redirects: 'none', status_code: '302' }, { client });
      assert.deepEqual([none.failed, none.result.location], [undefined, url('/echo')]);
      const safe = perform(uri, { url: url('/moved'), method: 'POST' }, { client });
      assert.match(safe.failed ?? '', /^Status code was 302 and not \[200\]/);
    });

    it(`shows a password when it is asked for one, by ${client}`, () => {
      const login = { url: url('/locked'), url_username: 'me', url_password: 's"e\\c ret' };
      assert.equal(perform(uri, login, { client }).failed, undefined);
      assert.equal(perform(uri, { ...login, force_basic_auth: true }, { client }).failed, undefined);
      const { failed, result } = perform(uri, { url: url('/locked') }, { client });
      assert.match(failed ?? '', /Status code was 401 and not \[200\]: HTTP Error 401: Unauthorized/);
      assert.equal(result.status, 401);
    });

    it(`says why there is no answer, by ${client}`, () => {
      const { failed, result } = perform(uri, { url: 'http://127.0.0.1:1/' }, { client });
      assert.match(failed ?? '', /Status code was -1 and not \[200\]: Request failed: .*[Rr]efused|connect/s);
      assert.equal(result.status, -1);
      assert.match(perform(uri, { url: url('/nope') }, { client }).failed ?? '', /HTTP Error 404: Not Found/);
    });

    it(`downloads a file, by ${client}`, () => {
      const dest = join(root, `${client}-file`);
      const sum = { checksum: `sha256:${url('/sums')}`, mode: '0640' };
      const first = perform(get_url, { url: url('/file'), dest, ...sum }, { client, seen: seen(dest, null) });
      assert.deepEqual([first.failed, first.changed], [undefined, true]);
      assert.equal(readFileSync(dest, 'utf8'), 'hello');
      assert.equal(statSync(dest).mode & 0o7777, 0o640);
      assert.deepEqual(
        [first.result.checksum_src, first.result.checksum_dest, first.result.mode, first.result.size],
        ['aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d', null, '0640', 5],
      );
      const there = seen(dest, { kind: 'file', mode: 0o640, content: { text: 'hello' } });
      const again = perform(get_url, { url: url('/file'), dest, force: true, ...sum }, { client, seen: there });
      assert.deepEqual([again.failed, again.changed], [undefined, false]);
    });

    it(`leaves what was there if the file is not the right one, by ${client}`, () => {
      const dest = join(root, `${client}-wrong`);
      writeFileSync(dest, 'old');
      const there = seen(dest, { kind: 'file', mode: 0o644, content: { text: 'old' } });
      const wrong = { url: url('/file'), dest, force: true, checksum: `md5:${'0'.repeat(32)}` };
      assert.match(
        perform(get_url, wrong, { client, seen: there }).failed ?? '',
        /checksum 5d41402abc4b2a76b9719d911017c592, not 000/,
      );
      const gone = { url: url('/gone'), dest, force: true };
      assert.equal(perform(get_url, gone, { client, seen: there }).failed, 'Request failed: HTTP Error 404: Not Found');
      assert.equal(readFileSync(dest, 'utf8'), 'old');
    });
  }

  it('keeps what was answered', () => {
    const dest = join(root, 'kept');
    const { failed, changed, result } = perform(uri, { url: url('/file'), dest }, { seen: seen(dest, null) });
    assert.deepEqual([failed, changed, result.path, readFileSync(dest, 'utf8')], [undefined, true, dest, 'hello']);
    const other = join(root, 'not-kept');
    assert.match(perform(uri, { url: url('/nope'), dest: other }, { seen: seen(other, null) }).failed ?? '', /404/);
    assert.ok(!existsSync(other));
  });

  it('names the package to install where there is no client', () => {
    const dest = join(root, 'never');
    const { failed } = perform(get_url, { url: url('/file'), dest }, { client: 'neither', seen: seen(dest, null) });
    assert.match(failed ?? '', /neither curl nor GNU wget on the host: install the package curl/);
    assert.match(perform(uri, { url: url('/file') }, { client: 'neither' }).failed ?? '', /install the package curl/);
  });

  it('has no secret in a command line and leaves nothing behind', () => {
    const secret = { url_username: 'me', url_password: 'hush-1', headers: { Authorization: 'hush-2' }, body: 'hush-3' };
    const { script } = perform(uri, { url: `${url('/echo')}?token=hush-4`, method: 'POST', ...secret });
    for (const line of script.text.split('\n').filter((one) => one.includes('hush'))) {
      assert.doesNotMatch(line, /^\s*(curl|wget) /);
    }
    for (const n of [1, 2, 3, 4]) assert.match(script.text, new RegExp(`hush-${n}`));
    assert.deepEqual(
      readdirSync(root).filter((name) => name.startsWith('.rb-web-')),
      [],
    );
  });

  it('is a program that shellcheck takes', () => {
    const dest = join(root, 'checked');
    const kept = { url: url('/file'), dest, method: 'POST', body: 'x', status_code: '200,201' };
    const sums = { url: url('/file'), dest, checksum: `sha256:${url('/sums')}` };
    const there = seen(dest, null);
    const programs = { uri: perform(uri, kept, { seen: there }), get_url: perform(get_url, sums, { seen: there }) };
    assert.equal(shellcheck({ uri: programs.uri.script, get_url: programs.get_url.script }), '');
  });
});

describe('waiting', () => {
  for (const by of SHELLS) {
    it(`is over when it is so, by ${by}`, () => {
      const file = join(root, `ready-${by}`);
      writeFileSync(file, 'starting\nlistening on 8080 as me\n');
      const found = perform(
        wait_for,
        { path: file, search_regex: '^listening on (?P<port>\\d+)( never)?', timeout: 5 },
        { by },
      );
      assert.equal(found.failed, undefined);
      assert.deepEqual([found.result.match_groups, found.result.match_groupdict], [['8080', null], { port: '8080' }]);
      assert.equal(perform(wait_for, { path: file, timeout: 5 }, { by }).failed, undefined);
      assert.equal(perform(wait_for, { path: `${file}.not`, state: 'absent', timeout: 5 }, { by }).failed, undefined);
    });
  }

  it('is over when the time is', () => {
    const never = { path: join(root, 'never'), timeout: 1 };
    assert.equal(perform(wait_for, never).failed, `Timeout when waiting for file ${never.path}`);
    assert.equal(perform(wait_for, { ...never, msg: 'too late' }).failed, 'too late');
    const { failed, result } = perform(wait_for, { timeout: 1 });
    assert.equal(failed, undefined);
    assert.ok(Number(result.elapsed) >= 1, 'it has waited');
    assert.match(
      perform(wait_for, { path: import.meta.filename, search_regex: '(', timeout: 1 }).failed ?? '',
      /search_regex/,
    );
  });

  it('tries ports', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-Lab\r\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    try {
      assert.equal(perform(wait_for, { port, timeout: 3 }).failed, undefined);
      const stopped = perform(wait_for, { port, state: 'stopped', timeout: 1 });
      assert.equal(stopped.failed, `Timeout when waiting for 127.0.0.1:${port} to stop.`);
    } finally {
      server.close();
    }
    assert.equal(perform(wait_for, { port: 1, state: 'stopped', timeout: 3 }).failed, undefined);
    assert.equal(perform(wait_for, { port: 1, timeout: 1 }).failed, 'Timeout when waiting for 127.0.0.1:1');
    assert.equal(perform(wait_for, { port: 1, state: 'drained', timeout: 1 }).failed, undefined);
  });

  it('knows addresses as the kernel prints them', () => {
    assert.deepEqual(procAddresses('127.0.0.1'), ['0100007F', '0000000000000000FFFF00000100007F']);
    assert.deepEqual(procAddresses('::1'), ['00000000000000000000000001000000']);
    assert.deepEqual(procAddresses('2001:db8::ff00:42:8329'), ['B80D01200000000000FF000029834200']);
    assert.equal(procAddresses('example.com'), undefined);
  });
});
