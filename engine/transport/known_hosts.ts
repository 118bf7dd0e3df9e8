import { createHmac } from 'node:crypto';

/** One line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHost {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  readonly names: Names;
  readonly type: string;
  /** The key as it stands on the wire. */
  readonly key: Buffer;
}

type Names =
  | { readonly kind: 'patterns'; readonly patterns: readonly string[] }
  | { readonly kind: 'hash'; readonly salt: Buffer; readonly hash: Buffer };

/** Reads a file's text. Lines that cannot be understood are passed over, as by ssh; never throws. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line, i) => {
    const entry = parseLine(line, file, i + 1);
    return entry === undefined ? [] : [entry];
  });
}

function parseLine(text: string, file: string, line: number): KnownHost | undefined {
  const fields = text.trim().split(/[ \t]+/);
  if (fields[0] === undefined || fields[0] === '' || fields[0].startsWith('#')) return undefined;
  let marker: KnownHost['marker'];
  if (fields[0].startsWith('@')) {
    const word = fields.shift()?.slice(1);
    if (word !== 'revoked' && word !== 'cert-authority') return undefined;
    marker = word;
  }
  const [hosts, type, base64] = fields;
  if (hosts === undefined || type === undefined || base64 === undefined) return undefined;
  const names = parseNames(hosts);
  const key = Buffer.from(base64, 'base64');
  if (names === undefined || keyType(key) !== type) return undefined;
  return { file, line, marker, names, type, key };
}

function parseNames(hosts: string): Names | undefined {
  if (!hosts.startsWith('|')) return { kind: 'patterns', patterns: hosts.toLowerCase().split(',') };
  const [, magic, salt, hash, more] = hosts.split('|');
  if (magic !== '1' || salt === undefined || hash === undefined || more !== undefined) return undefined;
  const bytes = { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
  return bytes.hash.length === 20 ? { kind: 'hash', ...bytes } : undefined;
}

/** The type that a public key on the wire names itself (RFC 4253, section 6.6), if it is a key at all. */
export function keyType(key: Uint8Array): string | undefined {
  const buffer = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  if (buffer.length < 5) return undefined;
  const length = buffer.readUInt32BE(0);
  if (length === 0 || length > 100 || buffer.length <= 4 + length) return undefined;
  return buffer.toString('latin1', 4, 4 + length);
}

/** The name that known_hosts has a host under: `[host]:port`, or the bare host for port 22. */
export function knownName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/** Whether an entry speaks of a host. Patterns have `*` and `?`; one with `!` that matches rules the host out. */
export function matches(entry: KnownHost, name: string): boolean {
  const { names } = entry;
  if (names.kind === 'hash') return createHmac('sha1', names.salt).update(name).digest().equals(names.hash);
  let found = false;
  for (const pattern of names.patterns) {
    if (pattern.startsWith('!')) {
      if (glob(pattern.slice(1), name)) return false;
    } else if (!found) found = glob(pattern, name);
  }
  return found;
}

/** Linear in both, however many stars: the file may be anybody's (a shared, writable list). */
function glob(pattern: string, text: string): boolean {
  let p = 0;
  let star = -1;
  let from = 0;
  for (let t = 0; t < text.length; ) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++;
      from = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++from;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

export type KeyVerdict =
  | { readonly kind: 'known' }
  /** Nothing is known of the host. */
  | { readonly kind: 'unknown' }
  /** Other keys are known, of whatever type: as OpenSSH, this is never just another key. */
  | { readonly kind: 'changed'; readonly entry: KnownHost }
  | { readonly kind: 'revoked'; readonly entry: KnownHost };

/** How a host is looked up. */
export interface KnownNames {
  /** HostKeyAlias, or the address with its port. */
  readonly name: string;
  /** The address without a port that is not 22: a key known there is accepted too, as by ssh. */
  readonly bare: string | undefined;
}

export function knownNames(address: string, port: number, alias: string | undefined): KnownNames {
  if (alias !== undefined) return { name: alias.toLowerCase(), bare: undefined };
  return { name: knownName(address, port), bare: port === 22 ? undefined : address.toLowerCase() };
}

/** Judges the key that a host shows. */
export function judge(entries: readonly KnownHost[], names: KnownNames, key: Uint8Array): KeyVerdict {
  const named = entries.filter((entry) => entry.marker !== 'cert-authority' && matches(entry, names.name));
  const bare = names.bare;
  const unported = bare === undefined ? [] : entries.filter((e) => e.marker !== 'cert-authority' && matches(e, bare));
  const same = (entry: KnownHost) => entry.key.equals(key);
  const revoked = [...named, ...unported].find((entry) => entry.marker === 'revoked' && same(entry));
  if (revoked !== undefined) return { kind: 'revoked', entry: revoked };
  const plain = named.filter((entry) => entry.marker === undefined);
  if (plain.some(same)) return { kind: 'known' };
  const [other] = plain;
  if (other !== undefined) return { kind: 'changed', entry: plain.find((e) => e.type === keyType(key)) ?? other };
  if (unported.some((entry) => entry.marker === undefined && same(entry))) return { kind: 'known' };
  return { kind: 'unknown' };
}

/** Key types that are known of a host, so that those are asked for first. */
export function knownTypes(entries: readonly KnownHost[], names: KnownNames): ReadonlySet<string> {
  const known = entries.filter((entry) => entry.marker === undefined && matches(entry, names.name));
  return new Set(known.map((entry) => entry.type));
}

/** A line for a new key. */
export function knownHostLine(name: string, key: Uint8Array): string {
  return `${name} ${keyType(key) ?? ''} ${Buffer.from(key).toString('base64')}\n`;
}
