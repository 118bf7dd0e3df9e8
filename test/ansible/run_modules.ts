import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

/** What a module of Ansible tells. */
export interface TheirResult {
  readonly failed?: boolean;
  readonly changed?: boolean;
  readonly [key: string]: unknown;
}

/** Runs modules of Ansible on this machine, one after the other, without a playbook around them. */
export function runAlone(calls: readonly (readonly [string, unknown])[]): readonly TheirResult[] {
  const script = new URL('./run_modules.py', import.meta.url).pathname;
  const ran = spawnSync('/usr/bin/python3', [script], {
    input: JSON.stringify(calls),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (ran.error !== undefined) throw ran.error;
  assert.equal(ran.status, 0, ran.stderr);
  return JSON.parse(ran.stdout) as TheirResult[];
}
