import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isIpAddress, parseAddress } from '../../engine/inventory/address.ts';
import { expandHostPattern, RANGE_LIMIT } from '../../engine/inventory/host_range.ts';

const EXPANDED: readonly (readonly [string, readonly string[], number?])[] = [
  ['web', ['web']],
  ['web:2222', ['web'], 2222],
  ['web[1:3]', ['web1', 'web2', 'web3']],
  ['web[01:10:3].x.org', ['web01.x.org', 'web04.x.org', 'web07.x.org', 'web10.x.org']],
  ['web[:2]', ['web0', 'web1', 'web2']],
  ['db-[a:c]', ['db-a', 'db-b', 'db-c']],
  ['[y:B]', ['y', 'z', 'A', 'B']],
  ['r[1:2]n[a:b]:22', ['r1na', 'r1nb', 'r2na', 'r2nb'], 22],
  ['[2001:db8::1]:22', ['2001:db8::1'], 22],
  ['2001:db8::1', ['2001:db8::1']],
  ['192.0.2.[1:2]', ['192.0.2.1', '192.0.2.2']],
];

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['web:', /cannot end in `:`/],
  ['web:0', /not a port/],
  ['web:70000', /not a port/],
  ['web[1:2', /never closed/],
  ['web1]', /no `\[` opens/],
  ['web[1]', /\[begin:end\]/],
  ['web[1:2:3:4]', /\[begin:end\]/],
  ['web[1:]', /needs an end/],
  ['web[1:9:0]', /step/],
  ['web[1:9:x]', /step/],
  ['web[3:1]', /ends before it begins/],
  ['web[c:a]', /ends before it begins/],
  ['web[a:9]', /two numbers or two letters/],
  ['web[001:10]', /equally long/],
  [`web[0:${RANGE_LIMIT}]`, /more than 100000/],
  ['web[1:999999999999999]', /more than 100000/],
  ['web[1:1000]-[1:1000]', /more than 100000/],
];

describe('expandHostPattern', () => {
  for (const [pattern, names, port] of EXPANDED) {
    it(`expands ${pattern}`, () => assert.deepEqual(expandHostPattern(pattern), { ok: true, names, port }));
  }
  for (const [pattern, problem] of REFUSED) {
    it(`refuses ${pattern}`, () => {
      const expanded = expandHostPattern(pattern);
      assert.match(expanded.ok ? 'accepted' : expanded.problem, problem);
    });
  }
  it('has both ends of a range and as many hosts as it says', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), fc.integer({ min: 1, max: 7 }), (begin, length, step) => {
        const expanded = expandHostPattern(`h[${begin}:${begin + length}:${step}]`);
        assert.ok(expanded.ok, 'expands');
        assert.equal(expanded.names.length, Math.floor(length / step) + 1);
        assert.equal(expanded.names[0], `h${begin}`);
        if (step === 1) assert.equal(expanded.names.at(-1), `h${begin + length}`);
      }),
    );
  });
  it('never throws and never names too many', () => {
    const pieces = fc.constantFrom('[', ']', ':', '1', '9', 'a', 'web', '.', '-', '0', '99999');
    fc.assert(
      fc.property(fc.string({ unit: pieces, maxLength: 12 }), (text) => {
        const expanded = expandHostPattern(text);
        if (expanded.ok) assert.ok(expanded.names.length <= RANGE_LIMIT, 'within the limit');
      }),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void expandHostPattern(text)));
  });
});

describe('parseAddress', () => {
  const ADDRESSES: readonly (readonly [string, string | undefined, number?])[] = [
    ['web', 'web'],
    ['web_1.example.com', 'web_1.example.com'],
    ['bücher.example', 'bücher.example'],
    ['web-', undefined],
    ['-web', undefined],
    ['a:b', undefined],
    ['a b', undefined],
    ['192.0.2.1:22', '192.0.2.1', 22],
    ['[web]:22', 'web', 22],
    ['::1', '::1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['fe80::', 'fe80::'],
    ['', undefined],
  ];
  for (const [text, host, port] of ADDRESSES) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseAddress(text), host === undefined ? undefined : { host, port });
    });
  }
  it('tells addresses from names', () => {
    assert.deepEqual(['192.0.2.1', '::1', 'web', '192.0.2.256'].map(isIpAddress), [true, true, false, false]);
  });
});
