import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findUnknown, Unknown, type Value, type ValueMap } from '../../engine/language/values.ts';
import { expression, file, judgement, template, valueFrom } from './evaluating.ts';

const TASK = new Unknown('run the installer');
const LOOK = new Unknown('facts', true);
const VARS: ValueMap = {
  later: TASK,
  fact: LOOK,
  mixed: [1, TASK, 3],
  result: { changed: true, stdout: TASK, rc: 0 },
  name: 'web1',
  list: [1, 2],
};

function unknown(text: string, waits = TASK): void {
  const value = valueFrom(expression(text, VARS));
  assert.ok(value instanceof Unknown, `${text} gives ${JSON.stringify(value)}`);
  assert.equal(value.waitsFor, waits.waitsFor, text);
}

function known(text: string, expected: Value): void {
  assert.deepEqual(valueFrom(expression(text, VARS)), expected, text);
}

function judged(text: string, expected: boolean | 'unknown'): void {
  const value = valueFrom(judgement(text, VARS));
  assert.equal(value instanceof Unknown ? 'unknown' : value, expected, text);
}

describe('an Unknown', () => {
  it('propagates through operators', () => {
    for (const text of [
      'later + 1',
      '1 + later',
      '-later',
      'later * 2',
      'later / 0',
      "later ~ 'x'",
      "'x' ~ mixed",
      "'%s' % later",
      "'%s %s' % (1, later)",
      'later == 1',
      'later != 1',
      'later < 1',
      '1 in later',
      'later in list',
      'later in mixed',
      'not later',
    ]) {
      unknown(text);
    }
  });

  it('propagates through attributes, items, calls and arguments', () => {
    for (const text of [
      'later.a',
      'later.a.b[0]',
      'later[0]',
      'later[1:2]',
      'list[later]',
      'list[later:]',
      'later.split()',
      'later()',
      'name.replace(later, name)',
      'range(later)',
      "lookup('env', later)",
      '{later: 1}',
      'name.startswith(*later)',
      'dict(**later)',
    ]) {
      unknown(text);
    }
  });

  it('propagates through filters and tests', () => {
    for (const text of [
      'later | upper',
      'name | replace(later, name)',
      "later | default('x')",
      'mixed | join',
      'mixed | sort',
      'mixed | to_json',
      'mixed | unique',
      'later | map("upper")',
      'mixed | map("upper") | join',
      'mixed | select("odd")',
      'later | ternary(1, 2)',
      'later is defined',
      'later is not defined',
      'later.x is undefined',
      'later is none',
      'later is string',
      'later is failed',
      'name is match(later)',
      'result.stdout is search("x")',
      '{"failed": later} is succeeded',
      'mixed is contains(2)',
      '{} | combine(later)',
      '[later, {}] | combine',
      'mixed | sum',
      '[1, later] | flatten',
      '[[1, later]] | flatten(1)',
      '[later] | subelements("a")',
      'dict([later])',
      'namespace(later).a',
      'later | items2dict',
      '[later] | items2dict',
    ]) {
      unknown(text);
    }
  });

  it('does not hide what is certain', () => {
    known('mixed | length', 3);
    known('mixed[0]', 1);
    known('mixed | first', 1);
    known('result.rc', 0);
    known('result is changed', true);
    known('result is defined', true);
    known('1 in mixed', true);
    known('[1, later] == [2, later]', false);
    known('[1, later] == [1]', false);
    known('{"a": later} == {"b": later}', false);
    known('false and later', false);
    known('true or later', true);
    known('name if true else later', 'web1');
    known('missing | default(name)', 'web1');
    known('[false, later] is all', false);
    known('[true, later] is any', true);
    known('{"results": [{"changed": later}, {"changed": true}]} is changed', true);
    known('{"a": 1} | combine({"b": later}) | list', ['a', 'b']);
    known('name is defined or later', true);
    known('[1, later] | flatten(0, skip_nulls=false) | length', 2);
  });

  it('keeps its place in a value', () => {
    const value = valueFrom(expression('[1, later, {"a": fact}]', VARS));
    assert.ok(Array.isArray(value));
    assert.equal(value[1], TASK);
    assert.equal((value[2] as ValueMap).a, LOOK);
    assert.equal(valueFrom(expression('missing | default(later)', VARS)), TASK);
    assert.equal(valueFrom(expression('mixed[1]', VARS)), TASK);
    const items = valueFrom(template('{{ result | dict2items }}', VARS));
    assert.equal(findUnknown(items), TASK);
    assert.deepEqual(valueFrom(template('{{ mixed | map("default", 0) | list }}', VARS)), [1, TASK, 3]);
    assert.equal(valueFrom(template('{{ mixed }}', VARS)), VARS.mixed);
  });

  it('is decided by the side that is known, as a condition', () => {
    judged('later and false', false);
    judged('later and true', 'unknown');
    judged('later or true', true);
    judged('later or false', 'unknown');
    judged('not (later and false)', true);
    judged('not (later or true)', false);
    judged('(later and false) or name == "web1"', true);
    judged('later == 1 and name == "web2"', false);
    judged('later and fact', 'unknown');
    judged('1 < later < 0', 'unknown');
    judged('2 < 1 < later', false);
    judged('later.rc == 0 or name is defined', true);
    judged('later if false else true', true);
    judged('true if later else true', 'unknown');
  });

  it('leaves the value open where only the truth is certain', () => {
    unknown('later and false');
    unknown('later or true');
    unknown('later or "default"');
  });

  it('may guard a mistake', () => {
    judged('later is defined and missing == 1', 'unknown');
    judged('later.ok or missing', 'unknown');
    judged('later and missing and false', false);
  });

  it('is waited for by what takes longest', () => {
    const both = valueFrom(expression('fact ~ later', VARS));
    assert.ok(both instanceof Unknown);
    const sum = valueFrom(expression('fact + later', VARS));
    assert.ok(sum instanceof Unknown && sum.waitsFor === TASK.waitsFor && !sum.look);
    const reversed = valueFrom(expression('later == fact', VARS));
    assert.ok(reversed instanceof Unknown && reversed.waitsFor === TASK.waitsFor && !reversed.look);
    const looks = valueFrom(expression('fact + fact', VARS));
    assert.ok(looks instanceof Unknown && looks.look);
  });
});

describe('a template that meets an Unknown', () => {
  function renders(text: string, expected: string | 'unknown'): void {
    const value = valueFrom(file(text, VARS));
    assert.equal(value instanceof Unknown ? 'unknown' : value, expected, text);
  }

  it('is unknown as a whole', () => {
    for (const text of [
      'a {{ later }} b',
      '{{ mixed }}',
      '{% if later %}a{% endif %}',
      '{% if false %}{% elif later %}a{% endif %}',
      '{% for i in later %}a{% endfor %}',
      '{% for i in mixed if i > 1 %}a{% endfor %}',
      '{% for i in mixed %}{{ i }}{% endfor %}',
      '{% set x = later %}{{ x }}',
      '{% set x %}{{ later }}{% endset %}{{ x }}',
      '{% filter upper %}{{ later }}{% endfilter %}',
      '{% macro m() %}{{ later }}{% endmacro %}{{ m() }}',
      '{% macro m(x) %}{% if x %}a{% endif %}{% endmacro %}{{ m(later) }}',
      '{% include later %}',
      '{% import later as m %}',
      '{% from later import m %}',
    ]) {
      renders(text, 'unknown');
    }
  });

  it('is not, where the Unknown is not written', () => {
    renders('{% set x = later %}a', 'a');
    renders('{% for i in mixed %}a{% endfor %}', 'aaa');
    renders('{% if true or later %}a{% endif %}', 'a');
    renders('{{ result.rc }}', '0');
    renders('{% macro m(x) %}a{% endmacro %}{{ m(later) }}', 'a');
  });

  it('stays unknown whatever a namespace says after a branch nobody can take', () => {
    renders('{% set ns = namespace(c=0) %}{% if later %}{% set ns.c = 1 %}{% endif %}{{ ns.c }}', 'unknown');
    renders(
      '{% set ns = namespace(c=0) %}{% macro m() %}{% if later %}{% set ns.c = 1 %}{% endif %}{% endmacro %}{% set _ = m() %}{{ ns.c }}',
      'unknown',
    );
  });

  it('still tells a mistake beside it', () => {
    const result = file('{{ later }} {{ missing }}', VARS);
    assert.ok(!result.ok);
  });
});
