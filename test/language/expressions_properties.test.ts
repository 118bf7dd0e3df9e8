import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileExpression, compileTemplate, placeAt } from '../../engine/language/expressions/compile.ts';
import { filters } from '../../engine/language/expressions/filters.ts';
import { listMethods } from '../../engine/language/expressions/methods_list.ts';
import { mapMethods } from '../../engine/language/expressions/methods_map.ts';
import { textMethods } from '../../engine/language/expressions/methods_text.ts';
import { reprOf } from '../../engine/language/expressions/print.ts';
import { tests } from '../../engine/language/expressions/tests.ts';
import { Float, floatText, plain, Unknown, type Value, type ValueMap } from '../../engine/language/values.ts';
import { expression, file, template, valueFrom } from './evaluating.ts';

const RUNS = 300;

const text = fc.string({ unit: 'binary', maxLength: 20 });
const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (Number.isInteger(x) ? new Float(x) : x)),
  text.filter((each) => !/\p{Cs}/u.test(each)),
);
const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'items')), tie('value'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).value;

/** Pieces that templates are made of, so that chance finds something that means something. */
const PIECES = [
  ...['{{', '}}', '{%', '%}', '{#', '#}', '-', '+', '(', ')', '[', ']', '{', '}', '|', '.', ',', ':', '=', '~'],
  ...['==', '<', '**', '//', '%', '*', "'", '"', '\\', '\n', '\r\n', ' ', 'a', 'b', '1', '1.5', "'x'", '[]', '{}'],
  ...['if', 'else', 'elif', 'endif', 'for', 'in', 'endfor', 'set', 'endset', 'macro', 'endmacro', 'call', 'endcall'],
  ...['raw', 'endraw', 'filter', 'endfilter', 'with', 'endwith', 'include', 'import', 'from', 'as', 'not', 'is', 'and'],
  ...['or', 'defined', 'none', 'true', 'loop', 'upper', 'map', 'join', 'range', 'omit', 'lookup', 'namespace', '😀'],
];
const soup = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 30 })
  .map((parts) => parts.join(' '));

describe('any text', () => {
  it('compiles or is a mistake with a place within it, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(soup, text), (source) => {
        for (const compile of [compileTemplate, compileExpression]) {
          const compiled = compile(source, placeAt({ path: 'x', text: source }, 0));
          if (compiled.ok) continue;
          for (const { span, message } of compiled.diagnostics) {
            assert.ok(message.length > 0 && span !== undefined);
            assert.ok(0 <= span.start && span.start <= span.end && span.end <= source.length, message);
          }
        }
      }),
      { numRuns: RUNS * 10 },
    );
  });

  it('evaluates to plain data or to a mistake, whatever the variables', () => {
    fc.assert(
      fc.property(soup, value, value, (source, a, b) => {
        const vars = { a, b };
        for (const result of [template(source, vars), expression(source, vars), file(source, vars)]) {
          if (result.ok) assert.doesNotThrow(() => structuredClone(JSON.stringify(result.value)));
          else assert.ok(result.diagnostics.length > 0);
        }
      }),
      { numRuns: RUNS * 5 },
    );
  });

  it('without a delimiter is itself', () => {
    fc.assert(
      fc.property(
        text.filter((each) => !/\{[{%#]|\r/.test(each)),
        (source) => assert.equal(valueFrom(template(source)), source),
      ),
      { numRuns: RUNS },
    );
  });
});

describe('any value', () => {
  it('comes back from a variable as the same value', () => {
    fc.assert(
      fc.property(value, (a) => {
        assert.equal(valueFrom(template('{{ a }}', { a })), a);
        assert.equal(valueFrom(expression('a', { a })), a);
      }),
      { numRuns: RUNS },
    );
  });

  it('comes back from its own literal', () => {
    fc.assert(
      fc.property(value, (a) => assert.deepEqual(plain(valueFrom(expression(reprOf(a), {}))), plain(a))),
      { numRuns: RUNS },
    );
  });

  it('comes back through JSON and YAML', () => {
    fc.assert(
      fc.property(value, (a) => {
        assert.deepEqual(valueFrom(expression('a | to_json | from_json', { a })), a);
        assert.deepEqual(valueFrom(expression('a | to_nice_json | from_json', { a })), a);
        for (const dump of ['to_yaml', 'to_nice_yaml', 'to_yaml(width=20)', 'to_yaml(default_flow_style=true)']) {
          assert.deepEqual(
            withoutSigns(valueFrom(expression(`a | ${dump} | from_yaml`, { a }))),
            withoutSigns(a),
            dump,
          );
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('equals itself, is found in its list, and is what it is unequal to nothing else', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const vars = { a, b, copy: structuredCopy(a) };
        assert.equal(valueFrom(expression('a == copy and copy in [b, a] and not (a != copy)', vars)), true);
        assert.equal(valueFrom(expression('(a == b) == (b == a)', vars)), true);
        assert.equal(valueFrom(expression('[a, copy] | unique | length', { ...vars })), 1);
      }),
      { numRuns: RUNS },
    );
  });
});

/** JSON has no negative zero that a test should mind. */
function withoutSigns(a: Value): Value {
  return JSON.parse(JSON.stringify(a)) as Value;
}

function structuredCopy(a: Value): Value {
  if (a instanceof Float) return new Float(a.valueOf());
  if (Array.isArray(a)) return a.map(structuredCopy);
  if (typeof a !== 'object' || a === null || a instanceof Unknown) return a;
  return Object.fromEntries(Object.entries(a as ValueMap).map(([key, inner]) => [key, structuredCopy(inner)]));
}

describe('an object of JavaScript', () => {
  const inherited = [Object, Array, String, Number, Function].flatMap((type) =>
    Object.getOwnPropertyNames(type.prototype),
  );
  // Python has some of these names as well, and means methods of its own by them.
  const pythons = [textMethods, listMethods, mapMethods].flatMap((table) => Object.keys(table));
  const changing = ['pop', 'reverse', 'sort'];
  const own = ['prototype', '__class__', '__globals__', '__subclasses__', 'waitsFor', 'look', 'fields', 'attribute'];
  const names = [...new Set([...inherited, ...own])].filter((name) => ![...pythons, ...changing].includes(name));

  it('is never reached through a value', () => {
    const vars = { text: 'x', list: [1], map: { a: 1 }, number: 1, flag: true, nothing: null, float: new Float(1) };
    for (const name of names) {
      for (const object of [...Object.keys(vars), '(1, 2)', 'range', 'omit', 'namespace(a=1)', 'text.upper']) {
        const read = `(${object})['${name}'] is defined`;
        assert.equal(valueFrom(expression(read, vars)), false, read);
        if (!/^\w+$/.test(name)) continue;
        const dotted = `(${object}).${name} is defined`;
        assert.equal(valueFrom(expression(dotted, vars)), false, dotted);
      }
    }
  });

  it('is no filter, test, lookup or variable', () => {
    for (const name of [...Object.getOwnPropertyNames(Object.prototype), ...own, 'call', 'apply', 'bind']) {
      assert.equal(filters().get(name), undefined, name);
      assert.equal(tests().get(name), undefined, name);
      if (/^[a-z_]\w*$/i.test(name)) assert.equal(valueFrom(expression(`${name} is defined`)), false, name);
      assert.ok(!expression(`lookup('${name}', 'x')`).ok, name);
    }
  });

  it('is never changed by a key', () => {
    const made = valueFrom(
      expression("{'__proto__': {'polluted': 1}, 'a': 2} | combine({'__proto__': {'b': 1}}, recursive=true)"),
    );
    assert.deepEqual(Object.keys(made as ValueMap), ['__proto__', 'a']);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    assert.equal(Object.getPrototypeOf(made), Object.prototype);
    const read = valueFrom(expression('x | from_json', { x: '{"__proto__": {"polluted": 1}}' }));
    assert.equal((read as ValueMap).polluted, undefined);
    assert.equal(valueFrom(expression("dict([('__proto__', 1)])['__proto__']")), 1);
  });
});

describe('numbers', () => {
  it("print as Python's, and read back as the same", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const shown = floatText(x);
        assert.equal(Number(shown), x);
        assert.match(shown, /[.e]/);
        assert.equal(Number(valueFrom(expression(`'%r' % x | float`, { x: new Float(x) }))), x);
      }),
      { numRuns: RUNS },
    );
  });

  it('divide with the remainder that Python has', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer().filter((n) => n !== 0),
        (a, b) => {
          assert.equal(valueFrom(expression('a // b * b + a % b', { a, b })), a);
          const rest = Number(valueFrom(expression('a % b', { a, b })));
          assert.ok(rest === 0 || rest < 0 === b < 0);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('format with the places that are asked for', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), fc.nat(12), (x, places) => {
        const shown = String(valueFrom(expression(`'%.${places}f' % x`, { x })));
        assert.ok(Math.abs(Number(shown) - x) <= 0.5 * 10 ** -places + Math.abs(x) * 1e-15, `${x} ${shown}`);
        assert.equal(shown.split('.')[1]?.length ?? 0, places);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('slices', () => {
  it('take what their indexes say, whatever these are', () => {
    const index = fc.option(fc.integer({ min: -8, max: 8 }), { nil: null });
    const step = index.filter((n) => n !== 0);
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 6 }), index, index, step, (list, start, stop, by) => {
        const vars = { list, start, stop, by, text: list.join('') };
        const taken = valueFrom(expression('list[start:stop:by]', vars)) as readonly number[];
        assert.equal(valueFrom(expression('text[start:stop:by]', vars)), taken.join(''));
        assert.ok(taken.every((item) => list.includes(item)));
        if (start === null && stop === null && by === -1) assert.deepEqual(taken, [...list].reverse());
      }),
      { numRuns: RUNS },
    );
  });
});
