import type { ValueMap } from '../../language/values.ts';
import type { Sources } from './sources.ts';

export function platformFacts(sources: Sources): ValueMap {
  const nodename = sources.file('/proc/sys/kernel/hostname') ?? '';
  const machine = sources.file('/proc/sys/kernel/arch') ?? sources.text('machine').trim();
  const fqdn = fullName(nodename, sources);
  const machineId = sources.file('/var/lib/dbus/machine-id') ?? sources.file('/etc/machine-id');
  return {
    system: sources.file('/proc/sys/kernel/ostype') ?? 'Linux',
    kernel: sources.file('/proc/sys/kernel/osrelease') ?? '',
    kernel_version: sources.file('/proc/sys/kernel/version') ?? '',
    machine,
    ...architecture(machine, sources),
    hostname: nodename.split('.')[0] as string,
    nodename,
    fqdn,
    domain: fqdn.split('.').slice(1).join('.'),
    ...(machineId !== undefined && { machine_id: machineId.split('\n')[0] as string }),
  };
}

/** A kernel of 64 bits may carry a system of 32: the loader tells. */
function architecture(machine: string, sources: Sources): ValueMap {
  if (machine !== 'x86_64' && !/^i[3-6]86/.test(machine)) {
    return { architecture: machine, userspace_bits: /64|s390x/.test(machine) ? '64' : '32' };
  }
  const wide = machine === 'x86_64' && sources.exists('/lib64/ld-linux-x86-64.so.2');
  return {
    architecture: machine,
    userspace_bits: wide ? '64' : '32',
    ...(machine === 'x86_64' && { userspace_architecture: wide ? 'x86_64' : 'i386' }),
  };
}

/**
 * The host's full name as Python's getfqdn finds it: the first name with a dot among those of the address that
 * its own name stands for, or else the first one.
 */
function fullName(nodename: string, sources: Sources): string {
  const hosts = hostsLines(sources.file('/etc/hosts') ?? '');
  const own = hosts.find((words) => words.slice(1).includes(nodename));
  const names = own === undefined ? resolved(sources) : hosts.find((words) => words[0] === own[0])?.slice(1);
  const known = (names ?? []).filter((name) => /^[A-Za-z0-9_.-]+$/.test(name));
  return known.find((name) => name.includes('.')) ?? known[0] ?? nodename;
}

function hostsLines(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter((words) => words.length > 1);
}

/** `address name alias ...`, from getent. */
function resolved(sources: Sources): readonly string[] | undefined {
  return sources.lines('resolved')[0]?.trim().split(/\s+/).slice(1);
}
