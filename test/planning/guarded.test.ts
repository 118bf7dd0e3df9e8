import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Action, Ref } from '../../engine/planning/contracts.ts';
import { isGuarded } from '../../engine/planning/guarded.ts';
import { packageOf } from '../../engine/resources/package.ts';
import { path } from '../../engine/resources/path.ts';
import { sysctl } from '../../engine/resources/sysctl.ts';
import { unit } from '../../engine/resources/unit.ts';
import { sh } from '../../engine/transport/sh.ts';

const change = (ref: Ref) => isGuarded({ kind: 'change', change: { ref, before: null, after: null, options: {} } });
const action = (more: Pick<Action, 'disturbs'> & { access?: boolean }) =>
  isGuarded({ kind: 'action', summary: 'x', script: sh`true`, changed: true, result: () => ({}), ...more });

describe('what the access guard is armed for', () => {
  it('is what lets people in', () => {
    for (const file of [
      '/etc/ssh/sshd_config.d/x.conf',
      '/etc/sudoers.d/x',
      '/etc/pam.d/sshd',
      '/home/a/.ssh/authorized_keys',
    ])
      assert.equal(change(path(file)), true, file);
    assert.equal(change(unit('ssh.service')), true);
    assert.equal(change(sysctl('net.ipv4.ip_forward')), true);
  });

  it('is a package, whichever: its scripts may do anything', () => {
    assert.equal(change(packageOf('cowsay')), true);
    assert.equal(action({ disturbs: ({ type }) => type.name === 'package' }), true);
  });

  it('is what nobody can know', () => {
    assert.equal(action({ disturbs: 'everything' }), true);
    assert.equal(action({ disturbs: 'nothing', access: true }), true);
    assert.equal(action({ disturbs: (other) => other.id === '/etc/ssh/sshd_config' }), true);
  });

  it('is nothing else', () => {
    assert.equal(change(path('/etc/motd')), false);
    assert.equal(change(unit('nginx.service')), false);
    assert.equal(change(sysctl('vm.swappiness')), false);
    assert.equal(action({ disturbs: 'nothing' }), false);
    assert.equal(action({ disturbs: ({ id }) => id === '/etc/motd' }), false);
  });
});
