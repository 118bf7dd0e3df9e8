import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { createSecrets } from '../../engine/secrets/secrets.ts';
import { encryptAge, openAge } from '../../engine/vault/age/age_file.ts';
import { ageIdentities } from '../../engine/vault/age/identities.ts';
import { readRecipient } from '../../engine/vault/age/keys.ts';
import { decrypt, deriveKey, encrypt } from '../../engine/vault/cipher.ts';
import { closeEnvelope, openEnvelope } from '../../engine/vault/envelope.ts';
import { runbookCommand } from '../lab/controllers.ts';
import { atTerminal } from '../lab/terminal.ts';

const dir = mkdtempSync(join(tmpdir(), 'runbook-vault-'));
after(() => rmSync(dir, { recursive: true }));

function run(program: string, args: readonly string[], input: string | Uint8Array = ''): Buffer {
  const ended = spawnSync(program, args, { cwd: dir, input, maxBuffer: 1 << 28 });
  assert.equal(ended.status, 0, `${program} ${args.join(' ')}: ${ended.stderr}`);
  return ended.stdout;
}

const CONTENTS: readonly Buffer[] = [
  Buffer.from(''),
  Buffer.from('hunter2'),
  Buffer.from('lines\nof\ntext, with ünïcode\n'),
  Buffer.from(fc.sample(fc.uint8Array({ minLength: 1000, maxLength: 1000 }), { seed: 1, numRuns: 1 })[0] ?? []),
  Buffer.alloc(16, 'a full block!!!!'),
];
/** `default` has no label of its own; passwords are bytes. */
const PASSWORDS: readonly (readonly [string, string])[] = [
  ['default', 'correct horse'],
  ['prod', 'pässwörd'],
];

for (const [label, password] of PASSWORDS) {
  test(`ansible-vault reads what we encrypt, and we what it encrypts, with the label ${label}`, () => {
    writeFileSync(join(dir, 'pw'), `${password}\n`);
    for (const [index, plain] of CONTENTS.entries()) {
      writeFileSync(join(dir, 'ours'), closeEnvelope(encrypt(plain, Buffer.from(password), label)));
      const theirs = run('ansible-vault', ['decrypt', '--vault-id', `${label}@pw`, '--output', '-', 'ours']);
      assert.deepEqual(theirs, plain, `content ${index}`);
      writeFileSync(join(dir, 'plain'), plain);
      const sealed = run('ansible-vault', ['encrypt', '--vault-id', `${label}@pw`, '--output', '-', 'plain']);
      const envelope = openEnvelope(sealed.toString('latin1'));
      assert.ok(typeof envelope !== 'string', String(envelope));
      assert.equal(envelope.label, label);
      assert.deepEqual(decrypt(envelope, deriveKey(Buffer.from(password), envelope.salt)), plain, `content ${index}`);
    }
  });
}

/** What is typed at a prompt is not shown. */
async function typing(args: readonly string[], turns: readonly (readonly [RegExp, string])[]) {
  const answers = turns.map(([when, text]) => ({ when, type: `${text}\r` }));
  const session = await atTerminal(await runbookCommand(dir, args), answers);
  assert.equal(session.turns, turns.length, session.screen);
  for (const [, text] of turns) assert.ok(!session.screen.includes(text), session.screen);
  return session;
}

test('a password that is typed encrypts what ansible-vault opens with it; one that is mistyped encrypts nothing', async () => {
  const file = join(dir, 'typed');
  writeFileSync(file, 'hunter2');
  writeFileSync(join(dir, 'pw'), 'typed-password');
  const asked = [/New vault password: $/, 'typed-password'] as const;
  const mistyped = await typing(['vault', 'encrypt', file], [asked, [/Confirm/, 'typed-passwort']]);
  assert.equal(mistyped.code, 1);
  assert.match(mistyped.screen, /not the same/);
  assert.equal(readFileSync(file, 'utf8'), 'hunter2');
  const typed = await typing(['vault', 'encrypt', file], [asked, [/Confirm/, 'typed-password']]);
  assert.equal(typed.code, 0, typed.screen);
  assert.equal(run('ansible-vault', ['decrypt', '--vault-id', 'pw', '--output', '-', file]).toString(), 'hunter2');
  const viewed = await typing(['vault', 'view', file], [[/Vault password: $/, 'typed-password']]);
  assert.match(viewed.screen, /hunter2/);
  const rekeyed = await typing(
    ['vault', 'rekey', file, '-J'],
    [
      [/Vault password: $/, 'typed-password'],
      [/New vault/, 'another-password'],
      [/Confirm/, 'another-password'],
    ],
  );
  assert.equal(rekeyed.code, 0, rekeyed.screen);
  writeFileSync(join(dir, 'pw'), 'another-password');
  assert.equal(run('ansible-vault', ['decrypt', '--vault-id', 'pw', '--output', '-', file]).toString(), 'hunter2');
  const value = await typing(['vault', 'encrypt-string', '--vault-id', 'pw'], [[/Text to encrypt/, 'typed-value']]);
  assert.match(value.screen, /!vault \|\r\n {10}\$ANSIBLE_VAULT;1\.1;AES256/);
});

test('ansible reads a value that we encrypted, and takes it for no template as we do', () => {
  writeFileSync(join(dir, 'pw'), 'correct horse');
  const text = closeEnvelope(encrypt(Buffer.from('a {{ b }}'), Buffer.from('correct horse'), 'default'));
  const value = text.replace(/^/gm, '      ');
  writeFileSync(
    join(dir, 'play.yml'),
    `- hosts: localhost\n  gather_facts: false\n  vars:\n    x: !vault |\n${value}\n  tasks:\n    - debug: {msg: "<{{ x }}>"}\n`,
  );
  const said = run('ansible-playbook', ['-i', 'localhost,', '-c', 'local', '--vault-id', 'pw', 'play.yml']);
  assert.match(said.toString(), /<a \{\{ b \}\}>/);
});

test('age reads what we encrypt, and we what it encrypts', () => {
  run('age-keygen', ['-o', 'key.txt']);
  const recipient = run('age-keygen', ['-y', 'key.txt']).toString().trim();
  const key = readRecipient(recipient);
  assert.ok(key, `${recipient} is read`);
  const identities = ageIdentities([join(dir, 'key.txt')], createSecrets());
  for (const plain of [...CONTENTS, Buffer.alloc(65_536), Buffer.alloc(200_000, 'x')]) {
    writeFileSync(join(dir, 'ours.age'), encryptAge(plain, [key]));
    assert.deepEqual(run('age', ['-d', '-i', 'key.txt', 'ours.age']), plain);
    for (const args of [
      ['-r', recipient],
      ['-a', '-r', recipient],
    ]) {
      const opened = openAge('theirs.age', run('age', args, plain), identities);
      assert.ok(opened.ok && opened.value.plain.equals(plain), `${plain.length} bytes, ${args[0]}`);
    }
  }
});
