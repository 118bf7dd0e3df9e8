import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coerce } from '../../engine/language/arguments/coerce.ts';
import type { Span } from '../../engine/language/diagnostics.ts';
import { OMIT } from '../../engine/language/expressions/omit.ts';
import type { ModuleSpec, ParamProperty } from '../../engine/language/module_spec.ts';
import { bindParameters } from '../../engine/language/parameters.ts';
import { Float, Unknown, type Value, type ValueMap } from '../../engine/language/values.ts';
import { sampleModules, sampleValidators } from './sample_modules.ts';

const validators = await sampleValidators();
const nowhere: Span = { source: { path: 'x.yml', text: '' }, start: 0, end: 0 };

function bind(name: string, args: ValueMap, spanOf = (_: readonly (string | number)[]) => nowhere) {
  return bindParameters(sampleModules.find(name) as ModuleSpec, args, spanOf, validators);
}

function bound(name: string, args: ValueMap): ValueMap {
  const result = bind(name, args);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

function refusals(name: string, args: ValueMap): readonly string[] {
  const result = bind(name, args);
  return result.ok ? [] : result.diagnostics.map(({ message }) => message);
}

// Type, value, what it becomes; `undefined`: refused. As ansible.module_utils.common.validation has it.
const COERCIONS: readonly (readonly [string, Value, Value | undefined])[] = [
  ['boolean', 'yes', true],
  ['boolean', 'ON', true],
  ['boolean', ' t ', true],
  ['boolean', 1, true],
  ['boolean', new Float(0), false],
  ['boolean', '0', false],
  ['boolean', 'n', false],
  ['boolean', 'maybe', undefined],
  ['boolean', 2, undefined],
  ['boolean', [], undefined],
  ['integer', '12', 12],
  ['integer', ' -3 ', -3],
  ['integer', new Float(3), 3],
  ['integer', 1.5, undefined],
  ['integer', '1.5', undefined],
  ['integer', true, undefined],
  ['integer', '0x1f', undefined],
  ['integer', '99999999999999999999', undefined],
  ['number', '1.5', 1.5],
  ['number', '1e3', 1000],
  ['number', 'Infinity', undefined],
  ['number', '', undefined],
  ['string', 8, '8'],
  ['string', 1.5, '1.5'],
  ['string', new Float(8), '8.0'],
  ['string', true, 'True'],
  ['string', false, 'False'],
  ['string', ['a'], undefined],
  ['string', { a: 1 }, undefined],
  ['array', 'a, b,c', ['a', 'b', 'c']],
  ['array', 'a', ['a']],
  ['array', '', []],
  ['array', 5, ['5']],
  ['array', ['a', 1], ['a', 1]],
  ['array', true, undefined],
  ['array', { a: 1 }, undefined],
  ['object', '{"a": 1}', { a: 1 }],
  ['object', 'a=1, b="x y" c=z', { a: '1', b: 'x y', c: 'z' }],
  ['object', '{broken', undefined],
  ['object', '[1]', undefined],
  ['object', 'text', undefined],
  ['object', ['a'], undefined],
];

for (const [type, value, expected] of COERCIONS) {
  test(`coercion: ${JSON.stringify(value)} as ${type}`, () => {
    const coerced = coerce(value, { description: '', type });
    assert.deepEqual(coerced.ok ? coerced.value : undefined, expected);
  });
}

test('of several types the first that fits as it is wins, then the first that it can be made', () => {
  const property: ParamProperty = { description: '', type: ['integer', 'string', 'array'] };
  assert.deepEqual(coerce('12', property), { ok: true, value: '12' });
  assert.deepEqual(coerce(['a'], property), { ok: true, value: ['a'] });
  assert.deepEqual(coerce(true, property), { ok: true, value: 'True' });
});

test('items are coerced one by one, and the misfit names its place', () => {
  const property: ParamProperty = { description: '', type: 'array', items: { description: '', type: 'integer' } };
  assert.deepEqual(coerce(['1', 2], property), { ok: true, value: [1, 2] });
  const wrong = coerce([1, 'x'], property);
  assert.deepEqual(wrong.ok ? [] : wrong.misfits.map(({ path }) => path), [[1]]);
});

test('a list of expressions is not split at commas, and booleans keep their spelling', () => {
  const property: ParamProperty = {
    description: '',
    type: 'array',
    items: { description: '', type: 'string' },
    format: 'expression',
  };
  assert.deepEqual(coerce('x in [1, 2]', property), { ok: true, value: ['x in [1, 2]'] });
  assert.deepEqual(coerce(true, property), { ok: true, value: ['true'] });
});

// Mode, as written in YAML, what it becomes.
const MODES: readonly (readonly [Value, string | undefined, string | undefined])[] = [
  ['0644', undefined, '0644'],
  ['644', undefined, '644'],
  ['0o644', undefined, '0644'],
  ['1777', undefined, '1777'],
  ['07777', undefined, '07777'],
  ['u=rw,g=r,o=', undefined, 'u=rw,g=r,o='],
  ['a+X', undefined, 'a+X'],
  ['+x', undefined, '+x'],
  ['u+x-s', undefined, 'u+x-s'],
  ['g=u', undefined, 'g=u'],
  ['preserve', undefined, 'preserve'],
  [420, '0644', '0644'],
  [420, '420', undefined],
  [420, undefined, undefined],
  [644, '644', undefined],
  [new Float(644), '644.0', undefined],
  ['10000', undefined, undefined],
  ['0888', undefined, undefined],
  ['u=rwz', undefined, undefined],
  ['', undefined, undefined],
  ['rw-r--r--', undefined, undefined],
  [true, undefined, undefined],
];

for (const [value, raw, expected] of MODES) {
  test(`mode: ${String(value)}${raw === undefined ? '' : `, written ${raw}`}`, () => {
    const coerced = coerce(value, { description: '', type: 'string', format: 'mode' }, raw);
    assert.equal(coerced.ok ? coerced.value : undefined, expected);
  });
}

test('a number that does not say how it was meant is answered with both readings', () => {
  const coerced = coerce(420, { description: '', type: 'string', format: 'mode' });
  const hint = coerced.ok ? '' : coerced.misfits[0]?.hint;
  assert.equal(hint, 'Write it in quotes where it is defined: "0420", or "0644" if that was meant.');
});

test('bind: aliases, defaults and types', () => {
  assert.deepEqual(bound('file', { dest: '/a', recurse: 'yes' }), { state: 'file', path: '/a', recurse: true });
  assert.deepEqual(bound('apt', { pkg: 'a,b' }).name, ['a', 'b']);
});

test('bind: a boolean stands for the word among the choices that means it', () => {
  assert.equal(bound('apt', { upgrade: true }).upgrade, 'yes');
  assert.equal(bound('apt', { upgrade: false }).upgrade, 'no');
});

test('bind: omit and null count as not given, also deep inside', () => {
  assert.deepEqual(bound('copy', { dest: '/a', content: 'x', src: OMIT, mode: null }), {
    backup: false,
    dest: '/a',
    content: 'x',
  });
  assert.deepEqual(bound('debug', { msg: [1, OMIT, { a: OMIT, b: 2 }] }), { msg: [1, { b: 2 }] });
  assert.deepEqual(refusals('copy', { dest: OMIT, content: 'x' }), ['`copy` needs `dest`']);
});

test('bind: what is not known yet passes, and nothing hangs on it', () => {
  const later = new Unknown('a task');
  assert.deepEqual(bound('file', { path: '/a', state: later }), { path: '/a', state: later, recurse: false });
  assert.deepEqual(bound('copy', { dest: '/a', src: later, content: 'x' }).src, later);
  assert.deepEqual(refusals('copy', { dest: '/a', src: 'a', content: 'b', owner: later }), [
    'give either `src` or `content`, not both',
  ]);
});

test('bind: parameters of parameters have defaults and aliases too', () => {
  assert.deepEqual(bound('login', { limits: { soft: '5' } }).limits, { soft: 5, hard: 10 });
  assert.deepEqual(bound('login', { limits: { soft: 5, max: 6 } }).limits, { soft: 5, hard: 6 });
});

test('bind: everything wrong is told at once', () => {
  assert.deepEqual(refusals('login', { prot: 1, umask: '9', weight: 'x', limits: { soft: 'y' }, rules: [{ b: 1 }] }), [
    '`login` has no parameter `prot`',
    '`weight` expects a number, not `x`',
    '`limits.soft` expects a whole number, not `y`',
    '`umask` does not have the expected form (^[0-7]{3,4}$): `9`',
    '`rules[0]` has no `b`',
  ]);
});

test('bind: a secret is never told', () => {
  const said = refusals('login', { password: 'hunter', port: 'hunter' }).join('\n');
  assert.match(said, /`password` must have at least 8 characters/);
  assert.doesNotMatch(said, /hunter/);
});

test('bind: any name is a variable of set_fact, and stays one', () => {
  const facts = bound('set_fact', JSON.parse('{"__proto__": 1, "constructor": 2, "a": null, "f": 1.5}'));
  assert.deepEqual(Object.keys(facts).sort(), ['__proto__', 'a', 'cacheable', 'constructor', 'f']);
  assert.equal(Object.getPrototypeOf(facts), Object.prototype);
});

test('bind: places are asked for by canonical name', () => {
  const asked: string[] = [];
  bind('file', { dest: '/a', state: 'nonsense' }, (path) => {
    asked.push(path.join('.'));
    return nowhere;
  });
  assert.ok(asked.includes('state') && !asked.includes('dest'));
});
