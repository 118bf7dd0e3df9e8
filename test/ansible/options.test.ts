import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import fc from 'fast-check';
import type { Ref, Seen, View } from '../../engine/planning/contracts.ts';
import { keyOf } from '../../engine/planning/contracts.ts';
import { bytesOf } from '../../engine/resources/content.ts';
import type { FileValue } from '../../engine/resources/path_value.ts';
import { find } from '../../modules/files/find.ts';
import { ini_file } from '../../modules/files/ini_file.ts';
import { known_hosts } from '../../modules/system/known_hosts.ts';
import { type Case, planCase } from '../cases/driver.ts';
import { bindParams } from '../cases/params.ts';
import { IN_DEPTH } from '../lab/in_depth.ts';
import { runProgram } from '../resources/local_shell.ts';
import { runAlone } from './run_modules.ts';

let root = '';
before(() => {
  root = mkdtempSync(join(tmpdir(), 'rb-options-'));
});
after(() => rmSync(root, { recursive: true, force: true }));

const line = fc.constantFrom(
  '[a]',
  '[b]',
  'x = 1',
  'x=1',
  '# x = 1',
  ';x=2',
  'x',
  'x =',
  '  x = 2',
  'y = 1',
  '',
  '; note',
);
const text = fc
  .tuple(fc.array(line, { maxLength: 8 }), fc.boolean())
  .map(([lines, ended]) => lines.join('\n') + (ended && lines.length > 0 ? '\n' : ''));
const option = fc
  .record(
    {
      section: fc.constantFrom('a', 'b', 'c'),
      option: fc.constantFrom('x', 'y', 'z.*'),
      values: fc.uniqueArray(fc.constantFrom('1', '2', '3 4'), { minLength: 1, maxLength: 3 }),
      state: fc.constantFrom('present', 'present', 'absent'),
      exclusive: fc.boolean(),
      no_extra_spaces: fc.boolean(),
      allow_no_value: fc.boolean(),
    },
    { requiredKeys: ['option'] },
  )
  // Ansible adds a line without a value to those that have the values.
  .map(({ allow_no_value, ...rest }) =>
    'values' in rest ? rest : { ...rest, allow_no_value: allow_no_value ?? true },
  );

it('sets options as community.general does', () => {
  const samples = fc.sample(fc.tuple(option, text), { numRuns: IN_DEPTH ? 200 : 70, seed: 3 });
  const files = samples.map(([, before], i) => {
    const path = join(root, String(i));
    writeFileSync(path, before);
    return path;
  });
  const theirs = runAlone(samples.map(([params], i) => ['community.general.ini_file', { ...params, path: files[i] }]));
  samples.forEach(([params, before], i) => {
    const one: Case = { name: '', params: { ...params, path: '/f' }, state: { 'path:/f': { text: before } } };
    const planned = planCase(ini_file as never, one);
    const where = JSON.stringify([params, before, theirs[i]]);
    assert.equal(
      planned.wish.failed !== undefined,
      theirs[i]?.failed === true,
      `${where} ${planned.wish.failed?.message}`,
    );
    if (theirs[i]?.failed === true) return;
    const known = planned.after.get('path:/f');
    const content = known !== undefined && 'value' in known ? (known.value as FileValue).content : undefined;
    const ours = content === undefined ? undefined : Buffer.from(bytesOf(content) as Uint8Array).toString('utf8');
    assert.equal(ours, readFileSync(files[i] as string, 'utf8'), where);
    assert.equal(planned.steps.length > 0, theirs[i]?.changed, where);
    assert.equal(planned.wish.result?.msg, theirs[i]?.msg, where);
  });
});

/** The module on this machine itself, looks included. */
function look(module: typeof find, given: Record<string, unknown>) {
  const params = bindParams(module, given) as never;
  const seen = new Map<string, Seen>();
  const known = (ref: Ref) => seen.get(`${keyOf(ref)} ${ref.aspects}`);
  const view = {
    now: Date.now(),
    peek: (ref: Ref) => {
      const one = known(ref);
      return one === undefined ? undefined : 'value' in one ? one.value : undefined;
    },
    get: (ref: Ref) => {
      const one = known(ref);
      return one !== undefined && 'value' in one ? one.value : null;
    },
    problem: (ref: Ref) => {
      const one = known(ref);
      return one !== undefined && 'error' in one ? one.error : undefined;
    },
  } as unknown as View;
  for (let unseen = module.looksAt(params, view); unseen.length > 0; ) {
    for (const ref of unseen) {
      const [first] = ref.type.parse(runProgram(ref.type.collect([ref])), [ref]);
      seen.set(`${keyOf(ref)} ${ref.aspects}`, first as Seen);
    }
    unseen = module.looksAt(params, view).filter((ref) => known(ref) === undefined);
  }
  return module.wants(params, view).result as { files: Record<string, unknown>[]; matched: number };
}

const searches: readonly Record<string, unknown>[] = [
  {},
  { recurse: true },
  { recurse: true, hidden: true, file_type: 'any' },
  { recurse: true, depth: 2, get_checksum: true },
  { recurse: true, patterns: ['*.log', 'a*'], excludes: ['ab*'] },
  { recurse: true, patterns: 'a', use_regex: true, excludes: '.*b' },
  { file_type: 'directory' },
  { file_type: 'link', recurse: true },
  { recurse: true, follow: true },
  { recurse: true, age: '1h' },
  { recurse: true, age: '-1h' },
  { recurse: true, size: '10' },
  { recurse: true, size: '-1k' },
  { recurse: true, contains: 'b' },
  { recurse: true, contains: '.*c$' },
  { recurse: true, contains: 'b\\nc', read_whole_file: true },
];

it('finds what Ansible finds, and tells of it what Ansible tells', () => {
  const top = join(root, 'tree');
  mkdirSync(join(top, 'sub/deep/.git'), { recursive: true });
  for (const [name, content] of Object.entries({
    'a.log': 'a\nb\nc\n',
    ab: 'bc\n',
    'sub/a b.log': 'x'.repeat(2000),
    'sub/deep/c': '',
    'sub/deep/.git/config': 'b\n',
    '.hidden': 'b\n',
    'odd\nname': '\u00e9c\n',
  })) {
    writeFileSync(join(top, name), content);
  }
  writeFileSync(join(top, 'latin1'), Buffer.from([0x62, 0xe9]));
  utimesSync(join(top, 'ab'), 1e9, 1e9);
  symlinkSync('sub', join(top, 'link'));
  symlinkSync('nowhere', join(top, 'broken'));
  const theirs = runAlone(searches.map((search) => ['find', { paths: [top], ...search }]));
  for (const [i, search] of searches.entries()) {
    const ours = look(find, { paths: top, ...search });
    const their = theirs[i] as unknown as typeof ours;
    const sorted = (rows: Record<string, unknown>[]) =>
      rows.map(({ atime: _, ...row }) => row).sort((a, b) => (String(a.path) < String(b.path) ? -1 : 1));
    const close = (rows: Record<string, unknown>[]) =>
      sorted(rows).map((row) => ({
        ...row,
        mtime: Math.floor(Number(row.mtime)),
        ctime: Math.floor(Number(row.ctime)),
      }));
    assert.deepEqual(close(ours.files), close(their.files), JSON.stringify(search));
    assert.equal(ours.matched, their.matched);
  }
});

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJmYmN0LT7BqEX3F7sYdUG2ZS2UEqG7cJNHXQ5PxyeYv';
const OTHER = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)}`;
const SALTED = `|1|AAAAAAAAAAAAAAAAAAAAAAAAAAA=|HASH ${KEY}`;

it('keeps known hosts as Ansible does', () => {
  const salted = SALTED.replace('HASH', 'be66brxS97XLiwfT53/Wq7vFTVs=');
  const texts = ['', `db ${KEY}\n`, `# x\nweb,db ${OTHER}\nweb ${KEY}\n`, `${salted}\n`, `[db]:2222 ${KEY}\n`];
  const calls = texts.flatMap((before) => [
    { before, params: { name: 'db', key: `db ${KEY}` } },
    { before, params: { name: 'db', state: 'absent' } },
    // Ansible takes out whatever key of the type is there.
    ...(before.includes(OTHER) ? [] : [{ before, params: { name: 'db', key: `db ${KEY}`, state: 'absent' } }]),
    { before, params: { name: '[db]:2222', key: `[db]:2222 ${OTHER}` } },
  ]);
  const files = calls.map(({ before }, i) => {
    const path = join(root, `known${i}`);
    writeFileSync(path, before);
    return path;
  });
  const theirs = runAlone(calls.map(({ params }, i) => ['known_hosts', { ...params, path: files[i] }]));
  calls.forEach(({ before, params }, i) => {
    const one: Case = { name: '', params: { ...params, path: '/f' }, state: { 'path:/f': { text: before } } };
    const planned = planCase(known_hosts as never, one);
    const known = planned.after.get('path:/f');
    const content = known !== undefined && 'value' in known ? (known.value as FileValue).content : undefined;
    const where = JSON.stringify([before, params, theirs[i]]);
    assert.equal(planned.steps.length > 0, theirs[i]?.changed === true, where);
    assert.equal((content as { text: string }).text, readFileSync(files[i] as string, 'utf8'), where);
  });
});
