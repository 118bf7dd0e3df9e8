import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { splitWords } from '../../engine/language/shlex.ts';

/** Line -> words; checked against Python's shlex.split(line, comments=True). */
const WORDS: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['  a  b\tc ', ['a', 'b', 'c']],
  ['a "b c" d', ['a', 'b c', 'd']],
  ["a='b c'd", ['a=b cd']],
  ['""', ['']],
  ['a\\ b', ['a b']],
  ['"a\\"b"', ['a"b']],
  ['"a\\\\b"', ['a\\b']],
  ['"a\\nb"', ['a\\nb']],
  ["'a\\'", ['a\\']],
  ['a # b', ['a']],
  ['# b', []],
  ['a#b', ['a']],
  ['"a#b" c', ['a#b', 'c']],
  ['a\\#b', ['a#b']],
];

const BROKEN: readonly (readonly [string, number])[] = [
  ["a 'b", 2],
  ['a "b\\"', 2],
  ['ab\\', 2],
];

describe('splitWords', () => {
  for (const [line, words] of WORDS) {
    it(`takes ${JSON.stringify(line)} apart`, () => {
      const split = splitWords(line, true);
      assert.deepEqual(split.ok && split.words.map((word) => word.text), words);
    });
  }
  for (const [line, at] of BROKEN) {
    it(`says where ${JSON.stringify(line)} is broken`, () => {
      const split = splitWords(line, true);
      assert.equal(!split.ok && split.at, at);
    });
  }
  it('tells where a comment cuts a word', () => {
    const split = splitWords('h p=abc#def', true);
    assert.equal(split.ok && split.cutAt, 7);
  });
  it('takes # for a character where there are no comments', () => {
    const split = splitWords('a#b # c', false);
    assert.deepEqual(split.ok && split.words.map((word) => word.text), ['a#b', '#', 'c']);
  });
  it('gives each word its place, and joins back what needs no quotes', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z=.]{1,5}$/)), (words) => {
        const line = words.join('  ');
        const split = splitWords(line, true);
        assert.ok(split.ok, 'is taken apart');
        assert.deepEqual(
          split.words.map(({ start, end }) => line.slice(start, end)),
          words,
        );
      }),
    );
  });
  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, comments) => void splitWords(text, comments)),
    );
  });
});
