import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
