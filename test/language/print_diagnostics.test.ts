import assert from 'node:assert/strict';
import { test } from 'node:test';
import { error, type Span, warning } from '../../engine/language/diagnostics.ts';
import { printDiagnostics } from '../../engine/language/print_diagnostics.ts';
import { createSecrets } from '../../engine/secrets/secrets.ts';

function span(text: string, part: string, path = 'x.yml'): Span {
  const start = text.indexOf(part);
  return { source: { path, text }, start, end: start + part.length };
}

function print(...diagnostics: readonly Parameters<typeof printDiagnostics>[0][number][]): string {
  return printDiagnostics(diagnostics, { color: false, secrets: createSecrets() });
}

test('message, place, line, caret, hint and count', () => {
  const said = print(error('yaml', 'wrong', span('a: 1\nbc: de\n', 'de'), 'Do it right.'));
  assert.equal(
    said,
    `error: wrong
 --> x.yml:2:5
  |
2 | bc: de
  |     ^^
  hint: Do it right.

1 error
`,
  );
});

test('in the order of the text, files as they come, without doubles', () => {
  const text = 'one two three';
  const said = print(
    error('yaml', 'third', span(text, 'three')),
    error('yaml', 'other', span(text, 'one', 'y.yml')),
    warning('yaml', 'first', span(text, 'one')),
    error('file', 'no place'),
    error('yaml', 'third', span(text, 'three')),
  );
  assert.deepEqual(
    said.match(/^(?:error|warning): .*|^\d.*s?$/gm)?.filter((line) => !line.includes('|')),
    ['error: no place', 'warning: first', 'error: third', 'error: other', '3 errors, 1 warning'],
  );
});

// Text, what is pointed at, the two lines that show it.
const LINES: readonly (readonly [string, string, string, string])[] = [
  ['\ta:\tb', 'b', '1 |     a:  b', '  |         ^'],
  ['日本: x', 'x', '1 | 日本: x', '  |       ^'],
  ['e\u0301: x', 'x', '1 | e\u0301: x', '  |    ^'],
  ['\u{1f600}: x', 'x', '1 | \u{1f600}: x', '  |     ^'],
  ['a: \x1b[31mx', 'x', '1 | a: \\x1b[31mx', '  |            ^'],
  ['a: \u202ex', 'x', '1 | a: \\u202ex', '  |          ^'],
  ['a: "x\ny"', '"x\ny"', '1 | a: "x', '  |    ^^'],
  ['a: x\r\nb', 'x', '1 | a: x', '  |    ^'],
  ['a:', '', '1 | a:', '  | ^'],
];

for (const [text, part, line, caret] of LINES) {
  test(`the caret stands under ${JSON.stringify(part)} in ${JSON.stringify(text)}`, () => {
    const lines = print(error('yaml', 'wrong', span(text, part))).split('\n');
    assert.deepEqual([lines[3], lines[4]], [line, caret]);
  });
}

test('a span at the end of the text, and behind the last line', () => {
  const source = { path: 'x.yml', text: 'a: 1\n' };
  assert.match(print(error('yaml', 'wrong', { source, start: 5, end: 5 })), /x\.yml:2:1\n {2}\|\n2 \|\n {2}\| \^/);
});

test('a long line is cut around the caret, at both ends', () => {
  const text = `${'a '.repeat(100)}HERE ${'b '.repeat(100)}`;
  const lines = print(error('yaml', 'wrong', span(text, 'HERE'))).split('\n');
  const [line = '', caret = ''] = [lines[3], lines[4]];
  assert.ok(line.length < 115 && line.startsWith('1 | ...') && line.endsWith('...'), line);
  assert.equal(line.indexOf('HERE'), caret.indexOf('^^^^'));
});

test('nothing in a message, a hint or a path can steer the terminal', () => {
  const place = span('a', 'a', 'x\x1b[2J.yml');
  const said = print(error('yaml', 'wrong \x1b]0;title\x07', place, 'a\nb\u200b'));
  assert.doesNotMatch(said, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b]/);
  assert.match(said, /wrong \\x1b\]0;title\\x07[\s\S]*x\\x1b\[2J\.yml[\s\S]*hint: a\\nb\\u200b/);
});

test('colours only where they are asked for', () => {
  const diagnostic = error('yaml', 'wrong', span('a: b', 'b'), 'hint');
  const colored = printDiagnostics([diagnostic], { color: true, secrets: createSecrets() });
  assert.match(colored, /\x1b\[31m/);
  assert.equal(colored.replace(/\x1b\[\d+m/g, ''), print(diagnostic));
});
