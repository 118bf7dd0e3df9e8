import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');
const SECRET = 'canary-of-the-vault';
const dir = mkdtempSync(join(tmpdir(), 'runbook-vault-'));
const runtime = join(dir, 'runtime');
mkdirSync(runtime);
after(() => rmSync(dir, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onStart?: (child: ChildProcess) => void;
}

function runbook(args: readonly string[], { stdin = '', env = {}, onStart }: Given = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const home = { HOME: dir, XDG_RUNTIME_DIR: runtime, NO_COLOR: '1', ANSIBLE_VAULT_PASSWORD_FILE: '' };
    const child = spawn(process.execPath, [CLI, ...args], { cwd: dir, env: { ...process.env, ...home, ...env } });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      output.stdout += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      output.stderr += String(chunk);
    });
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    onStart?.(child);
    child.once('close', (code) => resolve({ code, ...output }));
  });
}

function file(name: string, text: string, mode = 0o644): string {
  const path = join(dir, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  return name;
}

const read = (name: string): string => readFileSync(join(dir, name), 'utf8');
const modeOf = (name: string): number => statSync(join(dir, name)).mode & 0o7777;

file('pw', 'one\n', 0o600);
file('pw2', 'two\n', 0o600);
file('program', '#!/bin/sh\necho one\n', 0o700);
file('broken', '#!/bin/sh\nexit 3\n', 0o700);
file('ask-client', '#!/bin/sh\n[ "$1 $2" = "--vault-id prod" ] && echo one\n', 0o700);

async function done(args: readonly string[], given?: Given): Promise<Ended> {
  const ended = await runbook(args, given);
  assert.equal(ended.code, 0, ended.stderr);
  return ended;
}

async function refused(args: readonly string[], says: RegExp, given?: Given): Promise<Ended> {
  const ended = await runbook(args, given);
  assert.equal(ended.code, 1, ended.stdout + ended.stderr);
  assert.match(ended.stderr, says);
  return ended;
}

describe('files', () => {
  test('are encrypted and decrypted in place; what others could read they no longer can', async () => {
    file('a.yml', `a: ${SECRET}\n`, 0o644);
    await done(['vault', 'encrypt', 'a.yml', '--vault-password-file', 'pw']);
    assert.match(read('a.yml'), /^\$ANSIBLE_VAULT;1\.1;AES256\n[0-9a-f\n]+$/);
    assert.equal(modeOf('a.yml'), 0o600);
    assert.equal((await done(['vault', 'view', 'a.yml', '--vault-id', 'program'])).stdout, `a: ${SECRET}\n`);
    chmodSync(join(dir, 'a.yml'), 0o640);
    const ended = await done(['vault', 'decrypt', 'a.yml', '--vault-id', 'any@pw']);
    assert.match(ended.stderr, /mode 0640/);
    assert.equal(read('a.yml'), `a: ${SECRET}\n`);
    assert.equal(modeOf('a.yml'), 0o640);
    assert.deepEqual(
      readdirSync(dir).filter((name) => name.startsWith('.a.yml')),
      [],
    );
  });

  test('a closed mode stays, a link stays a link, and nothing is done twice', async () => {
    file('target', SECRET, 0o400);
    symlinkSync('target', join(dir, 'link'));
    await done(['vault', 'encrypt', 'link', '--vault-id', 'prod@pw']);
    assert.match(read('target'), /^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/);
    assert.equal(modeOf('target'), 0o400);
    await refused(['vault', 'encrypt', 'link', '--vault-id', 'pw'], /encrypted already/);
    await refused(['vault', 'view', 'pw', '--vault-id', 'pw'], /not encrypted/);
  });

  test('one wrong file leaves all as they were', async () => {
    file('b.yml', 'b: 1\n');
    await done(['vault', 'encrypt', 'b.yml', '--vault-id', 'pw']);
    file('c.yml', 'c: 1\n');
    const before = read('b.yml');
    await refused(['vault', 'decrypt', 'b.yml', 'c.yml', '--vault-id', 'pw'], /c\.yml is not encrypted/);
    await refused(['vault', 'decrypt', 'b.yml', 'no.yml', '--vault-id', 'pw'], /no\.yml is not there/);
    assert.equal(read('b.yml'), before);
  });

  test('pass through stdin and stdout, and to another file', async () => {
    const sealed = await done(['vault', 'encrypt', '--vault-id', 'pw'], { stdin: SECRET });
    const opened = await done(['vault', 'decrypt', '-', '--vault-id', 'pw'], { stdin: sealed.stdout });
    assert.equal(opened.stdout, SECRET);
    file('d', SECRET);
    await done(['vault', 'encrypt', 'd', '--output', 'd.out', '--vault-id', 'pw']);
    assert.equal(read('d'), SECRET);
    assert.equal(modeOf('d.out'), 0o600);
    await refused(['vault', 'encrypt', 'd', 'c.yml', '--output', 'x', '--vault-id', 'pw'], /one file/);
  });

  test('get another password', async () => {
    file('e', SECRET);
    await done(['vault', 'encrypt', 'e', '--vault-id', 'old@pw']);
    await done(['vault', 'rekey', 'e', '--vault-id', 'old@pw', '--new-vault-id', 'new@pw2']);
    assert.match(read('e'), /^\$ANSIBLE_VAULT;1\.2;AES256;new\n/);
    assert.equal((await done(['vault', 'view', 'e', '--vault-id', 'pw', '--vault-id', 'pw2'])).stdout, SECRET);
    const locked = await refused(['vault', 'view', 'e', '--vault-id', 'pw'], /vault id `new`.*tried --vault-id pw/s);
    assert.match(locked.stderr, /--vault-id new@/);
    await done(['vault', 'rekey', 'e', '--vault-id', 'pw2', '--new-vault-password-file', 'pw'], {
      env: { ANSIBLE_VAULT_PASSWORD_FILE: 'pw2' },
    });
    assert.match(read('e'), /^\$ANSIBLE_VAULT;1\.1;AES256\n/);
  });
});

describe('passwords', () => {
  test('come from programs, and from the environment; a client is told the label', async () => {
    file('f', SECRET);
    await done(['vault', 'encrypt', 'f'], { env: { ANSIBLE_VAULT_PASSWORD_FILE: 'program' } });
    assert.equal((await done(['vault', 'view', 'f', '--vault-id', 'prod@ask-client'])).stdout, SECRET);
    await refused(['vault', 'view', 'f', '--vault-id', 'dev@ask-client'], /exit status 1/);
    await refused(['vault', 'view', 'f', '--vault-password-file', 'broken'], /exit status 3/);
  });
  test('that are not there, or are several, are told', async () => {
    await refused(['vault', 'view', 'f', '--vault-password-file', 'nowhere'], /no such file/);
    await refused(['vault', 'view', 'f', '--vault-password-file', '.'], /directory/);
    file('empty', '\n');
    await refused(['vault', 'view', 'f', '--vault-password-file', 'empty'], /empty/);
    await refused(['vault', 'encrypt', 'd', '--vault-id', 'a@pw', '--vault-id', 'b@pw2'], /--encrypt-vault-id: a, b/);
    await refused(['vault', 'encrypt', 'd', '--vault-id', 'a@pw', '--encrypt-vault-id', 'c'], /called `c`/);
    const two = ['vault', 'encrypt', 'd', '--output', '-', '--vault-id', 'a@pw', '--vault-id', 'b@pw2'];
    assert.match((await done([...two, '--encrypt-vault-id', 'b'])).stdout, /;b\n/);
  });
});

describe('values', () => {
  test('are printed for a YAML file, and read from it', async () => {
    const made = await done(['vault', 'encrypt-string', '-n', 'secret', '--vault-id', 'prod@pw'], { stdin: SECRET });
    assert.match(made.stdout, /^secret: !vault \|\n {10}\$ANSIBLE_VAULT;1\.2;AES256;prod\n {10}[0-9a-f]{80}\n/);
    assert.equal(made.stderr, '');
    file('vars.yml', made.stdout);
    const play = file(
      'play.yml',
      '- hosts: localhost\n  connection: local\n  gather_facts: false\n  vars_files: [vars.yml]\n' +
        '  tasks:\n    - debug: {msg: "{{ secret | length }} <{{ secret }}>"}\n',
    );
    const args = ['plan', play, '-i', 'localhost,', '-c', 'local'];
    const planned = await done([...args, '--vault-id', 'pw']);
    assert.match(planned.stdout, new RegExp(`${SECRET.length} <\\*{8}>`));
    const locked = await refused([...args, '--vault-id', 'pw2'], /vars\.yml:1:\d+/);
    assert.match(locked.stderr, /vault id `prod`.*tried --vault-id pw2/s);
    await refused(args, /no password is given/);
    // Nothing needs it, so nothing is asked for.
    file(
      'play.yml',
      '- hosts: localhost\n  gather_facts: false\n  vars_files: [vars.yml]\n  tasks:\n    - debug: {msg: hi}\n',
    );
    await done(args);
  });
  test('on the command line, and with a line end, are warned of', async () => {
    const given = await done(['vault', 'encrypt-string', SECRET, '--vault-id', 'pw']);
    assert.match(given.stderr, /command line/);
    assert.ok(!given.stderr.includes(SECRET));
    assert.match((await done(['vault', 'encrypt-string', '--vault-id', 'pw'], { stdin: 'x\n' })).stderr, /line end/);
    await refused(['vault', 'encrypt-string', '--vault-id', 'pw'], /nothing on stdin/);
  });
});

describe('edit', () => {
  const editor = (script: string): Record<string, string> => {
    file('editor', `#!/bin/sh\nf=$1\n${script}\n`, 0o700);
    return { VISUAL: join(dir, 'editor'), EDITOR: '/bin/false' };
  };
  async function fresh(): Promise<void> {
    file('g.yml', `g: ${SECRET}\n`);
    await done(['vault', 'encrypt', 'g.yml', '--vault-id', 'prod@pw']);
  }
  const seen = (): string => read('seen');
  /** What an edit left in the clear. */
  const left = (): readonly string[] => {
    const path = seen().trim().split('\n')[0] as string;
    return existsSync(dirname(path)) ? [path] : [];
  };

  test('encrypts what the editor made of it, as it was', async () => {
    await fresh();
    const env = editor(
      `{ echo "$f"; stat -c %a "$f" "$(dirname "$f")"; stat -f -c %T "$f"; } > ${join(dir, 'seen')}\n` +
        `cp "$f" "$f~"; echo more >> "$f"`,
    );
    await done(['vault', 'edit', 'g.yml', '--vault-id', 'pw'], { env });
    assert.match(read('g.yml'), /^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/);
    assert.equal((await done(['vault', 'view', 'g.yml', '--vault-id', 'pw'])).stdout, `g: ${SECRET}\nmore\n`);
    assert.match(seen(), /\/g\.yml\n600\n700\n/);
    if (existsSync('/dev/shm')) assert.match(seen(), /tmpfs|ramfs/);
    assert.deepEqual(left(), []);
  });
  test('leaves a file alone that was not changed, and one whose editor failed', async () => {
    await fresh();
    const before = read('g.yml');
    assert.match(
      (await done(['vault', 'edit', 'g.yml', '--vault-id', 'pw'], { env: editor('true') })).stderr,
      /unchanged/,
    );
    const failing = editor(`echo "$f" > ${join(dir, 'seen')}; echo more >> "$f"; exit 1`);
    await refused(['vault', 'edit', 'g.yml', '--vault-id', 'pw'], /exit status 1/, { env: failing });
    assert.equal(read('g.yml'), before);
    assert.deepEqual(left(), []);
    await refused(['vault', 'edit', 'g.yml', '--vault-id', 'pw'], /cannot be run/, { env: { VISUAL: '/nowhere/ed' } });
  });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    test(`leaves nothing in the clear on ${signal}`, async () => {
      await fresh();
      rmSync(join(dir, 'seen'), { force: true });
      const before = read('g.yml');
      const env = editor(`echo more >> "$f"; echo "$f" > ${join(dir, 'seen')}; exec sleep 60`);
      const ended = await runbook(['vault', 'edit', 'g.yml', '--vault-id', 'pw'], {
        env,
        onStart: async (child) => {
          while (!existsSync(join(dir, 'seen')) || seen() === '') await setTimeout(20);
          child.kill(signal);
        },
      });
      assert.notEqual(ended.code, 0);
      assert.match(ended.stderr, /the file is as it was/);
      assert.equal(read('g.yml'), before);
      assert.deepEqual(left(), []);
    });
  }
});

describe('age', () => {
  // Made by age-keygen for this test.
  const KEY = 'AGE-SECRET-KEY-1Z430PA3FYGY0FGUALZ099EZWMPRTV2SZ6KYHN0G2X3UGKUDN4MPQJPA0VF';
  const RECIPIENT = 'age1xylnajhxc4c4hz9xj6k7gnr22lel2cre9u95mduamwxntsqdqecqgrml99';

  test('encrypts to a recipient, and to those of the inventory; variables are read from it', async () => {
    file('key.txt', `# a key\n${KEY}\n`, 0o600);
    file('inv/hosts.yml', `all: {hosts: {localhost: {}}, vars: {runbook_age_recipients: [${RECIPIENT}]}}\n`);
    file('inv/group_vars/all.yml', `h: ${SECRET}\nport: 54321\n`);
    await done(['vault', 'encrypt', '--age', '-i', 'inv/hosts.yml', 'inv/group_vars/all.yml']);
    assert.ok(!existsSync(join(dir, 'inv/group_vars/all.yml')));
    assert.match(read('inv/group_vars/all.yml.age'), /^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    assert.equal(modeOf('inv/group_vars/all.yml.age'), 0o600);
    const play = file(
      'age.yml',
      '- hosts: localhost\n  connection: local\n  gather_facts: false\n' +
        '  tasks:\n    - debug: {msg: "{{ h | length }} <{{ h }}:{{ port + 1 }}>"}\n',
    );
    const args = ['plan', play, '-i', 'inv/hosts.yml'];
    const planned = await done([...args, '--age-identity', 'key.txt']);
    assert.match(planned.stdout, new RegExp(`${SECRET.length} <\\*{8}:54322>`));
    await refused(args, /all\.yml\.age.*there is no identity/s);
    await done(args, { env: { RUNBOOK_AGE_IDENTITY_FILE: 'key.txt' } });
    file('.config/runbook/identity.txt', KEY, 0o600);
    await done(args);
    file('age_source.age', 'not encrypted');
    await refused(['vault', 'view', 'age_source.age'], /not encrypted/);
    const edited = `#!/bin/sh\necho more: 1 >> "$1"\n`;
    file('editor', edited, 0o700);
    const env = { VISUAL: join(dir, 'editor') };
    await done(['vault', 'edit', 'inv/group_vars/all.yml.age', '-r', RECIPIENT], { env });
    await done(['vault', 'decrypt', 'inv/group_vars/all.yml.age']);
    assert.equal(read('inv/group_vars/all.yml'), `h: ${SECRET}\nport: 54321\nmore: 1\n`);
  });
  test('without a recipient, or with a wrong one, says so', async () => {
    file('i', SECRET);
    await refused(['vault', 'encrypt', '--age', '-i', 'localhost,', 'i'], /no recipient/);
    await refused(['vault', 'encrypt', '-r', 'age1xyz', 'i'], /`age1xyz` is no recipient/);
    assert.equal(read('i'), SECRET);
  });
});
