import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { commandWord, unitLine, unitWord } from '../../engine/resources/systemd_text.ts';

/** What systemd.syntax(7) and systemd.unit(5) say that it reads: one word again. */
function read(word: string): string {
  const inner = /^"([\s\S]*)"$/.exec(word)?.[1] ?? word;
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\', '"': '"', ';': ';' };
  return inner.replaceAll(/\\(.)/g, (_, c: string) => escapes[c] ?? '(no escape)').replaceAll('%%', '%');
}

describe('words of unit files', () => {
  it('plain ones stand as they are', () => {
    assert.equal(unitWord('/usr/bin/node'), '/usr/bin/node');
    assert.equal(unitWord('NAME=value'), 'NAME=value');
  });

  it('are quoted, and nothing in them is a specifier or a variable', () => {
    assert.equal(unitWord('a b%n'), '"a b%%n"');
    assert.equal(commandWord('$HOME "x"'), '"$$HOME \\"x\\""');
    // As a word of its own it would end the command.
    assert.equal(commandWord(';'), '";"');
    assert.equal(unitWord('two\nlines'), '"two\\nlines"');
    assert.equal(unitWord(''), '""');
  });

  it('are read again as what they were, in one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const word = unitWord(text.replaceAll('\0', '').replaceAll('\r', ''));
        assert.ok(!word.includes('\n'));
        assert.equal(read(word), text.replaceAll('\0', '').replaceAll('\r', ''));
      }),
    );
  });

  it('a line cannot begin another one', () => {
    assert.equal(unitLine('a\n[Service]\nUser=root 100%'), 'a [Service] User=root 100%%');
  });
});
