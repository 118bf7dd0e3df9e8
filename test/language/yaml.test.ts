import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Source } from '../../engine/language/diagnostics.ts';
import { textPlace } from '../../engine/language/text_place.ts';
import { Float } from '../../engine/language/values.ts';
import { readQuickly } from '../../engine/language/yaml/quick.ts';
import { readThoroughly } from '../../engine/language/yaml/thorough.ts';
import { parseYaml, type YamlNode, type YamlScalar } from '../../engine/language/yaml.ts';

function source(text: string): Source {
  return { path: 'x.yml', text };
}

function parse(text: string): YamlNode {
  const read = parseYaml(source(text));
  assert.ok(read.ok, JSON.stringify(read.ok ? '' : read.diagnostics.map(({ message }) => message)));
  return read.value;
}

function plainData(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainData);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainData(value)]));
}

function scalars(node: YamlNode): readonly YamlScalar[] {
  if (node.kind === 'scalar') return [node];
  return node.kind === 'list' ? node.items.flatMap(scalars) : node.entries.flatMap(({ value }) => scalars(value));
}

function problems(text: string): readonly string[] {
  const read = parseYaml(source(text));
  return read.ok ? [] : read.diagnostics.map(({ message }) => message);
}

// What PyYAML 6 gives for each of these, but for times and dates.
const SCALARS: readonly (readonly [string, unknown])[] = [
  ['yes', true],
  ['Off', false],
  ['y', 'y'],
  ['tRue', 'tRue'],
  ['~', null],
  ['', null],
  ['nULL', 'nULL'],
  ['0644', 420],
  ['-017', -15],
  ['0888', '0888'],
  ['0o17', '0o17'],
  ['1_000', 1000],
  ['0x1F', 31],
  ['0b11', 3],
  ['0b_', '0b_'],
  ['+5', 5],
  ['1e3', '1e3'],
  ['1.5e3', '1.5e3'],
  ['1.5e+3', 1500],
  ['.5', 0.5],
  ['1.2.3', '1.2.3'],
  ['-.inf', Number.NEGATIVE_INFINITY],
  ['22:22', '22:22'],
  ['12:30:45', '12:30:45'],
  ['2001-12-14', '2001-12-14'],
  ['12345678901234567890', '12345678901234567890'],
  ['"yes"', 'yes'],
  ["'0644'", '0644'],
  ['!!str 0644', '0644'],
  ['!!int "12"', 12],
  ['!!float 3', 3],
  ['!!bool "yes"', true],
  ['!unsafe "{{ x }}"', '{{ x }}'],
];

for (const [text, expected] of SCALARS) {
  test(`a scalar as PyYAML reads it: ${text}`, () => {
    const value = plainData(parse(`a: ${text}\n`)) as { a: unknown };
    const { a } = value;
    assert.deepEqual(a instanceof Float ? Number(a) : a, expected);
  });
}

test('a float keeps its point, and an octal number how it was written', () => {
  const [float, octal] = scalars(parse('- 8.0\n- 0644\n'));
  assert.ok(float?.value instanceof Float);
  assert.equal(String(float.value), '8.0');
  assert.deepEqual([octal?.value, octal?.text], [420, '0644']);
});

test('an empty file is null, with or without comments', () => {
  for (const text of ['', '\n', '# nothing\n', '---\n', '--- # nothing\n...\n']) {
    assert.equal(plainData(parse(text)), null, JSON.stringify(text));
  }
});

test('merge keys come first and give way to the keys of the map', () => {
  const text = 'base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\na: {y: 0, <<: [*b, *m]}\n"<<": text\n';
  const data = plainData(parse(text)) as { a: object };
  assert.deepEqual(Object.entries(data.a), [
    ['x', 1],
    ['y', 0],
    ['z', 4],
  ]);
  assert.equal((data as unknown as Record<string, unknown>)['<<'], 'text');
});

test('keys are texts as written, and may be called anything', () => {
  const data = plainData(parse('yes: 1\n0644: 2\n__proto__: 3\nconstructor: 4\n'));
  assert.deepEqual(Object.entries(data as object), [
    ['yes', 1],
    ['0644', 2],
    ['__proto__', 3],
    ['constructor', 4],
  ]);
});

test('aliases that grow without end are refused', () => {
  const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}]`);
  assert.match(problems(['l0: &l0 [a, b]', ...levels].join('\n')).join(), /repeat more than 100000 values/);
});

test('nesting without end is refused, whichever way', () => {
  for (const text of ['['.repeat(20_000), `${'['.repeat(3000)}${']'.repeat(3000)}`, `${'- '.repeat(200)}a`]) {
    assert.match(problems(text).join(), /nested/);
  }
});

test('a long file of something else is told what it is', () => {
  const log = Array.from({ length: 500 }, (_, i) => `line ${i}: error: text`).join('\n');
  assert.deepEqual(problems(log), ['a text that holds `: ` must stand in quotes']);
});

test('a large file of little is read', () => {
  for (const text of ['\n'.repeat(1_000_000), '# c\n'.repeat(300_000), '# c\n'.repeat(300_000).concat('---\n')]) {
    assert.deepEqual(plainData(parse(`${text}- a`)), ['a']);
  }
});

test('no text takes long to refuse', () => {
  const started = performance.now();
  for (const piece of ['"', '[', '{a: ', '- ', '&a ', 'a: {{ x }}\n', 'a: b: c\n', 'a: 1\n', '[a, '])
    problems(piece.repeat(3000));
  assert.ok(performance.now() - started < 20_000);
});

test('control characters and half characters are refused', () => {
  assert.match(problems('a: \u0007').join(), /U\+0007/);
  assert.match(problems('a: \ud800').join(), /U\+D800/);
  assert.deepEqual(problems('a: é 日本 \u{1f600} \u0085\tb'), []);
});

test('Windows line ends are read', () => {
  assert.deepEqual(plainData(parse('a:\r\n  - b\r\n  - |\r\n    c\r\n    d\r\n')), { a: ['b', 'c\nd\n'] });
});

test('every key and plain scalar stands where its span says', () => {
  const text = 'a: plain text # comment\n"b c": [x, y y, {z: 1}]\nd:\n  - e: |\n      f\n  - !!str g\n';
  const check = (node: YamlNode): void => {
    if (node.kind === 'scalar') {
      const raw = text.slice(node.span.start, node.span.end);
      if (node.style === 'plain') assert.equal(raw, node.text);
    } else if (node.kind === 'list') node.items.forEach(check);
    else {
      for (const { key, keySpan, value } of node.entries) {
        assert.equal(text.slice(keySpan.start, keySpan.end).replaceAll('"', ''), key);
        check(value);
      }
    }
  };
  check(parse(text));
});

const PLACES = [
  'a: one two three',
  "a: 'it''s here'",
  'a: "tab\\tquote\\" \\u00e9\\U0001F600 end"',
  'a: first\n  second\n\n  third',
  "a: 'first\n  second ''x'' \n\n  third'",
  'a: "first\n  second \\\n  third\\n fourth"',
  'a: |\n  one\n    two\n  three\n',
  'a: >-  # comment\n  one\n  two\n\n  three\n',
  'a: |2\n    indented\n  less\n',
  'a: "\\\n  x"',
];

for (const text of PLACES) {
  test(`each character is found in the file again: ${JSON.stringify(text)}`, () => {
    const [scalar] = scalars(parse(text));
    assert.ok(scalar);
    const place = textPlace(scalar);
    let last = -1;
    for (const [index, unit] of scalar.text.split('').entries()) {
      const at = place.offset(index);
      assert.ok(at >= last && at >= scalar.span.start && at <= scalar.span.end, `character ${index} at ${at}`);
      last = at;
      if (!/\s/.test(unit) && text.charAt(at) !== '\\') assert.equal(text.charAt(at), unit, `character ${index}`);
    }
    assert.ok(place.offset(scalar.text.length) <= scalar.span.end);
  });
}

/** What the quick reader takes must be what the thorough one makes of it; what it leaves may be anything. */
function readBothWays(text: string): boolean {
  const from = source(text);
  const quick = readQuickly(from);
  if (quick === undefined) return false;
  const thorough = readThoroughly(from);
  assert.ok(thorough.ok, `only the quick reader takes ${JSON.stringify(text)}`);
  assert.deepEqual(quick, thorough.value, JSON.stringify(text));
  return true;
}

const ORDINARY = `---
# A playbook
- name: one   # comment
  hosts: [web, "db one", 'it''s']
  vars: {a: 1, b: {c: [d, -1]}, "e f": "g\\th\\u00e9"}
  empty:
  tasks:
  - copy:
      content: |
        first
          second

        third
      mode: 0644

  - shell: >-
      one
      two

       three
    when: x == 'y:z' # why
    list:
      -
        - nested
      - - deep
        - deeper
      - k: v
        l: [a,
          b]
`;

test('the quick reader reads ordinary YAML, and as the thorough one does', () => {
  assert.ok(readBothWays(ORDINARY));
  for (const text of [
    'a',
    '[]',
    '{}',
    '"a"',
    '- a\n- b',
    'a:\n- b\nc: d',
    'a: |\n  b',
    'a: >\n  b\n\n\n',
    '- |\n  a\n-   b: c\n',
  ]) {
    assert.ok(readBothWays(text), JSON.stringify(text));
  }
});

test('the quick reader leaves alone what is rare or wrong', () => {
  const rare = [
    'a: &b c',
    'a: *b',
    'a: !b c',
    '? a',
    'a: b\n  c',
    "a: 'b\n  c'",
    'a:\tb',
    'a: |2\n  b',
    'a: |+\n  b',
    '%YAML 1.1\n---\na',
    'a\n---\nb',
  ];
  const wrong = [
    'a: b: c',
    'a: [b',
    'a: {b',
    'a: "b',
    'a: b\na: c',
    'a: 1\n b: 2',
    '- a\nb: c',
    'a: {{ b }}',
    '[a]]',
    'a: "b" c',
    '- a\n - b',
  ];
  for (const text of [...rare, ...wrong]) assert.equal(readQuickly(source(text)), undefined, JSON.stringify(text));
});

test('the two readers agree on whatever is done to ordinary YAML', () => {
  const lines = ORDINARY.split('\n');
  const piece = fc.constantFrom(
    ' ',
    '\n',
    '- ',
    ': ',
    ' #',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ',',
    '|\n',
    '>-\n',
    '&a ',
    '? ',
    '0644',
    'k: ',
    '#x\n',
    '\\',
  );
  const edit = fc.tuple(fc.nat(lines.length - 1), fc.nat(12), fc.nat(400), fc.nat(3), piece);
  fc.assert(
    fc.property(edit, ([from, count, at, drop, text]) => {
      const part = lines.slice(from, from + count + 1).join('\n');
      const cut = at % (part.length + 1);
      readBothWays(part.slice(0, cut) + text + part.slice(cut + drop));
    }),
    { numRuns: 2000 },
  );
});

test('text that is not YAML never throws', () => {
  const pieces = [
    'a',
    ':',
    ' ',
    '\n',
    '- ',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    '&x',
    '*x',
    '!t',
    '|',
    '>',
    '#',
    '<<',
    '\t',
    '?',
    ',',
    '%',
    '{{ x }}',
  ];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), { maxLength: 30 }),
      (parts) => {
        const read = parseYaml(source(parts.join('')));
        if (!read.ok) assert.ok(read.diagnostics.length > 0 && read.diagnostics.every(({ message }) => message !== ''));
      },
    ),
    { numRuns: 500 },
  );
});

test('any data written as JSON is read as that data', () => {
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('node'), { maxLength: 4 }),
    map: fc.dictionary(fc.string(), tie('node'), { maxKeys: 4 }),
  })).node;
  fc.assert(
    fc.property(value, (data) => {
      // JSON may hold raw characters that YAML calls unprintable; escaped they are the same text.
      const text = JSON.stringify(data).replace(
        /[\x7f-\x9f\ufeff-\uffff]/g,
        (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
      const read = parseYaml(source(text));
      assert.ok(read.ok, text);
      assert.deepEqual(plainData(read.value), JSON.parse(text));
    }),
    { numRuns: 200 },
  );
});
