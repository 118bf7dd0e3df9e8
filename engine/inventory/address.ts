/**
 * Host names, IPv4 and IPv6 addresses with an optional port, as ansible/parsing/utils/addresses.py tells them apart.
 * Each part may be a range such as `[01:20:2]`.
 */
const NUMERIC_RANGE = '\\[[0-9]+:[0-9]+(?::[0-9]+)?\\]';
const HEX_RANGE = '\\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\\]';
const ALPHANUMERIC_RANGE = '\\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\\]';

const V4 = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${NUMERIC_RANGE})`;
const V6 = `(?:[0-9a-f]{1,4}|${HEX_RANGE})`;
const LABEL = `(?:[\\p{L}\\p{N}_]|${ALPHANUMERIC_RANGE})(?:[\\p{L}\\p{N}_-]|${ALPHANUMERIC_RANGE})*(?<![_-])`;

const IPV4 = new RegExp(`^(?:${V4}\\.){3}${V4}$`, 'iu');
const IPV6 = new RegExp(
  `^(?:${[
    `(?:${V6}:){7}${V6}`,
    `(?:${V6}:){1,6}:`,
    `(?:${V6}:)(?::${V6}){1,6}`,
    `(?:${V6}:){2}(?::${V6}){1,5}`,
    `(?:${V6}:){3}(?::${V6}){1,4}`,
    `(?:${V6}:){4}(?::${V6}){1,3}`,
    `(?:${V6}:){5}(?::${V6}){1,2}`,
    `(?:${V6}:){6}(?::${V6})`,
    `:(?::${V6}){1,6}`,
    `${V6}?::`,
    `(?:0:){6}(?:${V4}\\.){3}${V4}`,
    `::(?:ffff:)?(?:${V4}\\.){3}${V4}`,
    `(?:0:){5}ffff:(?:${V4}\\.){3}${V4}`,
  ].join('|')})$`,
  'iu',
);
const HOSTNAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'iu');
/** What nearly all hosts are called. The patterns above take longer to compile than an inventory takes to read. */
const PLAIN_LABEL = '(?:[a-z0-9_][a-z0-9_-]*)?[a-z0-9]';
const PLAIN_NAME = new RegExp(`^${PLAIN_LABEL}(?:\\.${PLAIN_LABEL})*$`, 'i');
const ADDRESS_CHARACTERS = /^[0-9a-f.:[\]]+$/i;

const BRACKETED_PORT = /^\[(.+)\]:([0-9]+)$/;
const PORT = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/;

export interface Address {
  readonly host: string;
  readonly port: number | undefined;
}

/** `undefined`: neither a host name nor an address. Ranges are left as they are. */
export function parseAddress(text: string): Address | undefined {
  let host = text;
  let port: number | undefined;
  for (const pattern of [BRACKETED_PORT, PORT]) {
    const found = pattern.exec(host);
    if (found === null) continue;
    host = found[1] ?? '';
    port = Number(found[2]);
  }
  return PLAIN_NAME.test(host) || isIpAddress(host) || HOSTNAME.test(host) ? { host, port } : undefined;
}

export function isIpAddress(host: string): boolean {
  return ADDRESS_CHARACTERS.test(host) && (IPV4.test(host) || IPV6.test(host));
}
