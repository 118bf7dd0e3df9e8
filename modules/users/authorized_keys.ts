/** Types that a line of authorized_keys can name (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"), those that Ansible knows. */
const TYPES = new Set([
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'sk-ecdsa-sha2-nistp256-cert-v01@openssh.com',
  'webauthn-sk-ecdsa-sha2-nistp256@openssh.com',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp256-cert-v01@openssh.com',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp384-cert-v01@openssh.com',
  'ecdsa-sha2-nistp521',
  'ecdsa-sha2-nistp521-cert-v01@openssh.com',
  'sk-ssh-ed25519@openssh.com',
  'sk-ssh-ed25519-cert-v01@openssh.com',
  'ssh-ed25519',
  'ssh-ed25519-cert-v01@openssh.com',
  'ssh-dss',
  'ssh-dss-cert-v01@openssh.com',
  'ssh-rsa',
  'ssh-rsa-cert-v01@openssh.com',
  'ssh-xmss@openssh.com',
  'ssh-xmss-cert-v01@openssh.com',
  'rsa-sha2-256',
  'rsa-sha2-256-cert-v01@openssh.com',
  'rsa-sha2-512',
  'rsa-sha2-512-cert-v01@openssh.com',
]);

export interface PublicKey {
  /** `from="10.0.0.1"`, `no-pty`, ... as written. */
  readonly options: readonly string[];
  readonly type: string;
  /** Base64. */
  readonly key: string;
  readonly comment: string;
}

/** A line with a key, or `undefined`: a comment, an empty line, or what is no key. */
export function parseKey(line: string): PublicKey | undefined {
  const text = line.replaceAll('\\#', '#').trim();
  if (text.startsWith('#')) return undefined;
  const words = splitOutsideQuotes(text, /\s/);
  const at = words.findIndex((word) => TYPES.has(word));
  const [type, key, ...comment] = words.slice(at);
  if (at < 0 || type === undefined || key === undefined) return undefined;
  return { options: parseOptions(words.slice(0, at).join(' ')), type, key, comment: comment.join(' ') };
}

export function parseOptions(text: string): readonly string[] {
  return splitOutsideQuotes(text, /,/)
    .map((option) => option.trim())
    .filter((option) => option !== '');
}

/** Double quotes hold their content together; `\"` inside does not end them (sshd(8)). Empty pieces are left out. */
function splitOutsideQuotes(text: string, separator: RegExp): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (quoted && char === '\\' && text[i + 1] === '"') {
      piece += '\\"';
      i += 1;
    } else if (!quoted && separator.test(char)) {
      pieces.push(piece);
      piece = '';
    } else {
      if (char === '"') quoted = !quoted;
      piece += char;
    }
  }
  return [...pieces, piece].filter((one) => one !== '');
}

/** What is wrong with a key as far as its text tells, `undefined` if nothing: its base64 starts with its type (RFC 4253, 6.6). */
export function suspicion({ type, key }: PublicKey): string | undefined {
  const bytes = Buffer.from(key, 'base64');
  const complete = bytes.toString('base64').replace(/=+$/, '') === key.replace(/=+$/, '');
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  const inside = bytes.subarray(4, 4 + length).toString('latin1');
  const named = type.replace(/^rsa-sha2-(256|512)/, 'ssh-rsa').replace(/^webauthn-/, '');
  if (complete && inside === named && bytes.length > 4 + length) return undefined;
  return inside === named ? 'is cut off or damaged' : `is not the base64 of a key of type ${type}`;
}

export interface KeyEdit {
  /** Text with one key a line. */
  readonly keys: string;
  readonly state: 'present' | 'absent';
  readonly exclusive: boolean;
  /** In place of the options that stand with the keys. */
  readonly options?: string;
  /** In place of the comments that stand with the keys. */
  readonly comment?: string;
}

interface Entry {
  readonly rank: number;
  readonly content: PublicKey | string;
}

/**
 * The file with keys added or taken out, as Ansible writes it: the very same text where nothing changes; otherwise
 * every key in its plain form, comments and other lines once each, a changed or new key last.
 */
export function editKeys(text: string, edit: KeyEdit): { readonly text: string } | { readonly invalid: string } {
  const wanted = keysOf(edit);
  if ('invalid' in wanted) return wanted;
  const entries = readEntries(text);
  const last = entries.size;
  let changed = false;
  wanted.keys.forEach((key, i) => {
    const known = entries.get(key.key)?.content;
    if (edit.state === 'absent') {
      changed = entries.delete(key.key) || changed;
    } else if (typeof known !== 'object' || !sameKey(known, key)) {
      entries.delete(key.key);
      entries.set(key.key, { rank: last + i, content: key });
      changed = true;
    }
  });
  if (edit.state === 'present' && edit.exclusive) {
    const kept = new Set(wanted.keys.map((key) => key.key));
    for (const id of [...entries.keys()]) if (!kept.has(id)) changed = entries.delete(id) || changed;
  }
  return { text: changed ? writeEntries(entries) : text };
}

/** The keys asked for, with the task's own options and comment. */
export function keysOf(edit: KeyEdit): { readonly keys: readonly PublicKey[] } | { readonly invalid: string } {
  const keys: PublicKey[] = [];
  for (const line of edit.keys.split(/\r\n|\n|\r/)) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const key = parseKey(line);
    if (key === undefined) return { invalid: line };
    keys.push({
      ...key,
      ...(edit.options !== undefined && { options: parseOptions(edit.options) }),
      ...(edit.comment !== undefined && { comment: edit.comment }),
    });
  }
  return { keys };
}

/** By key, or by the line itself where it is none. A later line of the same kind takes the place of an earlier one. */
function readEntries(text: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  lines.forEach((line, rank) => {
    const key = parseKey(line);
    entries.set(key?.key ?? `\n${line}`, { rank, content: key ?? line });
  });
  return entries;
}

function writeEntries(entries: ReadonlyMap<string, Entry>): string {
  const sorted = [...entries.values()].sort((a, b) => a.rank - b.rank);
  return sorted.map(({ content }) => `${typeof content === 'string' ? content : writeKey(content)}\n`).join('');
}

function writeKey({ options, type, key, comment }: PublicKey): string {
  return `${options.length > 0 ? `${options.join(',')} ` : ''}${type} ${key} ${comment}`;
}

/** The order of options of different names does not matter. */
function sameKey(a: PublicKey, b: PublicKey): boolean {
  return a.type === b.type && a.key === b.key && a.comment === b.comment && byName(a.options) === byName(b.options);
}

function byName(options: readonly string[]): string {
  const name = (option: string) => option.split('=')[0] as string;
  const sorted = options.map((option, i) => ({ option, i }));
  sorted.sort((a, b) => (name(a.option) < name(b.option) ? -1 : name(a.option) > name(b.option) ? 1 : a.i - b.i));
  return JSON.stringify(sorted.map(({ option }) => option));
}
