import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createFinder } from '../../engine/secrets/finder.ts';
import { createSecrets, MASK } from '../../engine/secrets/secrets.ts';
import { quote } from '../../engine/transport/sh.ts';

const PASSWORD = 'pä/ss +w\'o"r\\d$';

function masking(...secrets: readonly string[]) {
  const all = createSecrets();
  for (const secret of secrets) all.add(secret);
  return all;
}

describe('mask', () => {
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const cases: readonly (readonly [string, string])[] = [
    ['itself', `x${PASSWORD}y`],
    ['JSON', JSON.stringify({ a: `x${PASSWORD}` })],
    ["Python's JSON", JSON.stringify(PASSWORD).replace('ä', '\\u00e4')],
    ['a shell word', quote(PASSWORD)],
    ["Python's shell word", `'${PASSWORD.replaceAll("'", `'"'"'`)}'`],
    ['a URL', `https://u:${encodeURIComponent(PASSWORD)}@h/`],
    ['a URL in lower case', encodeURIComponent(PASSWORD).replace(/%../g, (hex) => hex.toLowerCase())],
    ["Python's URL", 'p%C3%A4/ss%20%2Bw%27o%22r%5Cd%24'],
    ['a form', new URLSearchParams({ p: PASSWORD }).toString()],
    ['YAML', `'${PASSWORD.replaceAll("'", "''")}'`],
  ];
  for (const [name, text] of cases) {
    it(`finds it as ${name}`, () => {
      const masked = masking(PASSWORD).mask(text);
      assert.match(masked, /\*{8}/);
      assert.doesNotMatch(masked, /ss|%C3|%c3/);
    });
  }
  for (const before of ['', 'a', 'ab', 'user:']) {
    it(`finds it in the base64 of a text that holds it behind \`${before}\``, () => {
      for (const encoded of [
        base64(`${before}${PASSWORD}tail`),
        Buffer.from(`${before}${PASSWORD}tail`).toString('base64url'),
      ]) {
        const masked = masking(PASSWORD).mask(encoded);
        assert.match(masked, /^.{0,8}\*{8}.{0,8}$/, masked);
      }
    });
  }
  it('finds the lines of a text, and leaves its short ones', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\nend\n';
    assert.equal(masking(key).mask('+MIIEvQIBADANBg\n end\n'), `+${MASK}\n end\n`);
  });
  it('finds a secret that begins in another', () => {
    assert.equal(masking('abcdef', 'efghij', 'bcde').mask('xabcdefghijx'), `x${MASK}x`);
  });
  it('leaves what would mask everything', () => {
    const short = masking('abc', '', '  ', 'true', 'None');
    assert.equal(short.mask('abc true None'), 'abc true None');
  });
  it('finds what is added after something was masked', () => {
    const secrets = masking('first one');
    assert.equal(secrets.mask('first one, second one'), `${MASK}, second one`);
    secrets.add('second one\n');
    assert.equal(secrets.mask('first one, second one'), `${MASK}, ${MASK}`);
  });
});

describe('maskJson', () => {
  it('keeps JSON, its names and its numbers', () => {
    const secrets = masking('changed', '1234', 'host', 'a"b\\c');
    const line = { type: 'changed', at: 1234567, rc: 1234, host: 'host', tasks: [{ text: 'is a"b\\c', 'a"b\\c': 1 }] };
    assert.deepEqual(JSON.parse(secrets.maskJson(`${JSON.stringify(line)}\n`)), {
      type: 'changed',
      at: 1234567,
      rc: MASK,
      host: 'host',
      tasks: [{ text: `is ${MASK}`, [MASK]: 1 }],
    });
    assert.match(secrets.maskJson('{}\n'), /\n$/);
  });
});

describe('properties', () => {
  const secret = fc.string({ unit: 'binary', minLength: 4, maxLength: 30 }).filter((text) => text.trim().length >= 4);
  const noise = fc.string({ maxLength: 20 });

  it('nothing that holds a secret is left as it is', () => {
    const forms = (text: string): readonly string[] => {
      const bytes = Buffer.from(text, 'utf8');
      return [
        text,
        JSON.stringify(text),
        bytes.toString('base64'),
        bytes.toString('base64url'),
        new URLSearchParams({ text }).toString(),
        ...(text.includes('\0') ? [] : [quote(text)]),
      ];
    };
    fc.assert(
      fc.property(secret, noise, noise, (text, before, after) => {
        const secrets = masking(text);
        for (const form of forms(`${before}${text.trim()}${after}`)) assert.notEqual(secrets.mask(form), form);
        assert.ok(!secrets.mask(`${before}${text}${after}`).includes(text.trim()));
      }),
    );
  });
  it('covering keeps every place and every line end', () => {
    fc.assert(
      fc.property(secret, noise, noise, (text, before, after) => {
        const whole = `${before}${text}${after}`;
        const covered = masking(text).cover(whole);
        assert.equal(covered.length, whole.length);
        assert.equal(covered.replace(/\S/g, '*'), whole.replace(/\S/g, '*'));
      }),
    );
  });
  it('the finder finds what a plain search finds', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 7 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 });
    fc.assert(
      fc.property(fc.array(short, { maxLength: 5 }), text, (needles, hay) => {
        const marks = new Array<boolean>(hay.length).fill(false);
        for (const needle of needles) {
          for (let at = hay.indexOf(needle); at !== -1; at = hay.indexOf(needle, at + 1)) {
            marks.fill(true, at, at + needle.length);
          }
        }
        const found = new Array<boolean>(hay.length).fill(false);
        for (const { start, end } of createFinder(needles)(hay)) found.fill(true, start, end);
        assert.deepEqual(found, marks);
      }),
    );
  });
  it('many secrets in a long text are found in time', () => {
    const secrets = masking(Array.from({ length: 2_000 }, (_, i) => `export VARIABLE_${i}=${i * 7919}`).join('\n'));
    const text = 'export VARIABLE_ is nothing\n'.repeat(40_000);
    secrets.mask('compiled');
    const started = performance.now();
    assert.equal(secrets.mask(text), text);
    assert.ok(performance.now() - started < 5_000, `${performance.now() - started} ms`);
  });
});
