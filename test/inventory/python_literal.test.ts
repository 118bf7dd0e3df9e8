import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parsePythonLiteral } from '../../engine/inventory/python_literal.ts';
import { Float, type Value } from '../../engine/language/values.ts';

/** Checked against Python's ast.literal_eval; `undefined`: not a literal. */
const LITERALS: readonly (readonly [string, Value | undefined])[] = [
  ['1', 1],
  ['-1', -1],
  ['+ 1', 1],
  ['--1', undefined],
  ['0644', undefined],
  ['00', 0],
  ['0x1F', 31],
  ['-0o17', -15],
  ['0b11', 3],
  ['1_000', 1000],
  ['1__0', undefined],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['1.2.3', undefined],
  ['1 2', undefined],
  ['1j', undefined],
  ['True', true],
  ['true', undefined],
  ['None', null],
  ['Nones', undefined],
  ['-True', undefined],
  ['yes', undefined],
  ['', undefined],
  ["'a'", 'a'],
  ['"a" \'b\'', 'ab'],
  ["'a' b'c'", undefined],
  ["'''a'b'''", "a'b"],
  ["'a\\n\\x41\\u00e9\\101\\q'", 'a\nAéA\\q'],
  ["r'a\\n'", 'a\\n'],
  ["f'a'", undefined],
  ["'a", undefined],
  ['[1, [2], ]', [1, [2]]],
  ['[,]', undefined],
  ['(1)', 1],
  ['(1,)', [1]],
  ['()', []],
  ['1, 2', [1, 2]],
  ['1,', [1]],
  ['{"a": (1, None)}', { a: [1, null] }],
  ['{1: 2, True: 3}', { 1: 2, True: 3 }],
  ['{1, 2}', [1, 2]],
  ['{1: 2, 3}', undefined],
  ['{[1]: 2}', undefined],
  ['80 # comment', 80],
  [' 1', 1],
  ['a.b', undefined],
  ['[a]', undefined],
  ['12345678901234567890', '12345678901234567890'],
  ['1e999', undefined],
];

describe('parsePythonLiteral', () => {
  for (const [text, expected] of LITERALS) {
    it(`reads ${text === '' ? 'nothing' : text}`, () => assert.deepEqual(parsePythonLiteral(text), expected));
  }
  it('lets a float keep its point', () => {
    const value = parsePythonLiteral('1.0');
    assert.ok(value instanceof Float, 'is a Float');
    assert.equal(String(value), '1.0');
  });
  it('gives a key __proto__ no power', () => {
    const value = parsePythonLiteral('{"__proto__": {"admin": True}}') as Record<string, unknown>;
    assert.ok(Object.hasOwn(value, '__proto__'));
    assert.equal(value.admin, undefined);
  });
  it('survives ten thousand brackets', () => {
    assert.equal(parsePythonLiteral('['.repeat(10_000) + ']'.repeat(10_000)), undefined);
  });
  it('reads JSON without escapes as JSON.parse does', () => {
    const leaf = fc.oneof(fc.integer(), fc.stringMatching(/^[a-z é]*$/));
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value')),
        fc.dictionary(fc.stringMatching(/^[a-z]+$/), tie('value'), { noNullPrototype: true }),
      ),
    })).value;
    fc.assert(fc.property(json, (value) => assert.deepEqual(parsePythonLiteral(JSON.stringify(value)), value)));
  });
  it('never throws', () => {
    const pieces = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      '(',
      ')',
      ',',
      ':',
      "'",
      '"',
      '\\',
      '1',
      '.',
      '-',
      'x',
      'None',
      '#',
      ' ',
      '\n',
    );
    fc.assert(fc.property(fc.string({ unit: pieces }), (text) => void parsePythonLiteral(text)));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parsePythonLiteral(text)));
  });
});
