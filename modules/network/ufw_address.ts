import { isIP } from 'node:net';
import type { Family } from '../../engine/resources/ufw_rule.ts';

/** An address or network as ufw writes it; `undefined`: it is none. */
export function readAddress(given: string): { readonly address: string; readonly family: Family } | undefined {
  const [host = '', mask, ...more] = given.trim().toLowerCase().split('/');
  if (more.length > 0) return undefined;
  const version = isIP(host);
  if (version === 4) {
    const address = network4(host, mask);
    return address === undefined ? undefined : { address, family: 'v4' };
  }
  if (version !== 6 || host.includes('%')) return undefined;
  if (mask !== undefined && !(/^\d{1,3}$/.test(mask) && Number(mask) <= 128)) return undefined;
  // ufw leaves the bits of the host as they are here.
  const address = new URL(`http://[${host}]/`).hostname.slice(1, -1);
  return { address: mask === undefined || mask === '128' ? address : `${address}/${Number(mask)}`, family: 'v6' };
}

function network4(host: string, mask: string | undefined): string | undefined {
  const bits =
    mask === undefined ? 32 : isIP(mask) === 4 ? bitsOfMask(mask) : /^\d{1,2}$/.test(mask) ? Number(mask) : 33;
  if (bits === undefined || bits > 32) return undefined;
  if (bits === 32) return host;
  const kept = bits === 0 ? 0 : (numberOf(host) & (0xffffffff << (32 - bits))) >>> 0;
  return `${[24, 16, 8, 0].map((shift) => (kept >>> shift) & 255).join('.')}/${bits}`;
}

function numberOf(host: string): number {
  return host.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** `255.255.255.0` is 24; a mask with gaps is none. */
function bitsOfMask(mask: string): number | undefined {
  const [, ones, zeros] = /^(1*)(0*)$/.exec(numberOf(mask).toString(2).padStart(32, '0')) ?? [];
  return ones === undefined || zeros === undefined ? undefined : ones.length;
}
