import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useHosts } from '../lab/hosts.ts';
import type { Finished } from '../lab/process.ts';

/**
 * The access guard, held against what it is for: each play locks everybody out of bare1 in its own way, while bare2 is
 * changed and stays so.
 */
const lab = useHosts({ bare: 2 });
const LIMIT = { timeout: 60_000 };
const SECONDS = 5;

let plays = 0;

/** A note on both hosts, and then on bare1 what breaks it. */
function play(breaking: string, head = ''): { readonly file: string; readonly note: string } {
  plays += 1;
  const note = `/etc/note-${plays}`;
  const file = lab.write(
    `play-${plays}.yml`,
    `- hosts: fleet
  gather_facts: false
${head}
  tasks:
    - name: note
      copy: {dest: ${note}, content: "note\\n", mode: "0644"}
    - when: inventory_hostname == 'bare1'
      block:
${breaking.replace(/^/gm, '        ')}
`,
  );
  return { file, note };
}

function apply(file: string, ...more: readonly string[]): Promise<Finished> {
  return lab.runbook(['apply', file, '-i', lab.inventory(), '--yes', '--guard-timeout', `${SECONDS}`, ...more], {
    timeoutMs: 50_000,
  });
}

/** What the guard works on: all of it must be as it was. */
async function waysIn(): Promise<string> {
  const { stdout } = await lab.host('bare1').inside(`
    cd / && find etc/ssh etc/sudoers etc/sudoers.d etc/pam.d etc/security etc/passwd etc/shadow etc/group root/.ssh home/*/.ssh \
      etc/systemd/system -exec stat -c '%n %f %u %g' {} + | sort
    find etc/ssh etc/sudoers etc/pam.d etc/passwd etc/shadow etc/group root/.ssh home/*/.ssh -type f -exec sha256sum {} + | sort
    systemctl show -p Id -p ActiveState -p UnitFileState ssh.service ssh.socket
    ip -o link show up | sed 's/ mtu.*//'; ip route`);
  return stdout;
}

/** Neither a unit, nor a directory, nor a process. */
async function nothingLeft(host: string): Promise<void> {
  const { stdout } = await lab.host(host).inside(`
    systemctl list-units --all --no-legend 'runbook-*'; ls -d /etc/systemd/system/runbook-* /etc/systemd/system/*/runbook-* \
      /var/lib/runbook/runs/*/guard 2>/dev/null; pgrep -af 'guard/program' | grep -v pgrep`);
  assert.equal(stdout, '', `${host} has something left of the guard`);
}

interface Lockout {
  readonly breaking: string;
  readonly head?: string;
  readonly options?: readonly string[];
  /** What the report says. */
  readonly says: RegExp;
  readonly user?: 'root' | 'admin';
}

/** Applies it, and holds what came of it against what the guard promises. */
async function lockedOut({ breaking, head, options = [], says, user = 'root' }: Lockout): Promise<Finished> {
  const before = await waysIn();
  const { file, note } = play(breaking, head);
  const run = await apply(file, ...options);
  const told = run.stdout + run.stderr;
  assert.equal(run.code, 3, told);
  assert.match(run.stdout, /^reverted: bare1: /m, told);
  assert.match(run.stdout, says);
  assert.match(run.stdout, /^bare1 .* reverted$/m, told);
  assert.equal((await lab.host('bare1').ssh('true', { user })).code, 0, `no login as ${user}: ${told}`);
  if (user !== 'root') assert.equal((await lab.host('bare1').ssh('sudo -n true', { user })).code, 0, told);
  assert.equal(await waysIn(), before, told);
  assert.equal((await lab.host('bare2').inside(`cat ${note}`)).stdout, 'note\n');
  assert.match(run.stdout, /^bare2: changed: note/m);
  await nothingLeft('bare1');
  await nothingLeft('bare2');
  return run;
}

test('an sshd_config that refuses the user, and its handler', LIMIT, async () => {
  await lockedOut({
    breaking: `
- name: only somebody else
  copy: {dest: /etc/ssh/sshd_config.d/10-users.conf, content: "AllowUsers nobody\\n", mode: "0644"}
- name: reload
  service: {name: ssh, state: reloaded}`,
    says: /no longer a login works: .*bare1/,
  });
});
