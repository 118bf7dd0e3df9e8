import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DiagnosticCode, Result } from '../../engine/language/diagnostics.ts';
import { compileExpression, compileTemplate, placeAt } from '../../engine/language/expressions/compile.ts';
import type { ValueMap } from '../../engine/language/values.ts';
import { expression, file, marked, problemOf, scope, template } from './evaluating.ts';

const VARS: ValueMap = {
  packages: ['a', 'b'],
  server: { hostname: 'web1', port: 80 },
  count: 3,
  name: 'web1',
};

interface Expected {
  readonly code: DiagnosticCode;
  /** What the diagnostic points at. */
  readonly at: string;
  readonly message: RegExp;
  readonly hint?: RegExp;
}

function fails(result: Result<unknown>, { code, at, message, hint }: Expected): void {
  const problem = problemOf(result);
  assert.equal(problem.code, code, problem.message);
  assert.equal(problem.severity, 'error');
  assert.match(problem.message, message);
  assert.equal(marked(problem), at, problem.message);
  if (hint !== undefined) assert.match(problem.hint ?? '', hint);
}

describe('an undefined name', () => {
  const undefinedAt = (text: string, at: string, message: RegExp, hint?: RegExp) =>
    fails(expression(text, VARS), { code: 'undefined', at, message, ...(hint && { hint }) });

  it('is told with its place and the nearest name', () => {
    undefinedAt('1 + pakages', 'pakages', /`pakages` is undefined/, /`packages`/);
    undefinedAt('nothing_like_it == 1', 'nothing_like_it', /is undefined/);
    undefinedAt('rnage(3)', 'rnage', /is undefined/, /`range`/);
  });

  it('may be a name of the template', () => {
    fails(file('{% set backend = 1 %}{{ bakend }}', VARS), {
      code: 'undefined',
      at: 'bakend',
      message: /`bakend` is undefined/,
      hint: /`backend`/,
    });
  });

  it('may be an attribute', () => {
    undefinedAt(
      'server.hostnme ~ "x"',
      'server.hostnme',
      /`server` is a dict and has no attribute `hostnme`/,
      /`hostname`/,
    );
    undefinedAt("server['prt'] + 1", "server['prt']", /no attribute `prt`/, /`port`/);
    undefinedAt('packages[7] ~ ""', 'packages[7]', /`packages` has 2 items, and no item `7`/);
    undefinedAt('name.nope()', 'name.nope', /is a str and has no attribute `nope`/);
    undefinedAt("''.constructor.constructor('x')()", "''.constructor", /no attribute `constructor`/);
    undefinedAt('missing.a.b.c', 'missing', /`missing` is undefined/);
  });

  it('is told where it stands, not where it is used', () => {
    undefinedAt('[name, pakages] | join(",")', 'pakages', /`pakages` is undefined/);
    undefinedAt('name | replace("a", pakages)', 'pakages', /is undefined/);
    undefinedAt('{"a": [missing]}', 'missing', /is undefined/);
  });

  it('of a variable that misses something is told at the variable', () => {
    const source = { path: 'group_vars/all.yml', text: 'url: "{{ hostt }}"' };
    const diagnostic = {
      code: 'undefined' as const,
      severity: 'error' as const,
      message: '`hostt` is undefined',
      span: { source, start: 9, end: 14 },
    };
    const broken = {
      ...scope(VARS),
      lookup: (name: string) => (name === 'url' ? { ok: false as const, diagnostics: [diagnostic] } : undefined),
    };
    fails(expression('url ~ "/x"', broken), { code: 'undefined', at: 'hostt', message: /`hostt` is undefined/ });
    assert.deepEqual(expression('url | default("none")', broken), { ok: true, value: 'none' });
  });

  it('of a variable that is wrong otherwise is an error even for `default`', () => {
    const diagnostic = { code: 'expression' as const, severity: 'error' as const, message: 'division by zero' };
    const broken = { ...scope(VARS), lookup: () => ({ ok: false as const, diagnostics: [diagnostic] }) };
    fails(expression('url | default(1)', broken), { code: 'expression', at: 'url', message: /division by zero/ });
  });
});

describe('an expression that cannot be evaluated', () => {
  const failsAt = (text: string, at: string, message: RegExp, hint?: RegExp) =>
    fails(expression(text, VARS), { code: 'expression', at, message, ...(hint && { hint }) });

  it('points at the operator and its sides', () => {
    failsAt('2 * (count + "1")', 'count + "1"', /`\+` does not work on an int and a str/, /`~`/);
    failsAt('count > "2"', 'count > "2"', /`>` does not compare an int with a str/, /\| int/);
    failsAt('1 // (count - 3)', '1 // (count - 3)', /division by zero/);
    failsAt('1 in count', '1 in count', /an int holds nothing/);
  });

  it('points at the filter or test', () => {
    failsAt('name | round', 'round', /the filter `round` takes a number, and got a str/, /\| float/);
    failsAt('count | replace("a")', 'replace("a")', /the filter `replace` needs `new`/);
    failsAt('name | upper(1)', 'upper(1)', /the filter `upper` takes no arguments, and got 1/);
    failsAt('name | indent(widht=2)', 'indent(widht=2)', /has no argument `widht`/, /`width`/);
    failsAt('name | regex_replace("(", "")', 'regex_replace("(", "")', /is no regular expression/);
    failsAt('not (name is failed)', 'name is failed', /the test `failed` takes what a task registered/);
    failsAt('packages | map("nope") | list', 'map("nope")', /there is no filter `nope`/);
    failsAt("lookup('fil', 'x')", "lookup('fil', 'x')", /no lookup `fil`/, /`file`/);
  });

  it('points at what is called', () => {
    failsAt('name()', 'name', /`name` is a str and cannot be called/);
    failsAt('packages.append("c")', 'packages.append("c")', /would change the list/, /\+/);
    failsAt('server.update({})', 'server.update({})', /would change the map/, /combine/);
  });

  it('refuses integers that JavaScript would round', () => {
    failsAt('9007199254740991 + 1', '9007199254740991 + 1', /too large/);
    failsAt('2 ** 64', '2 ** 64', /too large/);
    failsAt("'123456789012345678901' | int", 'int', /too large/);
  });

  it('refuses what would differ between plan and apply', () => {
    failsAt('packages | random', 'random', /needs a seed/, /seed=inventory_hostname/);
    failsAt('packages | shuffle', 'shuffle', /needs a seed/);
    failsAt("'%Y' | strftime", 'strftime', /needs a time/);
  });

  it('refuses what would look at the controller', () => {
    failsAt("'~/x' | expanduser", 'expanduser', /at the controller/);
  });
});

describe('a mistake of syntax', () => {
  const wrong = (text: string, at: string, message: RegExp, hint?: RegExp) =>
    fails(expression(text), { code: 'template', at, message, ...(hint && { hint }) });
  const wrongTemplate = (text: string, at: string, message: RegExp, hint?: RegExp) =>
    fails(template(text), { code: 'template', at, message, ...(hint && { hint }) });

  it('points at the token', () => {
    wrong('a = 1', '=', /should end before `=`/, /==/);
    wrong('a b', 'b', /should end before `b`/);
    wrong('(1, 2', '(', /`\(` is not closed/);
    wrong('[1, 2)', ')', /`\)` does not close `\[`/);
    wrong('a && b', '&', /unexpected character `&`/, /`and`/);
    wrong('!a', '!', /unexpected character `!`/, /`not`/);
    wrong("'abc", "'", /no closing quote/);
    wrong('1 +', '', /expected an expression, found the end/);
    wrong('', '', /empty/);
    wrong('a.', '', /expected a name after `.`, found the end/);
    wrong('f(a=1, 2)', '2', /argument without a name/);
    wrong('f(a=1, a=2)', 'a', /`a` is given twice/);
    wrong('not', '', /expected an expression/);
    wrong('1 + not 2', 'not', /in brackets/);
    wrong('12345678901234567890', '12345678901234567890', /too large/);
  });

  it('may be a filter or test that is not there', () => {
    wrong('a | uper', 'uper', /there is no filter `uper`/, /`upper`/);
    wrong('a is definde', 'definde', /there is no test `definde`/, /`defined`/);
    wrong('a | community.general.json_query', 'community.general.json_query', /there is no filter/);
    wrong('a | constructor', 'constructor', /there is no filter/);
  });

  it('may be a tag', () => {
    wrongTemplate('a {{ b', '{{', /has no end/, /}}/);
    wrongTemplate('a {{ }}', '{{ }}', /nothing between the braces/);
    wrongTemplate('{% if a %}b', 'if', /not closed/, /endif/);
    wrongTemplate('{% for a %}{% endfor %}', '%}', /expected `in`/);
    wrongTemplate('{% fi a %}', 'fi', /unknown statement `fi`/, /`if`/);
    wrongTemplate('{% endif %}', 'endif', /nothing is open/);
    wrongTemplate('{% if a %}{% endfor %}', 'endfor', /the open block ends with `endif`/);
    wrongTemplate('{# a', '{#', /comment has no end/);
    wrongTemplate('{% raw %}a', '{% raw %}', /`raw` block has no end/);
    wrongTemplate("{{ 'it\\'s' }}", "'it\\'s'", /does not escape a quote here/, /other kind of quotes/);
    wrongTemplate('{% block a %}{% endblock %}', 'block', /not supported/);
    wrongTemplate('{{ a } }', '}', /`}` closes nothing/);
  });

  it('is found in the file that the text stands in', () => {
    const source = { path: 'play.yml', text: 'when: x is definde' };
    const compiled = compileExpression('x is definde', placeAt(source, 6));
    assert.equal(marked(problemOf(compiled)), 'definde');
    const spread = { path: 'play.yml', text: "msg: 'it''s {{ nope }}'" };
    // A quote that YAML doubles shifts everything behind it.
    const place = { source: spread, offset: (index: number) => index + (index < 3 ? 6 : 7) };
    const text = compileTemplate("it's {{ nope }}", place);
    assert.ok(text.ok);
    assert.equal(marked(problemOf(text.value.evaluate(scope({})))), 'nope');
  });

  it('is found behind Windows line ends', () => {
    fails(file('a\r\nb\r\n{{ nope }}\r\n'), { code: 'undefined', at: 'nope', message: /`nope` is undefined/ });
  });

  it('in an included template is told there', () => {
    const options = {
      trimBlocks: true,
      lstripBlocks: false,
      newline: '\n' as const,
      include: (name: string) => ({ path: name, text: name === 'a.j2' ? 'x {{ nope }}' : 'x {% if %}' }),
    };
    const undefinedThere = problemOf(file("{% include 'a.j2' %}", {}, options));
    assert.equal(undefinedThere.span?.source.path, 'a.j2');
    assert.equal(marked(undefinedThere), 'nope');
    const wrongThere = problemOf(file("{% include 'b.j2' %}", {}, options));
    assert.equal(wrongThere.span?.source.path, 'b.j2');
    fails(file("{% include 'a.j2' %}"), { code: 'include', at: "'a.j2'", message: /cannot be included here/ });
  });

  it('in the header of a template is told there', () => {
    fails(file('#jinja2: trim_block: True\nx'), {
      code: 'template',
      at: '#jinja2: trim_block: True',
      message: /`trim_block` is no option/,
      hint: /`trim_blocks`/,
    });
    fails(file('#jinja2: trim_blocks: maybe\nx'), {
      code: 'template',
      at: '#jinja2: trim_blocks: maybe',
      message: /takes a boolean/,
    });
  });
});
