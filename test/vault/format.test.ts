import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { decrypt, deriveKey, encrypt } from '../../engine/vault/cipher.ts';
import { closeEnvelope, type Envelope, isVaultText, openEnvelope } from '../../engine/vault/envelope.ts';

const PASSWORD = Buffer.from('correct horse');

/** `printf 'canary\n' | ansible-vault encrypt`, ansible-core 2.14, with the password above. */
const MADE_BY_ANSIBLE = `$ANSIBLE_VAULT;1.1;AES256
32383164666630356266656465633064333561396362323565356463323836326361333064666338
6136616236383837636263656235346430376438313962630a336539333661323563363663333636
61633932653438313362393532376432306335353461376135333335616631376362363433323262
6339373865663336630a623934396537323765353037663535636532333936383965313238376132
3837
`;

function open(text: string): Envelope {
  const envelope = openEnvelope(text);
  assert.ok(typeof envelope !== 'string', String(envelope));
  return envelope;
}

function plainOf(text: string, password: Buffer): string | undefined {
  const envelope = open(text);
  return decrypt(envelope, deriveKey(password, envelope.salt))?.toString('utf8');
}

test('what Ansible encrypted is opened', () => {
  assert.equal(plainOf(MADE_BY_ANSIBLE, PASSWORD), 'canary\n');
  assert.equal(plainOf(MADE_BY_ANSIBLE.replaceAll('\n', '\r\n   '), PASSWORD), 'canary\n');
});

test('a wrong password, and a changed text, open nothing', () => {
  assert.equal(plainOf(MADE_BY_ANSIBLE, Buffer.from('wrong')), undefined);
  const envelope = open(MADE_BY_ANSIBLE);
  const key = deriveKey(PASSWORD, envelope.salt);
  for (const part of ['hmac', 'ciphertext'] as const) {
    const changed = Buffer.from(envelope[part]);
    changed[0] = (changed[0] as number) ^ 1;
    assert.equal(decrypt({ ...envelope, [part]: changed }, key), undefined, part);
  }
});

test('the text is as Ansible writes it: its header, and lines of 80 digits', () => {
  const text = closeEnvelope(encrypt(Buffer.from('x'.repeat(100)), PASSWORD, 'default'));
  const [header, ...lines] = text.trimEnd().split('\n');
  assert.equal(header, '$ANSIBLE_VAULT;1.1;AES256');
  assert.ok(lines.slice(0, -1).every((line) => /^[0-9a-f]{80}$/.test(line)));
  assert.match(text, /\n$/);
  const labelled = closeEnvelope(encrypt(Buffer.from('x'), PASSWORD, 'prod'));
  assert.match(labelled, /^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/);
  assert.equal(open(labelled).label, 'prod');
  assert.ok(isVaultText(Buffer.from(text)));
  assert.ok(!isVaultText(Buffer.from('$ANSIBLE_VAULT')));
});

describe('what is no vault says why', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['another text', 'a: 1', /header/],
    ['version 1.0', '$ANSIBLE_VAULT;1.0;AES\n00', /format is 1\.0/],
    ['another cipher', '$ANSIBLE_VAULT;1.1;AES\n00', /cipher is AES/],
    ['nothing behind the header', '$ANSIBLE_VAULT;1.1;AES256\n', /damaged/],
    ['no hex', '$ANSIBLE_VAULT;1.1;AES256\nxyz', /damaged/],
    ['one digit too few', MADE_BY_ANSIBLE.trimEnd().slice(0, -1), /damaged/],
  ];
  for (const [name, text, message] of cases) {
    it(name, () => {
      const said = openEnvelope(text);
      assert.ok(typeof said === 'string', 'it is refused');
      assert.match(said, message);
    });
  }
});

test('whatever is encrypted comes back', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.constantFrom('default', 'prod', 'a b'),
      (bytes, password, label) => {
        const text = closeEnvelope(encrypt(Buffer.from(bytes), Buffer.from(password), label));
        const envelope = open(text);
        assert.equal(envelope.label, label);
        assert.deepEqual(decrypt(envelope, deriveKey(Buffer.from(password), envelope.salt)), Buffer.from(bytes));
      },
    ),
    { numRuns: 25 },
  );
});
