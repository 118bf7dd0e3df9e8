import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHostKeyStore } from '../../engine/transport/host_key_store.ts';
import {
  judge,
  keyType,
  knownHostLine,
  knownNames,
  knownTypes,
  matches,
  parseKnownHosts,
} from '../../engine/transport/known_hosts.ts';

/** A well-formed ed25519 public key with a recognisable body. */
function key(body: number, type = 'ssh-ed25519'): Buffer {
  const blob = Buffer.alloc(4 + type.length + 4 + 32, body);
  blob.writeUInt32BE(type.length, 0);
  blob.write(type, 4, 'latin1');
  blob.writeUInt32BE(32, 4 + type.length);
  return blob;
}

const A = key(1);
const B = key(2);
const RSA = key(3, 'ssh-rsa');

const line = (names: string, blob: Buffer, comment = ''): string =>
  `${names} ${keyType(blob)} ${blob.toString('base64')}${comment}\n`;

function hashed(name: string, salt = Buffer.alloc(20, 7)): string {
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

function verdict(text: string, address: string, port: number, blob: Buffer, alias?: string): string {
  const result = judge(parseKnownHosts(text, 'known'), knownNames(address, port, alias), blob);
  return 'entry' in result ? `${result.kind} ${result.entry.file}:${result.entry.line}` : result.kind;
}

test('known, unknown, changed, revoked', () => {
  const text = `# comment\n\n${line('web1,10.0.0.1', A, ' a comment with spaces')}${line('[web1]:2222', B)}`;
  assert.equal(verdict(text, 'web1', 22, A), 'known');
  assert.equal(verdict(text, 'WEB1', 22, A), 'known');
  assert.equal(verdict(text, '10.0.0.1', 22, A), 'known');
  assert.equal(verdict(text, 'web2', 22, A), 'unknown');
  assert.equal(verdict(text, 'web1', 22, B), 'changed known:3');
  assert.equal(verdict(text, 'web1', 2222, B), 'known');
  assert.equal(verdict(text, 'web1', 2222, A), 'changed known:4');
  // A key of another type is not just one more key of the host.
  assert.equal(verdict(text, 'web1', 22, RSA), 'changed known:3');
  // On another port, a key that the bare name has is accepted, another one is new (sshconnect.c).
  assert.equal(verdict(text, 'web1', 2200, A), 'known');
  assert.equal(verdict(text, 'web1', 2200, B), 'unknown');
  const revoked = `${text}@revoked ${line('*', A)}`;
  assert.equal(verdict(revoked, 'web1', 22, A), 'revoked known:5');
  assert.equal(verdict(revoked, 'web9', 22, A), 'revoked known:5');
  assert.equal(verdict(revoked, 'web1', 2222, B), 'known');
});

test('the entry of the same type is named where a key has changed', () => {
  const text = line('web1', RSA) + line('web1', A);
  assert.equal(verdict(text, 'web1', 22, B), 'changed known:2');
  assert.deepEqual(
    [...knownTypes(parseKnownHosts(text, 'f'), knownNames('web1', 22, undefined))],
    ['ssh-rsa', 'ssh-ed25519'],
  );
});

test('certificate authorities are no plain keys', () => {
  const text = `@cert-authority ${line('*', A)}`;
  assert.equal(verdict(text, 'web1', 22, A), 'unknown');
  assert.equal(verdict(text, 'web1', 22, B), 'unknown');
  assert.deepEqual([...knownTypes(parseKnownHosts(text, 'f'), knownNames('web1', 22, undefined))], []);
});

test('hashed names', () => {
  const text = line(hashed('web1'), A) + line(hashed('[web1]:2222'), B);
  assert.equal(verdict(text, 'Web1', 22, A), 'known');
  assert.equal(verdict(text, 'web1', 22, B), 'changed known:1');
  assert.equal(verdict(text, 'web1', 2222, B), 'known');
  assert.equal(verdict(text, 'web2', 22, A), 'unknown');
});

test('patterns and their negation', () => {
  const text = line('*.example.org,!db.example.org,web?', A);
  for (const name of ['www.example.org', '.example.org', 'web1', 'a.b.example.org'])
    assert.equal(verdict(text, name, 22, A), 'known');
  for (const name of ['db.example.org', 'example.org', 'web', 'web12'])
    assert.equal(verdict(text, name, 22, A), 'unknown');
  assert.equal(verdict(line('!web1,*', A), 'web1', 22, A), 'unknown');
  assert.equal(verdict(line('!web1', A), 'web2', 22, A), 'unknown');
  assert.equal(verdict(line('[*]:2222', A), 'x', 2222, A), 'known');
});

test('an alias is looked up alone, without a port', () => {
  const text = line('prod', A);
  assert.equal(verdict(text, '10.0.0.1', 2222, A, 'PROD'), 'known');
  assert.equal(verdict(line('10.0.0.1', A), '10.0.0.1', 22, A, 'prod'), 'unknown');
});

test('IPv6 addresses', () => {
  assert.equal(verdict(line('::1', A), '::1', 22, A), 'known');
  assert.equal(verdict(line('[fe80::1]:2222', A), 'FE80::1', 2222, A), 'known');
});

test('lines that cannot be understood are passed over', () => {
  const text = [
    'web1',
    'web1 ssh-ed25519',
    `web1 ssh-rsa ${A.toString('base64')}`, // the blob says another type
    'web1 ssh-ed25519 !!!',
    `@unknown web1 ssh-ed25519 ${A.toString('base64')}`,
    '@revoked',
    `|2|a|b ssh-ed25519 ${A.toString('base64')}`,
    `|1|a ssh-ed25519 ${A.toString('base64')}`,
    '\0\0\0',
    `  \tweb1\tssh-ed25519\t${B.toString('base64')}  \r`,
  ].join('\n');
  assert.deepEqual(parseKnownHosts(text, 'f').map((entry) => entry.line), [10]); // biome-ignore format: one line
});

test('anything at all is read without a throw, and stars cost no time', () => {
  const names = knownNames('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', 22, undefined);
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('@revoked', '|1|', '*', '!', ',', A.toString('base64'), 'ssh-ed25519', hashed('x'), '\n'),
  );
  fc.assert(
    fc.property(fc.array(word), fc.constantFrom('', ' '), (words, space) => {
      const entries = parseKnownHosts(words.join(space), 'f');
      judge(entries, names, A);
      knownTypes(entries, names);
    }),
    { numRuns: 400 },
  );
  const [entry] = parseKnownHosts(line(`${'*a'.repeat(2000)}`, A), 'f');
  const started = performance.now();
  assert.ok(entry !== undefined && !matches(entry, names.name));
  assert.ok(performance.now() - started < 500);
});

test('each host that is written down is found with its key, and with no other', () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,12}$/);
  const entry = fc.record({
    host: name,
    port: fc.constantFrom(22, 2222),
    body: fc.integer({ min: 1, max: 9 }),
    mark: fc.constantFrom('', '@revoked '),
    hash: fc.boolean(),
    junk: fc.string({ unit: fc.constantFrom('@', '|', '1', ' ', '#', 'a', '=') }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(entry, { selector: ({ host }) => host, maxLength: 8 }), name, (entries, other) => {
      const text = entries
        .map(({ host, port, body, mark, hash, junk }) => {
          const { name: written } = knownNames(host, port, undefined);
          return `${junk}\n${mark}${line(hash ? hashed(written) : written, key(body))}`;
        })
        .join('');
      for (const { host, port, body, mark } of entries) {
        const kind = (blob: Buffer) => verdict(text, host, port, blob).split(' ')[0];
        assert.equal(kind(key(body)), mark === '' ? 'known' : 'revoked', text);
        assert.equal(kind(key(body + 100)), mark === '' ? 'changed' : 'unknown', text);
      }
      if (entries.every(({ host }) => host !== other)) assert.equal(verdict(text, other, 22, A), 'unknown', text);
    }),
  );
});

test('finds what ssh-keygen -F finds', () => {
  const dir = mkdtempSync(join(tmpdir(), 'runbook-known-'));
  try {
    const real = join(dir, 'id');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', real]);
    const [, base64 = ''] = readFileSync(`${real}.pub`, 'utf8').split(' ');
    const blob = Buffer.from(base64, 'base64');
    const patterns = [
      'web1',
      'web1,web2',
      '*.org',
      'a?c',
      '!a.org,*.org',
      '[web1]:2222',
      hashed('web1'),
      '10.0.*',
      '*',
      '!*',
    ];
    for (const pattern of patterns) {
      const file = join(dir, 'known');
      writeFileSync(file, line(pattern, blob));
      const [entry] = parseKnownHosts(readFileSync(file, 'utf8'), file);
      assert.ok(entry !== undefined);
      for (const name of ['web1', 'web2', 'x.org', 'a.org', '[web1]:2222']) {
        const { status } = spawnSync('ssh-keygen', ['-F', name, '-f', file]);
        assert.equal(matches(entry, name), status === 0, `${pattern} for ${name}`);
      }
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('the store: files are read once, a new key is there at once, also after a last line without an end', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'runbook-known-'));
  try {
    const file = join(dir, 'ssh', 'known_hosts');
    const store = createHostKeyStore();
    assert.deepEqual(await store.entries([file, '/dev/null']), []);
    const names = knownNames('new', 22, undefined);
    const isNew = async () => judge(await store.entries([file]), names, A).kind === 'unknown';
    const added = await Promise.all(Array.from({ length: 20 }, () => store.add(file, 'new', A, isNew)));
    assert.equal(added.filter((yes) => yes).length, 1);
    assert.equal(readFileSync(file, 'utf8'), knownHostLine('new', A));
    assert.equal(judge(await store.entries([file]), names, A).kind, 'known');

    writeFileSync(file, knownHostLine('other', B).trimEnd());
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => createHostKeyStore().add(file, `host${i}`, A, async () => true)),
    );
    const entries = parseKnownHosts(readFileSync(file, 'utf8'), file);
    assert.equal(entries.length, 11);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
