import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFreeForm } from '../../engine/language/playbook/free_form.ts';
import type { YamlScalar } from '../../engine/language/yaml.ts';

function scalar(text: string): YamlScalar {
  return {
    kind: 'scalar',
    value: text,
    text,
    style: 'plain',
    span: { source: { path: 'x', text }, start: 0, end: text.length },
  };
}

function read(text: string, command: boolean) {
  const { options, rest, problems } = readFreeForm(scalar(text), command);
  if (problems.length > 0) return 'refused';
  const pairs = options.map(({ key, value }) => [key, value.kind === 'scalar' ? value.text : undefined]);
  return { ...Object.fromEntries(pairs), ...(rest === undefined ? {} : { _raw: rest.text }) };
}

// What ansible.parsing.splitter.parse_kv gives for each.
const PAIRS: readonly (readonly [string, unknown])[] = [
  ['src=a dest=/b', { src: 'a', dest: '/b' }],
  ['a="b c" d=\'e "f"\'', { a: 'b c', d: 'e "f"' }],
  ['a={{ b | default("c d") }} e=f', { a: '{{ b | default("c d") }}', e: 'f' }],
  ['a={% if b %} x {% endif %}', { a: '{% if b %}', _raw: 'x {% endif %}' }],
  ['a="{% if b %} x {% endif %}"', { a: '{% if b %} x {% endif %}' }],
  ['line="a=b" regexp=^a=', { line: 'a=b', regexp: '^a=' }],
  ['a=', { a: '' }],
  ['a="x\\ty"', { a: 'x\ty' }],
  ['a=\\u00e9\\x41', { a: 'éA' }],
  ['a=1\nb=2', { a: '1', b: '2' }],
  ['flush_handlers', { _raw: 'flush_handlers' }],
  ['x.yml a=1', { a: '1', _raw: 'x.yml' }],
  ['a\\=b', { _raw: 'a=b' }],
  ['a="b', 'refused'],
  ['a={{ b', 'refused'],
];

const COMMANDS: readonly (readonly [string, unknown])[] = [
  ['ls -l /tmp', { _raw: 'ls -l /tmp' }],
  ['chdir=/tmp creates="/a b" make  install', { chdir: '/tmp', creates: '/a b', _raw: 'make  install' }],
  ['make chdir=/tmp install', { chdir: '/tmp', _raw: 'make install' }],
  ['dd if=/dev/zero of=/x count=1', { _raw: 'dd if=/dev/zero of=/x count=1' }],
  ['A=1 env', { _raw: 'A=1 env' }],
  ['sh -c "chdir=/tmp"', { _raw: 'sh -c "chdir=/tmp"' }],
  ['echo "a  b"   c', { _raw: 'echo "a  b"   c' }],
  ['echo a\necho b\n', { _raw: 'echo a\necho b\n' }],
  ['echo a \\\n  b', { _raw: 'echo a b' }],
  ['chdir={{ dir }} ls {{ x | default("a b") }}', { chdir: '{{ dir }}', _raw: 'ls {{ x | default("a b") }}' }],
  ["echo it's", 'refused'],
];

for (const [text, expected] of PAIRS)
  test(`name=value: ${JSON.stringify(text)}`, () => assert.deepEqual(read(text, false), expected));
for (const [text, expected] of COMMANDS)
  test(`command: ${JSON.stringify(text)}`, () => assert.deepEqual(read(text, true), expected));

test('keys and values stand where their spans say', () => {
  const text = 'src=a dest="/b c" x={{ y }}';
  const { options } = readFreeForm(scalar(text), false);
  const at = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
  assert.deepEqual(
    options.map(({ keySpan, value }) => [at(keySpan), at(value.span)]),
    [
      ['src', 'a'],
      ['dest', '/b c'],
      ['x', '{{ y }}'],
    ],
  );
});
