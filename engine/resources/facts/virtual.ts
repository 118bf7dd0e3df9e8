import type { ValueMap } from '../../language/values.ts';
import { dmi } from './hardware.ts';
import type { Sources } from './sources.ts';

type Role = 'guest' | 'host';

/** A sign of a container, a virtual machine or a hypervisor, in the order in which one decides the type. */
interface Sign {
  readonly type: string;
  readonly role: Role;
}

/** What the host runs on, by the signs that Ansible goes by, the first of which decides. */
export function virtualFacts(sources: Sources): ValueMap {
  const signs = [...containers(sources), ...hypervisors(sources), ...machines(sources), ...kernelModules(sources)];
  const techs = (role: Role) => new Set(signs.filter((sign) => sign.role === role).map((sign) => sign.type));
  const guest = techs('guest');
  const inContainer = ['docker', 'lxc', 'podman', 'openvz', 'containerd'].some((type) => guest.has(type));
  if (inContainer || sources.file('/run/systemd/container') !== undefined) guest.add('container');
  return {
    virtualization_type: signs[0]?.type ?? 'NA',
    virtualization_role: signs[0]?.role ?? 'NA',
    virtualization_tech_guest: [...guest].sort(),
    virtualization_tech_host: [...techs('host')].sort(),
  };
}

function when(holds: boolean, type: string, role: Role = 'guest'): readonly Sign[] {
  return holds ? [{ type, role }] : [];
}

function containers(sources: Sources): readonly Sign[] {
  const cgroup = sources.file('/proc/1/cgroup') ?? '';
  const environment = (sources.file('/proc/1/environ') ?? '').split('\0');
  const container = environment.find((entry) => /^container=./.test(entry))?.slice('container='.length) ?? '';
  const systemd = sources.file('/run/systemd/container');
  return [
    ...when(/\/docker(\/|-[0-9a-f]+\.scope)/.test(cgroup), 'docker'),
    ...when(/\/lxc\/|\/machine\.slice\/machine-lxc/.test(cgroup), 'lxc'),
    ...when(/\/system\.slice\/containerd\.service/.test(cgroup), 'containerd'),
    ...when(container.startsWith('lxc'), 'lxc'),
    ...when(container.startsWith('podman'), 'podman'),
    ...when(container !== '', 'container'),
    ...when(
      sources.exists('/proc/vz') && !sources.exists('/proc/lve'),
      'openvz',
      sources.exists('/proc/bc') ? 'host' : 'guest',
    ),
    ...(systemd === undefined ? [] : when(true, systemd)),
    ...when(sources.exists('/.dockerenv') || sources.exists('/.dockerinit'), 'docker'),
  ];
}

function hypervisors(sources: Sources): readonly Sign[] {
  if (!sources.exists('/proc/xen')) return [];
  const control = (sources.file('/proc/xen/capabilities') ?? '').includes('control_d');
  return when(true, 'xen', control ? 'host' : 'guest');
}

/** By the names that virtual machines give themselves in their firmware. */
function machines(sources: Sources): readonly Sign[] {
  const product = dmi(sources, 'product_name') ?? '';
  const vendor = dmi(sources, 'sys_vendor') ?? '';
  const bios = dmi(sources, 'bios_vendor') ?? '';
  const redHat = vendor === 'Red Hat';
  return [
    ...when(['KVM', 'KVM Server', 'Bochs', 'AHV'].includes(product), 'kvm'),
    ...when(vendor === 'oVirt', 'oVirt'),
    ...when(redHat && dmi(sources, 'product_family') === 'RHV', 'RHV'),
    ...when(redHat && product === 'RHEV Hypervisor', 'RHEV'),
    ...when(['VMware Virtual Platform', 'VMware7,1'].includes(product), 'VMware'),
    ...when(['OpenStack Compute', 'OpenStack Nova'].includes(product), 'openstack'),
    ...when(bios === 'Xen', 'xen'),
    ...when(bios === 'innotek GmbH', 'virtualbox'),
    ...when(['Amazon EC2', 'DigitalOcean', 'Hetzner'].includes(bios), 'kvm'),
    ...when(['QEMU', 'Amazon EC2', 'DigitalOcean', 'Google', 'Scaleway', 'Nutanix'].includes(vendor), 'kvm'),
    ...when(vendor === 'KubeVirt', 'KubeVirt'),
    ...when(vendor === 'Microsoft Corporation', 'VirtualPC'),
    ...when(vendor === 'Parallels Software International Inc.', 'parallels'),
    ...when(vendor === 'OpenStack Foundation', 'openstack'),
    ...when(/^model name.*QEMU Virtual CPU/m.test(sources.file('/proc/cpuinfo') ?? ''), 'kvm'),
  ];
}

function kernelModules(sources: Sources): readonly Sign[] {
  const modules = new Set((sources.file('/proc/modules') ?? '').split('\n').map((line) => line.split(' ')[0]));
  const virtio: readonly Sign[] = modules.has('virtio') ? [{ type: 'kvm', role: 'guest' }] : [];
  return [
    ...when(modules.has('kvm'), 'kvm', 'host'),
    ...when(modules.has('vboxdrv'), 'virtualbox', 'host'),
    // As in Ansible a guest by this sign still lists kvm among what it could host.
    ...virtio,
    ...when(sources.exists('/dev/kvm'), 'kvm', 'host'),
  ];
}
