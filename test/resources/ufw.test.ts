import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Change, Seen } from '../../engine/planning/contracts.ts';
import { type UfwValue, ufw, ufwType } from '../../engine/resources/ufw.ts';
import { ufwProfile } from '../../engine/resources/ufw_profile.ts';
import {
  type Family,
  inFamily,
  readRule,
  ruleKey,
  ruleLine,
  ruleText,
  type UfwRule,
} from '../../engine/resources/ufw_rule.ts';
import { answer, run, SHELLS, shellcheck } from './programs.ts';

const FIREWALL: UfwValue = {
  ...{ enabled: true, active: true, logging: 'low', ipv6: true, rules: [], rules6: [] },
  ...{ incoming: 'deny', outgoing: 'allow', routed: 'deny' },
};

const change = (before: Partial<UfwValue>, after: Partial<UfwValue>, options = {}): Change<UfwValue> => ({
  ref: ufw(),
  before: { ...FIREWALL, ...before },
  after: { ...FIREWALL, ...after },
  options,
});

/** The commands that a change runs, as words. */
function commands(one: Change<UfwValue>): readonly (readonly string[])[] {
  return ufwType
    .transition([one])
    .text.split(' && ')
    .filter((text) => text !== ':')
    .map((text) => {
      assert.match(text, /^ufw .* >\/dev\/null$/);
      const words = text.slice(4, -' >/dev/null'.length).match(/'[^']*'|[^' ]+/g) ?? [];
      return words.map((word) => word.replaceAll("'", ''));
    });
}

const rule = (port: number, action: UfwRule['action'] = 'allow', comment = ''): UfwRule => ({
  ...{ routed: false, action, log: '', protocol: 'tcp', to: '0.0.0.0/0', from: '0.0.0.0/0', toPort: String(port) },
  ...{ fromPort: 'any', toApp: '', fromApp: '', direction: 'in', interfaceIn: '', interfaceOut: '', comment },
});
const lines = (rules: readonly UfwRule[], family: Family) => rules.map((one) => ruleLine(inFamily(one, family)));

/** What ufw(8) makes of a command on rules; only of what the tests ask for. */
function obey(
  state: Readonly<Record<Family, readonly string[]>>,
  words: readonly string[],
): Record<Family, readonly string[]> {
  const [verb, position] = [words[0], Number(words[1])];
  const rest = words.slice(verb === 'delete' ? 1 : verb === 'insert' ? 2 : 0);
  const at = (name: string) => rest[rest.indexOf(name) + 1] as string;
  const given = rule(Number(at('port')), rest[0] as UfwRule['action'], rest.includes('comment') ? at('comment') : '');
  const families: readonly Family[] = at('from') === 'any' ? ['v4', 'v6'] : at('from') === '::/0' ? ['v6'] : ['v4'];
  const next = { ...state };
  for (const family of families) {
    const own = inFamily(given, family);
    const list = state[family];
    const found = list.findIndex((line) => ruleKey(readRule(line) as UfwRule) === ruleKey(own));
    if (verb === 'delete') {
      assert.notEqual(found, -1, `there is no such rule to delete: ${words.join(' ')}`);
      assert.equal((readRule(list[found] as string) as UfwRule).action, own.action, 'ufw deletes only its like');
      next[family] = list.toSpliced(found, 1);
    } else if (verb === 'insert') {
      assert.equal(found, -1, 'ufw skips what is there');
      const index = position - 1 - (family === 'v6' ? state.v4.length : 0);
      assert.ok(index >= 0 && index < list.length, `Invalid position '${position}'`);
      next[family] = list.toSpliced(index, 0, ruleLine(own));
    } else next[family] = found === -1 ? [...list, ruleLine(own)] : list.with(found, ruleLine(own));
  }
  return next;
}

const someRules = fc.uniqueArray(
  fc.record({
    port: fc.integer({ min: 1, max: 6 }),
    action: fc.constantFrom<UfwRule['action']>('allow', 'deny'),
    comment: fc.constantFrom('', 'c'),
  }),
  { selector: ({ port }) => port, maxLength: 6 },
);

describe('the firewall ufw', () => {
  it('comes from any rules to any others, each in its place', () => {
    fc.assert(
      fc.property(someRules, someRules, someRules, someRules, (a, b, c, d) => {
        const [four, six, four2, six2] = [a, b, c, d].map((list) => list.map((r) => rule(r.port, r.action, r.comment)));
        const [from, to] = [
          { rules: lines(four ?? [], 'v4'), rules6: lines(six ?? [], 'v6') },
          { rules: lines(four2 ?? [], 'v4'), rules6: lines(six2 ?? [], 'v6') },
        ];
        let state: Record<Family, readonly string[]> = { v4: from.rules, v6: from.rules6 };
        for (const words of commands(change(from, to))) state = obey(state, words);
        assert.deepEqual(state, { v4: to.rules, v6: to.rules6 });
      }),
    );
  });

  it('takes one command for a rule of both families', () => {
    const both = (rules: readonly UfwRule[]) => ({ rules: lines(rules, 'v4'), rules6: lines(rules, 'v6') });
    const added = commands(change(both([rule(22)]), both([rule(22), rule(80, 'allow', 'the web')])));
    assert.deepEqual(added, [
      ['allow', 'from', 'any', 'to', 'any', 'port', '80', 'proto', 'tcp', 'comment', 'the web'],
    ]);
    const limited = commands(change(both([rule(22)]), both([rule(22, 'limit')])));
    assert.deepEqual(limited, [['limit', 'from', 'any', 'to', 'any', 'port', '22', 'proto', 'tcp']]);
  });

  it('lets in before it is loaded, and is unloaded before rules go', () => {
    const open = { rules: lines([rule(22)], 'v4') };
    const off = { enabled: false, active: false };
    const verbs = (one: Change<UfwValue>) => commands(one).map((words) => words.slice(0, 2).join(' '));
    const up = verbs(change({ ...off, incoming: 'allow' }, { ...open, logging: 'full' }));
    assert.deepEqual(up, ['allow from', 'default deny', 'logging full', '--force enable']);
    assert.deepEqual(verbs(change(open, off)), ['--force disable', 'delete allow']);
    assert.deepEqual(verbs(change(open, { ...off, ...open }, { reset: true })), ['--force reset', 'allow from']);
  });

  it('puts rules of profiles back as a whole', () => {
    const app = (port: string, protocol: string) => ({ ...rule(1), toApp: 'My App', toPort: port, protocol });
    const profile = [app('137,138', 'udp'), app('139,445', 'tcp')];
    const before = { rules: lines([rule(22), ...profile, rule(80)], 'v4') };
    const after = { rules: lines([rule(443), rule(22), ...profile, rule(80)], 'v4') };
    const told = commands(change(before, after)).map((words) => words.join(' '));
    const any = 'from 0.0.0.0/0 to 0.0.0.0/0';
    assert.deepEqual(told, [
      `delete allow ${any} port 22 proto tcp`,
      `delete allow ${any} app My App`,
      `delete allow ${any} port 80 proto tcp`,
      `allow ${any} port 443 proto tcp`,
      `allow ${any} port 22 proto tcp`,
      `allow ${any} app My App`,
      `allow ${any} port 80 proto tcp`,
    ]);
  });

  it('is a rule that ufw would read, and shows as one', () => {
    const passed = readRule('route:deny_log tcp 80,443 10.0.0.1 any 192.0.2.0/24 in_eth0!out_br-1 comment=6964');
    assert.deepEqual(
      passed && ruleText(passed, 'v4'),
      'route deny in on eth0 out on br-1 log 80,443/tcp to 10.0.0.1 from 192.0.2.0/24 # id',
    );
    const app = readRule('allow tcp 80,443 ::/0 any ::/0 Nginx%20Full - in');
    assert.deepEqual(app && ruleText(app, 'v6'), 'allow in "Nginx Full" (80,443/tcp) (v6)');
    const old = readRule('allow tcp 22 0.0.0.0/0 any 0.0.0.0/0');
    assert.deepEqual(old && ruleLine(old), 'allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in');
  });

  it('never throws, whatever stands in its files', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (settings, rules) => {
        const seen = ufwType.parse(answer({ settings, rules, rules6: rules, active: '' }), [ufw()]);
        const found = (seen[0] as Seen & { value: UfwValue }).value;
        for (const line of found.rules) if (readRule(line) !== undefined) ruleLine(readRule(line) as UfwRule);
        ufwType.describe(change({}, found));
        ufwProfile('x').type.parse(answer({ profiles: rules }), [ufwProfile('x')]);
      }),
    );
  });

  it('reads its settings as ufw does', () => {
    const settings =
      'ENABLED=yes\n# LOGLEVEL=full\nLOGLEVEL=medium\nIPV6=yes\nDEFAULT_INPUT_POLICY="REJECT"\nDEFAULT_OUTPUT_POLICY=ACCEPT # all\n';
    const seen = ufwType.parse(answer({ settings, rules: 'a\n', rules6: '', active: 'yes\n' }), [ufw()]);
    const expected = { ...FIREWALL, logging: 'medium', incoming: 'reject', rules: ['a'] };
    assert.deepEqual((seen[0] as Seen & { value: UfwValue }).value, expected);
    const profiles = answer({ profiles: '[A B]\nports=80,443/tcp\n[C]\nports = 53\n' });
    const of = (name: string) => ufwProfile(name).type.parse(profiles, [ufwProfile(name)])[0];
    assert.deepEqual(of('A B'), { ref: ufwProfile('A B'), value: { ports: ['80,443/tcp'] } });
    assert.deepEqual(of('D'), { ref: ufwProfile('D'), value: null });
  });

  for (const shell of SHELLS) {
    it(`is not there where ufw is not, by ${shell}`, () => {
      const looked = run(ufwType.collect([ufw()]), shell, '/nowhere');
      assert.deepEqual(ufwType.parse(looked, [ufw()]), [{ ref: ufw(), value: null }]);
    });
  }

  it('is programs that shellcheck takes', () => {
    const look = ufwType.collect([ufw()]);
    const make = ufwType.transition([change({}, { rules: lines([rule(1)], 'v4') })]);
    const profiles = ufwProfile('x').type.collect([ufwProfile('x')]);
    assert.equal(shellcheck({ look, make, profiles }), '');
  });
});
