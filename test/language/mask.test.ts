import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { maskSource } from '../../engine/language/mask.ts';

const MASKED: readonly (readonly [string, string])[] = [
  ['h ansible_password=abc ansible_user=x', 'h ansible_password=*** ansible_user=x'],
  ['h ansible_password="a b" ansible_user=x', 'h ansible_password=** ** ansible_user=x'],
  ['h pass=a\\ b user=x', 'h pass=** * user=x'],
  ['ansible_ssh_pass = a b c', 'ansible_ssh_pass = * * *'],
  ['ansible_ssh_pass abc', 'ansible_ssh_pass ***'],
  ['  db_password: abc # x', '  db_password: *** * *'],
  ['{"api_token": "abc", "x": 1}', '{"api_token": ****** **** **'],
  ['secret: |\n  abc\n  def\nnext: 1', 'secret: *\n  ***\n  ***\nnext: 1'],
  ['- secret: "a\n    b"\n  user: x', '- secret: **\n    **\n  user: x'],
  ['a: {password: x,\n    y: z}\nb: 1', 'a: {password: **\n    y: z}\nb: 1'],
  ['ansible_ssh_private_key_file: ~/.ssh/id', 'ansible_ssh_private_key_file: ~/.ssh/id'],
  ['ssh_private_key: abc', 'ssh_private_key: ***'],
  ['password: "a{{ b | c(\'d\') }}e"', "password: **{{ b | c('*') }}**"],
  ['password: "{{ a"', 'password: *** **'],
  ["password: {{ 'a }}b", "password: {{ '* }}*"],
  ['user: x', 'user: x'],
];

describe('maskSource', () => {
  for (const [text, masked] of MASKED) {
    it(text.split('\n')[0] ?? '', () => {
      assert.equal(maskSource({ path: 'x', text }).text, masked);
    });
  }
  it('keeps every place, and every line', () => {
    const pieces = fc.constantFrom(
      'password',
      'secret',
      '=',
      ': ',
      ' ',
      '\n',
      '"',
      "'",
      'x',
      '\\',
      '|',
      '{',
      ',',
      '  ',
    );
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: pieces }), fc.string({ unit: 'binary' })), (text) => {
        const masked = maskSource({ path: 'x', text }).text;
        assert.equal(masked.length, text.length);
        assert.deepEqual(masked.replace(/\S/g, '*'), text.replace(/\S/g, '*'));
      }),
    );
  });
  it('takes no longer for a long line', () => {
    const started = performance.now();
    maskSource({ path: 'x', text: 'password'.repeat(100_000) });
    maskSource({ path: 'x', text: `password=${' '.repeat(500_000)}x` });
    maskSource({ path: 'x', text: `password: ${'{{'.repeat(200_000)}` });
    maskSource({ path: 'x', text: `password: ${"{{ '".repeat(100_000)}}}` });
    assert.ok(performance.now() - started < 10_000, 'in time');
  });
});
