import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { globPattern } from '../../engine/inventory/glob.ts';
import { applyLimit } from '../../engine/inventory/limit.ts';
import { loadInventory } from '../../engine/inventory/load_inventory.ts';
import { selectHosts, splitPattern } from '../../engine/inventory/patterns.ts';
import { told } from './diagnostics.ts';
import { writeFiles } from './files.ts';

const root = writeFiles({
  hosts: '[web]\nweb[1:4]\n[db]\ndb1\ndb2\n2001:db8::5\n[empty]\n[prod:children]\nweb\ndb\n',
  limit: '# those that failed\nweb2\n\n db1 \n!db2\n',
  blank: '\n#\n',
});
const inventoryResult = loadInventory([join(root, 'hosts')], { playbookDirs: [] });
assert.ok(inventoryResult.ok, told(inventoryResult).join());
const inventory = inventoryResult.value;

/** What Ansible selects is held against Ansible in test/ansible; here is what differs, and the messages. */
const TOLD: readonly (readonly [string, readonly string[]])[] = [
  ['wbe', ['there is no host or group `wbe` in the inventory | Did you mean `web`?']],
  ['web:!bd', ['there is no host or group `bd` in the inventory | Did you mean `db`?']],
  ['web:&pord', ['there is no host or group `pord` in the inventory | Did you mean `prod`?']],
  ['zzzzzzzz', ['there is no host or group `zzzzzzzz` in the inventory | List what there is: `runbook inventory`.']],
  [
    'wbe,bd',
    [
      'there is no host or group `wbe` in the inventory | Did you mean `web`?',
      'there is no host or group `bd` in the inventory | Did you mean `db`?',
    ],
  ],
  ['x*', ['warning: no host or group matches `x*`']],
  ['~x', ['warning: no host or group matches `~x`']],
  ['~(', ['`~(` is not a valid regular expression: a ( that is never closed']],
  ['web[9]', ['`web[9]` names no host: `web` has 4, counted from 0']],
  ['', ['the host pattern is empty | Name a host, a group or `all`.']],
  [' , ', ['the host pattern is empty | Name a host, a group or `all`.']],
  ['empty', []],
  ['web[z-a]', ['`web[z-a]` is not a valid pattern']],
];

const PARTS: readonly (readonly [string, readonly string[]])[] = [
  ['a:b', ['a', 'b']],
  ['a,b:c', ['a', 'b', 'c']],
  ['a:&b:!c', ['a', '&b', '!c']],
  ['2001:db8::1', ['2001:db8::1']],
  ['2001:db8::1,a:b', ['2001:db8::1', 'a', 'b']],
  ['web[1:3]', ['web[1:3]']],
  ['web[1:3]:db[0]', ['web[1:3]', 'db[0]']],
  ['[2001:db8::1]:22', ['[2001:db8::1]:22']],
  ['a b', ['a', 'b']],
  ['~a.*', ['~a.*']],
];

describe('selectHosts', () => {
  for (const [pattern, expected] of TOLD) {
    it(`says of \`${pattern}\``, () => {
      const selected = selectHosts(inventory, pattern);
      assert.deepEqual(told(selected), expected);
      assert.equal(
        selected.ok,
        expected.every((line) => line.startsWith('warning')),
      );
    });
  }
  for (const [pattern, expected] of PARTS) {
    it(`takes \`${pattern}\` apart`, () => assert.deepEqual(splitPattern(pattern), expected));
  }
  it('finds an IPv6 address by its name', () => {
    assert.deepEqual(selectHosts(inventory, '2001:db8::5'), { ok: true, value: ['2001:db8::5'] });
  });
  it('says that an inventory without hosts has none, but knows localhost', () => {
    const nothing = loadInventory([join(root, 'blank')], { playbookDirs: [] });
    assert.ok(nothing.ok, told(nothing).join());
    for (const pattern of ['all', '*', '!web']) {
      assert.match(told(selectHosts(nothing.value, pattern)).join(), /the inventory holds no hosts/);
    }
    assert.deepEqual(selectHosts(nothing.value, 'localhost'), { ok: true, value: ['localhost'] });
  });
  it('never throws, and selects each host once', () => {
    const pieces = fc.constantFrom(
      'web',
      'db1',
      ':',
      ',',
      '!',
      '&',
      '*',
      '?',
      '[',
      ']',
      '0',
      '1',
      '-',
      '~',
      '(',
      ')',
      '.',
      '\\',
      '|',
      ' ',
      '+',
      '{',
    );
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: pieces, maxLength: 15 }), fc.string({ unit: 'binary' })), (pattern) => {
        const selected = selectHosts(inventory, pattern);
        if (selected.ok) assert.equal(new Set(selected.value).size, selected.value.length);
      }),
    );
  });
});

describe('globPattern', () => {
  const MATCHES: readonly (readonly [string, string, boolean])[] = [
    ['a*', 'abc', true],
    ['a*', 'ba', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['[ab]c', 'bc', true],
    ['[!ab]c', 'bc', false],
    ['[!ab]c', 'xc', true],
    ['[a-c]x', 'bx', true],
    ['[]]x', ']x', true],
    ['[-a]x', '-x', true],
    ['[a-]x', '-x', true],
    ['[ab', '[ab', true],
    ['a.c', 'abc', false],
    ['a.c', 'a.c', true],
    ['a-b', 'a-b', true],
    ['A*', 'abc', false],
    ['[^a]', '^', true],
    ['a+(b)$', 'a+(b)$', true],
  ];
  for (const [glob, name, expected] of MATCHES) {
    it(`${glob} ${expected ? 'matches' : 'does not match'} ${name}`, () => {
      assert.equal(globPattern(glob)?.test(name), expected);
    });
  }
});

describe('applyLimit', () => {
  const hosts = ['db2', 'db1', 'web2', 'web1'];
  const LIMITS: readonly (readonly [string, readonly string[]])[] = [
    ['web', ['web2', 'web1']],
    ['!web1', ['db2', 'db1', 'web2']],
    ['web4', []],
    [`@${root}/limit`, ['db1', 'web2']],
    [`web1,@${root}/limit`, ['db1', 'web2', 'web1']],
    ['web1:db2', ['db2', 'web1']],
  ];
  for (const [limit, expected] of LIMITS) {
    it(`leaves what ${limit.replace(root, '')} names, in the order of the play`, () => {
      assert.deepEqual(applyLimit(inventory, hosts, limit), { ok: true, value: expected });
    });
  }
  const REFUSED: readonly (readonly [string, RegExp])[] = [
    ['wbe', /Did you mean `web`/],
    ['empty', /leaves no host/],
    ['web:!web', /leaves no host/],
    ['x*', /no host or group matches .*leaves no host/s],
    ['', /leaves no host/],
    [`@${root}/blank`, /leaves no host/],
    [`@${root}/limt`, /Did you mean `limit`/],
    [`@${root}`, /is a directory/],
  ];
  for (const [limit, expected] of REFUSED) {
    it(`refuses ${limit.replace(root, '') || 'nothing'}`, () => {
      const limited = applyLimit(inventory, hosts, limit);
      assert.ok(!limited.ok, 'is refused');
      assert.match(told(limited).join('\n'), expected);
    });
  }
});
