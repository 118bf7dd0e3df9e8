import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Result } from '../../engine/language/diagnostics.ts';
import { loadVars, parseExtraVars } from '../../engine/language/load_playbook.ts';
import type { VarLayer } from '../../engine/language/templated.ts';
import { directoryOf } from './files.ts';

function shown(result: Result<VarLayer>): unknown {
  if (!result.ok)
    return result.diagnostics.map(({ message, hint }) => (hint === undefined ? message : `${message} | ${hint}`));
  return Object.fromEntries(
    [...result.value.entries].map(([name, value]) => [name, value.kind === 'literal' ? value.value : value.kind]),
  );
}

test('a file of variables is YAML or JSON, and may be empty', () => {
  const directory = directoryOf({
    'a.yml': 'a: 1\nb: "{{ a }}"\nc: {d: [e, "{{ f }}"]}\n',
    'a.json': '{"a": [1, {"b": null}]}',
    'empty.yml': '# nothing yet\n',
    'list.yml': '- a\n',
  });
  const load = (name: string) => shown(loadVars(join(directory, name), name));
  assert.deepEqual(load('a.yml'), { a: 1, b: 'template', c: 'map' });
  assert.deepEqual(load('a.json'), { a: [1, { b: null }] });
  assert.deepEqual(load('empty.yml'), {});
  assert.deepEqual(load('list.yml'), ['variables are a map | Write `name: value` lines, without dashes.']);
  const layer = loadVars(join(directory, 'a.yml'), 'group_vars/a.yml');
  assert.equal(layer.ok && layer.value.origin, 'group_vars/a.yml');
});

const EXTRA: readonly (readonly [readonly string[], unknown])[] = [
  [[], {}],
  [['a=1 b="x y"'], { a: '1', b: 'x y' }],
  [['a=yes'], { a: 'yes' }],
  [['a={{ b }}'], { a: 'template' }],
  [['{"a": 1, "b": [true]}'], { a: 1, b: [true] }],
  [['{a: yes}'], { a: true }],
  [['a=1', '{"a": 2}', 'a=3'], { a: '3' }],
  [[''], {}],
  [['a'], ['--extra-vars expects `name=value` | Write `-e name=value`, JSON, or `-e @FILE`.']],
  [['./vars.yml'], ['--extra-vars expects `name=value` | For a file, write `@./vars.yml`.']],
  [
    ['my-var=1'],
    ['`my-var` cannot name a variable | A name has letters, digits and `_`, and no digit first: `my_var`.'],
  ],
  [['[1]'], ['variables are a map | Write `name: value` lines, without dashes.']],
  [['{"a": '], ['this `{` is never closed | Close it with `}`.']],
  [['a="b'], ['a quote or a template is opened here and never closed | Close it, or write the parameters as a map.']],
];

for (const [texts, expected] of EXTRA) {
  test(`extra vars: ${JSON.stringify(texts)}`, () => assert.deepEqual(shown(parseExtraVars(texts)), expected));
}

test('extra vars from a file', () => {
  const directory = directoryOf({ 'v.yml': 'a: 1\n' });
  assert.deepEqual(shown(parseExtraVars([`@${join(directory, 'v.yml')}`, 'b=2'])), { a: 1, b: '2' });
  assert.match(String(shown(parseExtraVars(['@/nowhere/x.yml']))), /there is no file \/nowhere\/x.yml/);
});
