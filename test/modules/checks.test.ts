import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Unknown } from '../../engine/language/values.ts';
import { NotYet, type View } from '../../engine/planning/contracts.ts';
import { check } from '../../modules/checks/check.ts';
import { check_certificates } from '../../modules/checks/check_certificates.ts';
import { check_clock } from '../../modules/checks/check_clock.ts';
import { check_disk } from '../../modules/checks/check_disk.ts';
import { check_failed_logins } from '../../modules/checks/check_failed_logins.ts';
import { check_file_modes } from '../../modules/checks/check_file_modes.ts';
import { check_listening_ports } from '../../modules/checks/check_listening_ports.ts';
import { check_reboot } from '../../modules/checks/check_reboot.ts';
import { check_sshd } from '../../modules/checks/check_sshd.ts';
import { check_sudoers } from '../../modules/checks/check_sudoers.ts';
import { check_suid } from '../../modules/checks/check_suid.ts';
import { check_units } from '../../modules/checks/check_units.ts';
import { check_updates } from '../../modules/checks/check_updates.ts';
import { check_users } from '../../modules/checks/check_users.ts';
import { check_world_writable } from '../../modules/checks/check_world_writable.ts';
import { runCases } from '../cases/driver.ts';
import { bindParams } from '../cases/params.ts';

const CHECKS = [
  check,
  check_certificates,
  check_clock,
  check_disk,
  check_failed_logins,
  check_file_modes,
  check_listening_ports,
  check_reboot,
  check_sshd,
  check_sudoers,
  check_suid,
  check_units,
  check_updates,
  check_users,
  check_world_writable,
];

for (const one of CHECKS) runCases(one);

describe('a check of one’s own', () => {
  const judge = (evaluate: View['evaluate']) =>
    check.wants(bindParams(check, { that: ['x'], level: 'warn', summary: 'words' }) as never, { evaluate } as View);

  it('fails where a condition cannot be judged, whatever level it has', () => {
    const { finding } = judge(() => ({
      ok: false,
      diagnostics: [{ code: 'x', severity: 'error', message: '`x` is undefined' }] as never,
    }));
    assert.deepEqual(finding, { level: 'fail', summary: 'x: `x` is undefined' });
  });

  it('waits for what is not known yet', () => {
    assert.throws(() => judge(() => ({ ok: true, value: new Unknown('an earlier task') })), NotYet);
  });
});

describe('parameters', () => {
  it('of ports are ports', () => {
    for (const allow of ['http', '22/icmp', '22-', '::1:22', '']) {
      assert.throws(() => bindParams(check_listening_ports, { allow: [allow] }), /parameters are wrong/, allow);
    }
  });
});
