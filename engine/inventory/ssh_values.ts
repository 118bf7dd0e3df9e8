import { splitWords } from '../language/shlex.ts';
import { isIpAddress } from './address.ts';

/** Readers of the values of ssh_config(5); `undefined` where a value is not valid. */

/** The value of an option that takes one argument, which may stand in quotes. */
export function oneWord(value: string): string {
  const split = splitWords(value, false);
  const word = split.ok && split.words.length === 1 ? split.words[0] : undefined;
  return word?.text ?? value;
}

export function manyWords(value: string): readonly string[] {
  const split = splitWords(value, false);
  return split.ok ? split.words.map((word) => word.text) : [value];
}

const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `30`, `1m30s` (sshd_config(5), TIME FORMATS); seconds. */
export function parseSeconds(value: string): number | undefined {
  if (!/^(?:[0-9]{1,9}[smhdw]?)+$/i.test(value)) return undefined;
  let seconds = 0;
  for (const [, count, unit = ''] of value.matchAll(/([0-9]+)([smhdw]?)/gi)) {
    seconds += Number(count) * (SECONDS[unit.toLowerCase()] ?? 1);
  }
  return seconds;
}

export function parseYesNo(value: string): boolean | undefined {
  if (/^(?:yes|true)$/i.test(value)) return true;
  return /^(?:no|false)$/i.test(value) ? false : undefined;
}

export function parseCount(value: string, least: number, most: number): number | undefined {
  const count = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
  return count >= least && count <= most ? count : undefined;
}

/**
 * What is done with a key that no known_hosts file holds. `no` and `off` are taken as `accept-new`: a key that has
 * changed is refused in any case, because that is what the option would have to protect from.
 */
export function parseHostKeyPolicy(value: string): 'ask' | 'accept-new' | undefined {
  if (/^(?:yes|true|ask)$/i.test(value)) return 'ask';
  return /^(?:no|false|off|accept-new)$/i.test(value) ? 'accept-new' : undefined;
}

/** Names that cannot become an option of ssh or break out of a ProxyCommand (valid_hostname in OpenSSH's ssh.c). */
export function isSafeHostName(name: string): boolean {
  return name !== '' && !name.startsWith('-') && !/[\s\p{Cc}'`"$\\;&<>|(){}]/u.test(name);
}

/** As OpenSSH's valid_ruser: `DOMAIN\user` is one, `-oProxyCommand=x` is none. */
export function isSafeUserName(name: string): boolean {
  return name !== '' && !name.startsWith('-') && !/[\p{Cc}'`";&<>|(){}]|\s-|\\$/u.test(name);
}

export interface Jump {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
}

/** One stop of ProxyJump: `[user@]host[:port]`, an IPv6 address with a port in brackets, or `ssh://...`. */
export function parseJump(text: string): Jump | undefined {
  const bare = text
    .trim()
    .replace(/^ssh:\/\//, '')
    .replace(/\/$/, '');
  const at = bare.lastIndexOf('@');
  const user = at === -1 ? undefined : bare.slice(0, at);
  const rest = bare.slice(at + 1);
  const found = /^\[([^\]]+)\](?::([0-9]+))?$/.exec(rest) ?? /^([^:]+)(?::([0-9]+))?$/.exec(rest);
  const host = found?.[1] ?? (isIpAddress(rest) ? rest : '');
  const port = found?.[2] === undefined ? undefined : parseCount(found[2], 1, 65535);
  if (!isSafeHostName(host) || (found?.[2] !== undefined && port === undefined)) return undefined;
  return user === undefined || isSafeUserName(user) ? { user, host, port } : undefined;
}
