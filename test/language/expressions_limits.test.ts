import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Result } from '../../engine/language/diagnostics.ts';
import { backtracks } from '../../engine/language/expressions/regex_risk.ts';
import type { ValueMap } from '../../engine/language/values.ts';
import { expression, file, problemOf, template, valueFrom } from './evaluating.ts';

const VARS: ValueMap = { big: 'x'.repeat(1024 * 1024), deep: nest(400), backslashes: '\\'.repeat(1000) };

function nest(levels: number): ValueMap {
  return levels === 0 ? {} : { a: nest(levels - 1) };
}

/** The limit is met, and in time, also on a loaded machine: minutes of waiting would be a hang. */
function refused(run: () => Result<unknown>, message: RegExp): void {
  const started = performance.now();
  assert.match(problemOf(run()).message, message);
  const seconds = (performance.now() - started) / 1000;
  assert.ok(seconds < 120, `it took ${seconds} s`);
}

const refusedExpression = (text: string, message: RegExp) => refused(() => expression(text, VARS), message);
const refusedFile = (text: string, message: RegExp) => refused(() => file(text, VARS), message);

describe('no template can hang the controller or fill its memory', () => {
  it('by long texts', () => {
    for (const text of [
      "'x' * 1000000000",
      'big * 65',
      "([big] * 70) | join('')",
      "'%1000000000d' % 1",
      "'{:1000000000}'.format(1)",
      "'x'.center(1000000000)",
      "'x'.ljust(1000000000)",
      "'1'.zfill(1000000000)",
      "'x' | center(1000000000)",
      "big | replace('x', big)",
      "big.replace('x', big)",
      "('x' * 100) | regex_replace('x', big)",
      "big | replace('x', '\\n') | indent(1000)",
      "'x\\ny' | indent(1000000000)",
      '([big] * 70) | to_json',
      '([big] * 70) | to_nice_yaml',
      "([big] * 70) ~ ''",
      "'x' | comment(prefix_count=1000000000)",
      "'a\\t'.expandtabs(1000000000)",
    ]) {
      refusedExpression(text, /64 MiB/);
    }
    refusedFile('{% for i in range(100) %}{{ big }}{% endfor %}', /64 MiB/);
    refusedFile(
      "{% set ns = namespace(x='x') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
      /64 MiB/,
    );
  });

  it('by long lists', () => {
    for (const text of [
      'range(1000000000)',
      '[1] * 1000000000',
      'range(10000) | product(range(10000)) | list',
      'range(10) | product(repeat=9) | list',
      'range(100) | permutations(5) | list',
      'range(100) | combinations(6) | list',
      'range(600000) + range(600000)',
      '[] | slice(1000000000)',
      "[1] | batch(1000000000, 'x')",
      "big.replace('x', 'x,x').split(',')",
    ]) {
      refusedExpression(text, /1,000,000 items/);
    }
  });

  it('by odd numbers', () => {
    refusedExpression("'%.999999999f' % 1.5", /at most 1100 places/);
    refusedExpression("'{:.99999}'.format(1.5)", /at most 1100 places/);
    refusedExpression("1.5 | round(400, 'ceil')", /no 400 places/);
    refusedExpression('[1] | product(repeat=1000000) | list', /at most 100 lists/);
    refusedExpression('(big * 17) | list', /too long to be taken apart/);
  });

  it('by many steps', () => {
    const loops = '{% for i in range(1000000) %}{% for j in range(1000000) %}{% endfor %}{% endfor %}';
    refusedFile(loops, /2,000,000 steps/);
    refusedFile(`{% macro m() %}${loops}{% endmacro %}{{ m() }}`, /2,000,000 steps/);
    const doubled = '{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}';
    const other = doubled.replaceAll('ns', 'other');
    refusedFile(`${doubled}${other}{{ ns.x == other.x }}`, /2,000,000 steps/);
    refusedFile(`${doubled}{{ ns.x }}`, /too large to be written/);
    refused(
      () => template(`{% set a = [1, 2] %}${doubled}{% if true %}{{ ns.x }}{% endif %}`, VARS),
      /2,000,000 steps/,
    );
    assert.equal(valueFrom(file(`${doubled}{{ ns.x | length }}`)), '2');
  });

  it('by depth of the syntax', () => {
    for (const text of [
      `${'('.repeat(1000)}1${')'.repeat(1000)}`,
      `${'['.repeat(1000)}${']'.repeat(1000)}`,
      `${'-'.repeat(1000)}1`,
      `${'not '.repeat(1000)}1`,
      `1${' + 1'.repeat(1000)}`,
      `1${' and 1'.repeat(1000)}`,
      `1${' | int'.repeat(1000)}`,
      `a${'.a'.repeat(1000)}`,
      `a${'[0]'.repeat(1000)}`,
      `a${'()'.repeat(1000)}`,
      `x is y${' is y'.repeat(1000)}`,
      `1${' if 1 else 1'.repeat(1000)}`,
      `${'{1:'.repeat(1000)}1${'}'.repeat(1000)}`,
      `a is b ${'c.'.repeat(1000)}d`,
    ]) {
      refusedExpression(text, /nests deeper|there is no test/);
    }
    refusedFile(`${'{% if 1 %}'.repeat(1000)}${'{% endif %}'.repeat(1000)}`, /nests deeper/);
    refusedFile(`{% for ${'('.repeat(1000)}a${')'.repeat(1000)} in b %}{% endfor %}`, /nests deeper/);
    assert.equal(valueFrom(expression(`1${' ~ 1'.repeat(1000)}`)), '1'.repeat(1001));
    assert.equal(valueFrom(expression(`1${' + 1'.repeat(200)}`)), 201);
  });

  it('by depth of calls', () => {
    refusedFile('{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}', /one calls itself/);
    refusedFile('{% for i in [[]] recursive %}{{ loop([i]) }}{% endfor %}', /one calls itself/);
    const include = (name: string) => ({ path: name, text: "{% include 'a' %}" });
    const options = { trimBlocks: true, lstripBlocks: false, newline: '\n' as const, include };
    refused(() => file("{% include 'a' %}", {}, options), /one calls itself/);
  });

  it('by depth of values', () => {
    const tower = '{% set ns = namespace(x=[]) %}{% for i in range(20000) %}{% set ns.x = [ns.x] %}{% endfor %}';
    refused(() => template(`${tower}{% if true %}{{ ns.x }}{% endif %}`), /nest|too deep/);
    refusedFile(`${tower}{{ ns.x }}`, /too deep/);
    refusedFile(`${tower}{{ ns.x | to_json }}`, /too deep/);
    refusedExpression(`'${'['.repeat(100_000)}' | from_json`, /nested too deeply/);
    refusedExpression(`'${'['.repeat(100_000)}' | from_yaml`, /no YAML/);
    assert.match(String(valueFrom(expression('deep ~ ""', VARS))), /^(\{'a': )+/);
  });

  it('by regular expressions that backtrack', () => {
    const subject = `'${'a'.repeat(60)}!'`;
    refusedExpression(`${subject} is match('(a+)+$')`, /takes too long/);
    for (const pattern of ['(a+)+$', '^(a|a)*$', '(?:a{1,20}){1,20}$', '((a)*b?)*', '([ab]*c*)+x', '(?:(?:a|b)c?)*']) {
      assert.ok(backtracks(pattern, 60), pattern);
    }
    for (const pattern of [
      '^#?Port ',
      '(foo|bar)?',
      '^\\s*([a-z]+)=(.*)$',
      '[(a+)+]',
      '\\(a+\\)+',
      '(\\d{1,3}\\.){3}',
    ]) {
      assert.ok(!backtracks(pattern, 60), pattern);
    }
    assert.ok(backtracks('x+y', 20_000));
    assert.equal(valueFrom(expression(`big is search('x+y')`, { big: 'x'.repeat(2000) })), false);
    assert.equal(valueFrom(expression(`'aaa' is match('(a+)+$')`)), true);
  });

  it('by texts that only look harmless to regular expressions of our own', () => {
    const blank = ' '.repeat(1_000_000);
    assert.equal(valueFrom(file(`a${blank}{%- if 1 -%}${blank}b{% endif %}`)), 'ab');
    assert.equal(String(valueFrom(file(`{{ 1${blank}}}`))), '1');
    assert.equal(valueFrom(expression('x | trim | length', { x: `a${blank}b` })), 1_000_002);
    assert.equal(valueFrom(expression('x | int', { x: `${'1'.repeat(100)}${blank}x` })), 0);
    assert.equal(valueFrom(expression("x is version('1', '>')", { x: '2'.repeat(10) })), true);
    assert.equal(valueFrom(expression('x | title | length', { x: '-'.repeat(1_000_000) })), 1_000_000);
    assert.equal(valueFrom(expression('x | quote | length', { x: "'".repeat(100_000) })), 500_002);
  });
});
