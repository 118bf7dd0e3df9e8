import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { View } from '../../engine/planning/contracts.ts';
import type { FactsValue } from '../../engine/resources/facts.ts';
import { cron } from '../../modules/system/cron.ts';
import { chooseCollectors } from '../../modules/system/fact_subset.ts';
import { getent } from '../../modules/system/getent.ts';
import { hostname } from '../../modules/system/hostname.ts';
import { known_hosts } from '../../modules/system/known_hosts.ts';
import { reboot } from '../../modules/system/reboot.ts';
import { setup } from '../../modules/system/setup.ts';
import { sysctl } from '../../modules/system/sysctl.ts';
import { timezone } from '../../modules/system/timezone.ts';
import { runCases } from '../cases/driver.ts';

runCases(cron);
runCases(getent);
runCases(hostname);
runCases(known_hosts);
runCases(reboot);
runCases(setup);
runCases(sysctl);
runCases(timezone);

describe('gather_subset', () => {
  const chosen = (...subset: readonly string[]) => {
    const found = chooseCollectors(subset);
    assert.ok(!('unknown' in found));
    const names = ['platform', 'hardware', 'network', 'virtual', 'loadavg'];
    return names.filter((name) => found.has(name)).join(' ');
  };

  // Held against get_collector_names of ansible-core 2.14.
  it('chooses as Ansible does', () => {
    assert.equal(chosen(), 'platform hardware network virtual loadavg');
    assert.equal(chosen('all'), 'platform hardware network virtual loadavg');
    assert.equal(chosen('!all'), 'platform');
    assert.equal(chosen('!all', '!min'), '');
    assert.equal(chosen('!all', '!min', 'network'), 'platform network');
    assert.equal(chosen('!all', '!min', 'virtual'), 'virtual');
    assert.equal(chosen('network'), 'platform network');
    assert.equal(chosen('!hardware'), 'platform');
    assert.equal(chosen('all', '!hardware', '!virtual'), 'platform network loadavg');
    assert.equal(chosen('!all', 'mounts'), 'platform hardware');
    assert.equal(chosen('hardware', '!hardware'), 'platform hardware');
    assert.equal(chosen('min', '!nonsense'), 'platform');
  });
});

describe('the facts that setup gives', () => {
  const value: FactsValue = {
    collected: {
      platform: { kernel: '6.1', system: 'Linux' },
      hardware: { memtotal_mb: 1 },
      virtual: { virtualization_type: 'kvm' },
    },
    warnings: [],
  };
  const keys = (params: { gather_subset?: readonly string[]; filter?: readonly string[] }) => {
    const given = { gather_subset: ['all'], filter: [], fact_path: '/etc/ansible/facts.d', ...params };
    const wish = setup.wants(given, { get: () => value, peek: () => value } as unknown as View);
    return Object.keys(wish.facts ?? {}).filter((name) => name !== 'gather_subset' && name !== 'module_setup');
  };

  it('are those of the subset and no more, whatever else is known', () => {
    assert.deepEqual(keys({ gather_subset: ['!all'] }), ['kernel', 'system']);
    assert.deepEqual(keys({ gather_subset: ['!all', '!min', 'virtual'] }), ['virtualization_type']);
  });

  it('are those that a pattern matches', () => {
    assert.deepEqual(keys({ filter: ['ansible_mem*'] }), ['memtotal_mb']);
    assert.deepEqual(keys({ filter: ['kern?l', 'virt*'] }), ['kernel', 'virtualization_type']);
    assert.deepEqual(keys({ filter: ['nothing'] }), []);
    assert.deepEqual(keys({ filter: [''] }).length, 4);
  });
});
