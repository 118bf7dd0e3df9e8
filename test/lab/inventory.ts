import { readFileSync, writeFileSync } from 'node:fs';
import type { SshFiles } from './host.ts';
import { hostKeyFiles, hostKeys } from './keys.ts';
import type { HostRecord } from './state.ts';

export async function writeKnownHosts(file: string, hosts: readonly HostRecord[]): Promise<void> {
  const lines: string[] = [];
  for (const host of hosts) {
    for (const key of hostKeyFiles(await hostKeys(host.name))) {
      const [type, blob] = readFileSync(`${key}.pub`, 'utf8').split(' ');
      lines.push(`${host.name},${host.address} ${type} ${blob}\n`);
    }
  }
  writeFileSync(file, lines.join(''));
}

/** YAML that `runbook` and `ansible-playbook` read alike: group `fleet`, and in it `python` and `bare`. */
export function writeInventory(file: string, hosts: readonly HostRecord[], { key, knownHosts }: SshFiles): void {
  const group = (kind: HostRecord['kind']) => {
    const members = hosts.filter((host) => host.kind === kind);
    if (members.length === 0) return '';
    const lines = members.map((host) => `            ${host.name}: {ansible_host: ${host.address}}\n`);
    return `        ${kind}:\n          hosts:\n${lines.join('')}`;
  };
  writeFileSync(
    file,
    `all:
  vars:
    ansible_user: root
    ansible_ssh_private_key_file: ${key}
    ansible_ssh_common_args: -o UserKnownHostsFile=${knownHosts} -o IdentitiesOnly=yes
    ansible_python_interpreter: /usr/bin/python3
  children:
    fleet:
      children:
${group('python')}${group('bare')}`,
  );
}
