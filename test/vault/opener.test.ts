import assert from 'node:assert/strict';
import { test } from 'node:test';
import { error, fail, ok, type Result, type Span } from '../../engine/language/diagnostics.ts';
import { createSecrets, MASK } from '../../engine/secrets/secrets.ts';
import { encrypt } from '../../engine/vault/cipher.ts';
import { closeEnvelope } from '../../engine/vault/envelope.ts';
import { createOpener } from '../../engine/vault/opener.ts';
import type { VaultPassword } from '../../engine/vault/passwords.ts';

const here: Span = { source: { path: 'vars.yml', text: 'a: !vault x' }, start: 3, end: 9 };
const there: Span = { source: { path: 'other.yml', text: 'b: !vault x' }, start: 3, end: 9 };

const sealed = (plain: string | Buffer, password: string, label = 'default'): string =>
  closeEnvelope(encrypt(Buffer.from(plain as string), Buffer.from(password), label));

/** An opener, and the labels of the passwords it has read so far. */
function opening(passwords: Readonly<Record<string, string | undefined>>) {
  const read: string[] = [];
  const all = Object.entries(passwords).map(
    ([label, text]): VaultPassword => ({
      label,
      shown: `--vault-id ${label}@x`,
      read(): Result<Buffer> {
        read.push(label);
        return text === undefined ? fail(error('option', 'it is broken')) : ok(Buffer.from(text));
      },
    }),
  );
  const secrets = createSecrets();
  const identities = { read: () => ok([]), tried: () => 'there is no identity' };
  return { opener: createOpener({ passwords: all, identities, secrets }), read, secrets };
}

test("the password of a vault's own label is tried first, and then the others", () => {
  const { opener, read } = opening({ default: 'a', dev: 'b', prod: 'c' });
  assert.deepEqual(opener.value(sealed('x', 'c', 'prod'), here), ok('x'));
  assert.deepEqual(read.splice(0), ['prod']);
  assert.deepEqual(opener.value(sealed('y', 'b', 'elsewhere'), here), ok('y'));
  assert.deepEqual(read.splice(0), ['default', 'dev']);
});

test('nothing is read before a value is asked for, and no value is opened twice', () => {
  const { opener, read } = opening({ default: 'a' });
  const text = sealed('x', 'a');
  assert.deepEqual(read, []);
  for (let i = 0; i < 3; i += 1) assert.deepEqual(opener.value(text, here), ok('x'));
  assert.deepEqual(read, ['default']);
});

test('a value that no password opens says which vault id it has, what was tried and what to pass', () => {
  const { opener } = opening({ default: 'a', dev: undefined });
  const text = sealed('x', 'other', 'prod');
  const locked = opener.value(text, here);
  assert.ok(!locked.ok);
  const [first, second] = locked.diagnostics;
  assert.match(first?.message ?? '', /vault id `prod`.*tried --vault-id default@x, --vault-id dev@x/);
  assert.match(first?.hint ?? '', /--vault-id prod@FILE/);
  assert.equal(first?.span, here);
  assert.equal(second?.message, 'it is broken');
  const again = opener.value(text, there);
  assert.ok(!again.ok && again.diagnostics[0]?.span === there, 'the place is that of the value');
  const none = opening({}).opener.value(text, here);
  assert.ok(!none.ok && /no password is given/.test(none.diagnostics[0]?.message ?? ''));
});

test('what is damaged or no text is told', () => {
  const { opener } = opening({ default: 'a' });
  const why = (text: string): string => {
    const opened = opener.value(text, here);
    return opened.ok ? '' : (opened.diagnostics[0]?.message ?? '');
  };
  assert.match(why('$ANSIBLE_VAULT;1.1;AES256\n61'), /damaged/);
  assert.match(why(sealed(Buffer.from([0xff, 0xfe]), 'a')), /not UTF-8/);
});

test('what is opened is masked from then on', () => {
  const { opener, secrets } = opening({ default: 'a' });
  opener.value(sealed('hunter2', 'a'), here);
  const file = opener.file('f', Buffer.from(sealed('line one\nline two\n', 'a')));
  assert.ok(file.ok && file.value.toString() === 'line one\nline two\n');
  assert.equal(secrets.mask('hunter2 line two'), `${MASK} ${MASK}`);
});
