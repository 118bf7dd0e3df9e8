import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ok } from '../../engine/language/diagnostics.ts';
import { compileExpression, hasTemplate, placeAt } from '../../engine/language/expressions/compile.ts';
import { isOmit, OMIT } from '../../engine/language/expressions/omit.ts';
import { evaluateAll, renderTemplated, truthy } from '../../engine/language/render.ts';
import type { Condition, Scope, Templated } from '../../engine/language/templated.ts';
import { toTemplated } from '../../engine/language/templates.ts';
import { Float, Unknown, type ValueMap } from '../../engine/language/values.ts';
import { parseYaml } from '../../engine/language/yaml.ts';
import { expression, file, judgement, problemOf, STANDARD, scope, template, valueFrom } from './evaluating.ts';

const LATER = new Unknown('the first task');

function templated(yaml: string): Templated {
  const node = valueFrom(parseYaml({ path: 'vars.yml', text: yaml }));
  return valueFrom(toTemplated(node));
}

function conditions(...texts: readonly string[]): readonly Condition[] {
  return texts.map((text) => {
    const source = { path: 'play.yml', text };
    return {
      text,
      expression: valueFrom(compileExpression(text, placeAt(source, 0))),
      span: { source, start: 0, end: 0 },
    };
  });
}

describe('a value as written', () => {
  it('is rendered in depth, with its types', () => {
    const node = templated('a: "{{ list }}"\nb: ["x{{ n }}", {c: "{{ n }}", d: 1.0}]\ne: plain\n');
    const value = valueFrom(renderTemplated(node, scope({ list: [1, 2], n: 5 })));
    assert.deepEqual(value, { a: [1, 2], b: ['x5', { c: 5, d: new Float(1) }], e: 'plain' });
  });

  it('tells every mistake at once', () => {
    const node = templated('a: "{{ x }}"\nb: ["{{ y }}", "{{ 1 / 0 }}"]\n');
    const result = renderTemplated(node, scope({}));
    assert.ok(!result.ok);
    assert.deepEqual(
      result.diagnostics.map(({ message }) => message),
      ['`x` is undefined', '`y` is undefined', 'division by zero'],
    );
  });

  it('keeps an Unknown where it stands', () => {
    const node = templated('a: "{{ later }}"\nb: ["{{ n }}", "is {{ later }}"]\n');
    assert.deepEqual(valueFrom(renderTemplated(node, scope({ later: LATER, n: 1 }))), { a: LATER, b: [1, LATER] });
  });

  it('has keys that are only keys', () => {
    const node = templated('__proto__: "{{ n }}"\nconstructor: "{{ n }}"\n');
    const value = valueFrom(renderTemplated(node, scope({ n: 1 })));
    assert.deepEqual(Object.entries(value ?? {}), [
      ['__proto__', 1],
      ['constructor', 1],
    ]);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
  });

  it('is never read as a template again', () => {
    const vars = { evil: '{{ secret }}', secret: 's3cret', list: ['{{ secret }}'] };
    assert.equal(valueFrom(template('{{ evil }}', vars)), '{{ secret }}');
    assert.equal(valueFrom(template('a {{ evil }}', vars)), 'a {{ secret }}');
    assert.deepEqual(valueFrom(template('{{ list }}', vars)), ['{{ secret }}']);
    assert.equal(valueFrom(template("{{ '[1, 2]' }}", vars)), '[1, 2]');
    assert.equal(valueFrom(template("{{ 'True' }}", vars)), 'True');
    assert.equal(valueFrom(template('{% if true %}{{ evil }}{% endif %}', vars)), '{{ secret }}');
    assert.equal(valueFrom(expression("lookup('vars', 'evil')", vars)), '{{ secret }}');
  });
});

describe('whether a text is a template', () => {
  it('is seen from its delimiters', () => {
    for (const text of ['{{ a }}', 'a {% if b %}', '{# c #}']) assert.ok(hasTemplate(text), text);
    for (const text of ['', 'a', '{ a }', '{a: b}', '}}', '%}', '{ {']) assert.ok(!hasTemplate(text), text);
  });
});

describe('conditions', () => {
  const judge = (vars: ValueMap, ...texts: readonly string[]) =>
    valueFrom(evaluateAll(conditions(...texts), scope(vars)));

  it('hold together', () => {
    assert.equal(judge({}), true);
    assert.equal(judge({ a: 1 }, 'a == 1', 'a is defined'), true);
    assert.equal(judge({ a: 1 }, 'a == 1', 'a > 1'), false);
  });

  it('end with the first that is false', () => {
    assert.equal(judge({}, 'a is defined', 'a.b == 1'), false);
    assert.equal(evaluateAll(conditions('a.b == 1', 'false'), scope({})).ok, false);
  });

  it('are decided by one that is false, even beside an Unknown', () => {
    assert.equal(judge({ later: LATER }, 'later', 'false'), false);
    assert.equal(judge({ later: LATER }, 'false', 'later'), false);
    assert.equal(judge({ later: LATER }, 'later.rc == 0', 'true'), LATER);
    assert.equal(judge({ later: LATER }, 'later.rc == 0', 'missing == 1'), LATER);
    assert.equal(judge({ later: LATER }, 'later.rc == 0', 'missing == 1', 'false'), false);
  });

  it('take anything by its truth, as Python does', () => {
    const cases: readonly [string, boolean][] = [
      ['1', true],
      ['0', false],
      ['0.0', false],
      ['[]', false],
      ['[0]', true],
      ['{}', false],
      ['none', false],
      ["''", false],
      ["'a'", true],
      ["'true'", true],
      ["'yes'", true],
      ["'a' and 'b'", true],
      ["'no' or true", true],
      ["'{{ x }}' == '{' ~ '{ x }' ~ '}'", true],
    ];
    for (const [text, expected] of cases) assert.equal(valueFrom(judgement(text)), expected, text);
  });

  it('refuse a text that says no and would count as yes', () => {
    for (const text of ['false', 'False', 'no', 'off', '0', 'n']) {
      const problem = problemOf(judgement('debug', { debug: text }));
      assert.match(problem.message, /would count as true/);
      assert.match(problem.hint ?? '', /\| bool/);
      assert.equal(valueFrom(judgement('debug | bool', { debug: text })), false);
    }
  });

  it('may have braces around names', () => {
    assert.equal(valueFrom(judgement('{{ a }} == 1', { a: 1 })), true);
    assert.equal(valueFrom(judgement('{{ a }}', { a: [] })), false);
    assert.equal(valueFrom(judgement("{{ a }} == '{{ a }}'", { a: 'x' })), false);
    assert.equal(valueFrom(expression("{'a': {'b': 1}}['a']['b']")), 1);
  });
});

describe('the truth of a value', () => {
  it("is Python's", () => {
    for (const value of [true, 1, -1, 0.5, 'a', '0', [0], { a: 0 }, new Float(1)]) assert.equal(truthy(value), true);
    for (const value of [false, 0, '', null, [], {}, new Float(0), LATER]) assert.equal(truthy(value), false);
  });
});

describe('omit', () => {
  it('is a value of its own', () => {
    assert.ok(isOmit(valueFrom(expression('omit'))));
    assert.ok(isOmit(valueFrom(template('{{ missing | default(omit) }}'))));
    assert.ok(isOmit(valueFrom(template("{{ '' | default(omit, true) }}"))));
    assert.ok(isOmit(valueFrom(expression('omit if true else 1'))));
    assert.equal(valueFrom(expression('omit == omit')), true);
    assert.equal(valueFrom(expression('omit is defined')), true);
    assert.ok(isOmit((valueFrom(expression("{'a': omit}")) as ValueMap).a));
  });

  it('cannot be forged, and a variable may have its name', () => {
    for (const value of [{}, '', null, '__omit_place_holder__']) assert.ok(!isOmit(value));
    assert.equal(valueFrom(expression('omit', { omit: 5 })), 5);
  });

  it('cannot be written into a text', () => {
    for (const text of [
      'a{{ omit }}',
      '{{ [omit] }} ',
      '{{ omit ~ "" }}',
      '{{ [omit] | to_json }}',
      '{{ omit | to_yaml }}',
    ]) {
      assert.ok(!file(text).ok, text);
    }
    assert.ok(Object.isFrozen(OMIT));
  });
});

describe('lookups', () => {
  const from: Scope = scope(
    { name: 'web1' },
    {
      environment: (name) => ({ HOME: '/root', EMPTY: '' })[name],
      file: (path) => (path === 'key.pub' ? ok({ path, text: '\n ssh-ed25519 AAA \n' }) : undefined),
    },
  );

  it('read the environment of the controller', () => {
    assert.equal(valueFrom(expression("lookup('env', 'HOME')", from)), '/root');
    assert.equal(valueFrom(expression("lookup('env', 'EMPTY')", from)), '');
    assert.equal(valueFrom(expression("lookup('env', 'NOPE')", from)), '');
    assert.equal(valueFrom(expression("lookup('env', 'NOPE', default='x')", from)), 'x');
    assert.equal(valueFrom(expression("lookup('env', 'HOME', 'EMPTY')", from)), '/root,');
    assert.deepEqual(valueFrom(expression("query('env', 'HOME', 'EMPTY')", from)), ['/root', '']);
    assert.ok(!expression("lookup('env', 'NOPE', default=undef())", from).ok);
  });

  it('read files of the controller', () => {
    assert.equal(valueFrom(expression("lookup('file', 'key.pub')", from)), '\n ssh-ed25519 AAA');
    assert.equal(valueFrom(expression("lookup('file', 'key.pub', lstrip=true)", from)), 'ssh-ed25519 AAA');
    assert.equal(valueFrom(expression("lookup('file', 'key.pub', rstrip=false)", from)), '\n ssh-ed25519 AAA \n');
    assert.deepEqual(valueFrom(expression("q('ansible.builtin.file', ['key.pub'])", from)), ['\n ssh-ed25519 AAA']);
    const problem = problemOf(expression("lookup('file', 'key.pup')", from));
    assert.equal(problem.code, 'file');
    assert.match(problem.message, /no file `key.pup`/);
    assert.equal(valueFrom(expression("lookup('file', 'key.pup', errors='ignore')", from)), null);
  });

  it('find nothing without a controller', () => {
    assert.equal(valueFrom(expression("lookup('env', 'HOME')")), '');
    assert.ok(!expression("lookup('file', 'x')").ok);
  });
});

describe('a template file', () => {
  it('renders the play of the benchmark', () => {
    const vars = { sshd: { PermitRootLogin: 'no', MaxAuthTries: '3' } };
    const text =
      '# {{ ansible_managed }}\n{% for item in sshd | dict2items %}\n{{ item.key }} {{ item.value }}\n{% endfor %}\n';
    assert.equal(
      valueFrom(file(text, { ...vars, ansible_managed: 'managed' })),
      '# managed\nPermitRootLogin no\nMaxAuthTries 3\n',
    );
  });

  it('includes what the hook finds, once parsed', () => {
    const asked: string[] = [];
    const include = (name: string) => {
      asked.push(name);
      return { path: name, text: '[{{ i }}]' };
    };
    const options = { ...STANDARD, include };
    assert.equal(valueFrom(file("{% for i in [1, 2] %}{% include 'x' %}{% endfor %}", {}, options)), '[1][2]');
    assert.deepEqual(asked, ['x']);
    assert.equal(
      valueFrom(
        file("{% include 'x' without context %}", { i: 1 }, { ...options, include: () => ({ path: 'x', text: 'a' }) }),
      ),
      'a',
    );
    assert.ok(!file("{% include 'x' without context %}", { i: 1 }, options).ok);
  });

  it('prints floats as Python does, wherever they come from', () => {
    const vars = { php: new Float(8), list: [new Float(1)], third: 1 / 3 };
    assert.equal(
      valueFrom(file('php{{ php }} {{ list }} {{ php * 2 }} {{ third }}', vars)),
      'php8.0 [1.0] 16.0 0.3333333333333333',
    );
    assert.equal(valueFrom(template('php{{ php }}', vars)), 'php8.0');
    assert.equal(valueFrom(expression("php is version('7.4', '>')", vars)), true);
  });

  it('asks for each variable only when it is needed', () => {
    const asked: string[] = [];
    const lazy: Scope = {
      lookup(name) {
        asked.push(name);
        return ok(name === 'a' ? 1 : 2);
      },
      names: () => [],
    };
    assert.equal(valueFrom(file('{{ a if true else b }}{{ a or b }}{% if false %}{{ c }}{% endif %}', lazy)), '11');
    assert.deepEqual(asked, ['a', 'a']);
  });

  it('lets a bug through as what it is', () => {
    const broken: Scope = {
      lookup() {
        throw new TypeError('a bug');
      },
      names: () => [],
    };
    assert.throws(() => file('{{ a }}', broken), TypeError);
  });
});
