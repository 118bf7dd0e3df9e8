import type { Change, Diff, Ref, ResourceType } from '../planning/contracts.ts';
import { lookAtUnits, parseUnits } from './unit_look.ts';
import { splitUnitId, type UnitScope, unitId, unitTitle } from './unit_name.ts';
import { unitProgram } from './unit_program.ts';
import { runs, sameUnit, type UnitValue } from './unit_value.ts';

/** Options of a change: `force` (systemctl --force: links that are in the way are replaced). */
export const unitType: ResourceType<UnitValue> = {
  name: 'unit',
  collect: lookAtUnits,
  parse: parseUnits,
  transition: unitProgram,
  describe,
  same: sameUnit,
  affects: (change, other, value) =>
    runs(change.before) !== runs(change.after) && unitDisturbs(change.ref.id, other, value),
  access: (id) => ACCESS.test(splitUnitId(id).name),
};

export function unit(name: string, scope: UnitScope = 'system'): Ref<UnitValue> {
  return { type: unitType, id: unitId(name, scope), aspects: [] };
}

function describe({ ref, before, after }: Change<UnitValue>): Diff {
  const yesNo = (value: boolean | undefined) => (value === undefined ? undefined : value ? 'yes' : 'no');
  const attributes = [
    { name: 'active', before: before?.active, after: after?.active },
    { name: 'enabled', before: yesNo(before?.enabled), after: yesNo(after?.enabled) },
    { name: 'masked', before: yesNo(before?.masked), after: yesNo(after?.masked) },
  ];
  return {
    title: unitTitle(ref.id),
    action: before === null ? 'create' : after === null ? 'remove' : 'change',
    attributes: attributes.filter((a) => a.before !== a.after && (a.after !== undefined || after === null)),
  };
}

/**
 * What starting, stopping or restarting a unit may change: its socket, timer or service, and what a daemon
 * leaves in /run, /var and /tmp that was not there.
 */
export function unitDisturbs(id: string, other: Ref, value: unknown): boolean {
  if (other.type.name === 'unit') return other.id !== id && stem(other.id) === stem(id);
  return (
    (other.type.name === 'path' || other.type.name === 'glob') && value === null && /^\/(run|var|tmp)\//.test(other.id)
  );
}

function stem(id: string): string {
  return id.replace(/(@.*)?\.[a-z]+$/, '');
}

/** Units that let people in: login, network, packet filters, tunnels. */
const ACCESS = new RegExp(
  `^(${[
    'sshd?(@.*)?',
    'sudo',
    'dbus|dbus-broker',
    'systemd-(logind|networkd|resolved|nspawn@.*)',
    'networking|ifup@.*|NetworkManager|wpa_supplicant(@.*)?|dhcpcd|cloud-init.*',
    'network(-pre|-online)?|multi-user|graphical|rescue|emergency|basic|sysinit|sockets',
    'ufw|firewalld|nftables|iptables|ip6tables|netfilter-persistent|shorewall6?|fail2ban|crowdsec.*',
    'wg-quick@.*|wireguard.*|openvpn(@.*)?|openvpn-.*|strongswan.*|tailscaled|zerotier-one|cloudflared',
  ].join('|')})\\.(service|socket|target|path)$`,
);
