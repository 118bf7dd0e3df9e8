import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { createSecrets, MASK } from '../../engine/secrets/secrets.ts';
import { encryptAge, isAgeFile, openAge } from '../../engine/vault/age/age_file.ts';
import { type AgeIdentities, ageIdentities } from '../../engine/vault/age/identities.ts';
import { newIdentity, type Recipient, readIdentity, readRecipient } from '../../engine/vault/age/keys.ts';

/** Made by `age-keygen` for this test. */
const SECRET = 'AGE-SECRET-KEY-1Z430PA3FYGY0FGUALZ099EZWMPRTV2SZ6KYHN0G2X3UGKUDN4MPQJPA0VF';
const PUBLIC = 'age1xylnajhxc4c4hz9xj6k7gnr22lel2cre9u95mduamwxntsqdqecqgrml99';
/** `printf 'canary\n' | age -a -r` the key above. */
const MADE_BY_AGE = `-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBhWVE0SWFVVFRSRDJoZ01l
cDBlYU41YSs0cXh6SThXRlduNEZaak9mWDBrCkZORHAzWVlmZnQ5LzBJQzNUVDhr
MmhhMEN2TVBCaDJKKzRQNTdRRzJQV2cKLS0tIHlLZzhWNWpYQ0p3NjVaeXBFZ0Uz
WTlrY0x4aWROc2lVK3FLSklaMmZQRlEK7e2wdORvFeYNzZC5x8Xkih9Ish80waB+
7Pb7I9w7YOlzZxO0mkBu
-----END AGE ENCRYPTED FILE-----
`;

const scratch = mkdtempSync(join(tmpdir(), 'runbook-age-'));
after(() => rmSync(scratch, { recursive: true }));

function identities(text: string): AgeIdentities {
  const path = join(scratch, 'identity.txt');
  writeFileSync(path, text);
  return ageIdentities([path], createSecrets());
}

const own = identities(`# created: today\n# public key: ${PUBLIC}\n${SECRET}\n`);
own.read();

function plainOf(text: string | Buffer, from = own): string | undefined {
  const opened = openAge('x.age', Buffer.from(text as string), from);
  return opened.ok ? opened.value.plain.toString('utf8') : undefined;
}

function whyNot(text: string | Buffer, from = own): string {
  const opened = openAge('x.age', Buffer.from(text as string), from);
  return opened.ok ? '' : opened.diagnostics.map(({ message }) => message).join();
}

const binary = (text: string): Buffer => Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64');

test('what age encrypted is opened, armored or not', () => {
  assert.equal(plainOf(MADE_BY_AGE), 'canary\n');
  assert.equal(plainOf(binary(MADE_BY_AGE)), 'canary\n');
  assert.ok(isAgeFile(Buffer.from(MADE_BY_AGE)) && isAgeFile(binary(MADE_BY_AGE)) && !isAgeFile(Buffer.from('a: 1')));
});

test('keys are read as age writes them, and mistyped ones are not', () => {
  assert.deepEqual(readIdentity(SECRET)?.bytes, readRecipient(PUBLIC)?.bytes);
  assert.equal(readIdentity(SECRET.replace(/.$/, (last) => (last === 'Q' ? 'P' : 'Q'))), undefined);
  assert.equal(readIdentity(`${SECRET.slice(0, -1)}${SECRET.slice(-1).toLowerCase()}`), undefined);
  assert.equal(readRecipient(`${PUBLIC}q`), undefined);
  assert.equal(readRecipient('age1'), undefined);
  assert.equal(readRecipient('ssh-ed25519 AAAA'), undefined);
});

test('another identity, none, and damage are told apart', () => {
  const other = newIdentity();
  const text = encryptAge(Buffer.from('x'), [other]);
  assert.match(whyNot(text), /none of its recipients/);
  const home = process.env.HOME;
  process.env.HOME = scratch;
  try {
    assert.match(whyNot(MADE_BY_AGE, ageIdentities([], createSecrets())), /there is no identity/);
  } finally {
    process.env.HOME = home;
  }
  assert.match(whyNot(MADE_BY_AGE.replace('-----END', '')), /damaged/);
  assert.match(whyNot('a: 1'), /not encrypted by age/);
  const bytes = binary(MADE_BY_AGE);
  assert.match(whyNot(bytes.subarray(0, 100)), /damaged/);
  assert.match(whyNot(bytes.subarray(0, -1)), /damaged/);
  const script = Buffer.from(bytes.toString('latin1').replace('-> X25519', '-> scrypt'), 'latin1');
  assert.match(whyNot(script), /encrypted by scrypt/);
  const tampered = Buffer.from(bytes.toString('latin1').replace('v1\n->', 'v1\n-> x\n\n->'), 'latin1');
  assert.match(whyNot(tampered), /none of its recipients/);
});

test('identity files that are none say so, and what is in one is masked', () => {
  const why = (text: string): string => {
    const read = identities(text).read();
    return read.ok ? '' : (read.diagnostics[0]?.message ?? '');
  };
  assert.match(why('# nothing\n'), /holds no key/);
  assert.match(why('# x\nage1abc\n'), /line 2/);
  assert.match(why(MADE_BY_AGE), /is encrypted itself/);
  const secrets = createSecrets();
  writeFileSync(join(scratch, 'own.txt'), SECRET);
  ageIdentities([join(scratch, 'own.txt')], secrets).read();
  assert.equal(secrets.mask(SECRET), MASK);
});

test('whatever is encrypted comes back to each recipient, and every change is noticed', () => {
  const recipients: readonly Recipient[] = [newIdentity(), readRecipient(PUBLIC) as Recipient];
  const sizes = fc.constantFrom(0, 1, 65_535, 65_536, 65_537, 131_072);
  fc.assert(
    fc.property(sizes, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (size, where) => {
      const plain = Buffer.alloc(size, 'abc');
      const text = encryptAge(plain, recipients);
      const opened = openAge('x.age', Buffer.from(text), own);
      assert.ok(opened.ok && opened.value.plain.equals(plain));
      const bytes = binary(text);
      const at = Math.floor(where * bytes.length);
      bytes[at] = (bytes[at] as number) ^ 1;
      assert.equal(plainOf(bytes), undefined, `byte ${at} of ${bytes.length}`);
    }),
    { numRuns: 40 },
  );
});
