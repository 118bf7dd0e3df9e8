import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { content, INLINE_LIMIT, join, quote, type Sh, sh } from '../../engine/transport/sh.ts';

const SHELLS: readonly (readonly [string, readonly string[]])[] = [
  ['dash', []],
  ['bash', []],
  ['busybox', ['sh']],
];

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom("'", '"', '\\', '$', '`', '\n', '\r', ' ', '\t', '*', '~', '!', '#', '-', '=', 'é'),
  }),
  fc.constantFrom(
    '',
    '-n',
    '-e',
    '--',
    '2',
    'if',
    'done',
    'A=b',
    '~root',
    '$(id)',
    '$HOME',
    'a\n',
    '\u0081\u0088\u00ff',
  ),
);
const word = text.filter((t) => !t.includes('\0'));

function run(shell: readonly [string, readonly string[]], program: Sh, env: NodeJS.ProcessEnv = {}): Buffer {
  const { stdout, stderr, status } = spawnSync(shell[0], [...shell[1]], {
    input: program.text,
    env: { PATH: process.env.PATH, LC_ALL: 'C', ...env },
    maxBuffer: 64 << 20,
  });
  assert.equal(stderr.toString(), '');
  assert.equal(status, 0);
  return stdout;
}

for (const shell of SHELLS) {
  test(`${shell[0]}: any words come through as they are`, () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), (words) => {
        const printed = run(shell, sh`printf '%s\\0' ${words}`).toString('utf8');
        assert.deepEqual(printed.split('\0').slice(0, -1), words);
      }),
      { numRuns: 25 },
    );
  });

  test(`${shell[0]}: any word names a command, whatever it looks like`, () => {
    const commands = ['if', 'A=b', '2', 'function', '~', '{', '!', 'coproc', 'a b', "a'b"];
    if (shell[0] !== 'busybox') commands.push('time', '[['); // applets there, whatever PATH has
    const dir = mkdtempSync(joinPath(tmpdir(), 'runbook-sh-'));
    try {
      for (const name of commands) {
        writeFileSync(joinPath(dir, name), '#!/bin/sh\nprintf "%s" "ran:$1"\n', { mode: 0o755 });
        assert.equal(
          run(shell, sh`${[name, 'x']}`, { PATH: `${dir}:${process.env.PATH}` }).toString(),
          'ran:x',
          `command ${name}`,
        );
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test(`${shell[0]}: a digit before a redirection stays a word`, () => {
    assert.equal(run(shell, sh`echo ${'2'}>&1`).toString(), '2\n');
  });

  test(`${shell[0]}: content prints exactly the bytes`, () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      text.map((t) => new TextEncoder().encode(t)),
    );
    fc.assert(
      fc.property(bytes, (b) => assert.deepEqual(new Uint8Array(run(shell, content(b))), b)),
      { numRuns: 25 },
    );
  });

  test(`${shell[0]}: content of 64 KiB stands in the program, text and binary`, () => {
    const lines = Buffer.from('0123456789abcde\n'.repeat(INLINE_LIMIT / 16));
    const binary = Buffer.alloc(INLINE_LIMIT, 0xfe);
    assert.deepEqual(run(shell, content(lines)), lines);
    assert.deepEqual(run(shell, content(binary)), binary);
    assert.deepEqual(content(lines).attachments, []);
  });
}

test('content above 64 KiB is an attachment under its hash', () => {
  const bytes = Buffer.alloc(INLINE_LIMIT + 1, 'x');
  const { text: program, attachments } = content(bytes);
  const name = execFileSync('sha256sum', { input: bytes }).toString().slice(0, 64);
  assert.equal(program, `cat "$RB_STAGE/${name}"`);
  assert.deepEqual(attachments, [{ name, bytes }]);
});

test('attachments travel with the programs they stand in', () => {
  const big = content(Buffer.alloc(INLINE_LIMIT + 1, 'x'));
  const program = join([sh`${big} > ${'/tmp/a b'}`, sh`true`, sh`if ${big}; then :; fi`]);
  assert.equal(program.attachments.length, 2);
  assert.equal(program.text, `${big.text} > '/tmp/a b'\ntrue\nif ${big.text}; then :; fi`);
});

test('plain words stay plain, all others are quoted', () => {
  for (const plain of ['a', '/etc/motd', 'x86_64', 'user@host', 'a:b,c%d+e-f', '-n', '0644x', 'iffy'])
    assert.equal(quote(plain), plain);
  for (const other of ['', '0644', 'if', 'A=b', '~', 'a b', '*', '#', '!', '{', 'é'])
    assert.equal(quote(other), `'${other}'`);
  assert.equal(quote("it's"), `'it'\\''s'`);
});

test('holes: numbers stand as decimals, lists as words', () => {
  assert.equal(sh`f ${3} ${-0.5} ${['a', 'b c']} ${[]}x`.text, "f 3 -0.5 a 'b c' x");
  assert.throws(() => sh`f ${Number.NaN}`, RangeError);
  assert.throws(() => sh`f ${Number.POSITIVE_INFINITY}`, RangeError);
  assert.throws(() => quote('a\0b'), RangeError);
});
