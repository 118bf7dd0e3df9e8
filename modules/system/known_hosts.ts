import { createHash, createHmac } from 'node:crypto';
import { defineModule, type View, type Wish } from '../../engine/planning/contracts.ts';
import { type KnownHost, matches, parseKnownHosts } from '../../engine/transport/known_hosts.ts';
import { type EditedFile, looksAtFile, readFile, writeText } from './edited_file.ts';

interface KnownHostsParams {
  readonly name: string;
  readonly key?: string;
  readonly path: string;
  readonly hash_host: boolean;
  readonly state: 'present' | 'absent';
}

export const known_hosts = defineModule<KnownHostsParams>({
  name: 'known_hosts',
  collection: 'ansible.builtin',
  summary: 'Keeps the key of a host in a known_hosts file',
  description: [
    'A host has one key of each type: another one of the same type takes the place of the old one. Keys of other types stay.',
    'Names that are hashed are found too. A line that has the right key is left as it is, also with further names.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    requiredIf: [{ param: 'state', value: 'present', requires: ['key'] }],
    properties: {
      name: {
        type: 'string',
        aliases: ['host'],
        minLength: 1,
        description: 'The host as it is looked up: `db.example.com`, or `[db.example.com]:2222` for another port.',
      },
      key: {
        type: 'string',
        description:
          'The line: names, type and key, as `ssh-keyscan` prints it. The names have to be those of the host.',
      },
      path: { type: 'string', format: 'path', default: '~/.ssh/known_hosts', description: 'The file.' },
      hash_host: { type: 'boolean', default: false, description: 'Write a hash in the place of the name.' },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'Whether the key is to be there. `absent` without a key removes all lines of the host.',
      },
    },
  },
  examples: `- name: The backup host is known
  known_hosts:
    path: /etc/ssh/ssh_known_hosts
    name: backup.example.com
    key: backup.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJmYmN0LT7BqEX3F7sYdUG2ZS2UEqG7cJNHXQ5PxyeYv
`,
  looksAt: (params, view) => looksAtFile(params.path, view),
  wants: (params, view) => {
    const file = readFile(params.path, view);
    if ('failed' in file) return { steps: [], failed: { message: file.failed, parameter: ['path'] } };
    const given = params.key === undefined || params.key.trim() === '' ? undefined : givenKey(params);
    if (given !== undefined && 'failed' in given) {
      return { steps: [], failed: { message: given.failed, parameter: [given.parameter] } };
    }
    return wish(params, given, file, view);
  },
});

interface GivenKey {
  readonly entry: KnownHost;
  readonly line: string;
}

function givenKey({
  name,
  key = '',
}: KnownHostsParams): GivenKey | { readonly failed: string; readonly parameter: string } {
  const line = key.trim();
  if (line.includes('\n')) return { failed: 'key is more than one line: give one key to a task', parameter: 'key' };
  if (/,/.test(name)) return { failed: 'name is one name; give each name a task of its own', parameter: 'name' };
  const [entry] = parseKnownHosts(line, 'key');
  if (entry === undefined) {
    return { failed: 'key is no line of known_hosts: `name ssh-ed25519 AAAA...`', parameter: 'key' };
  }
  if (!matches(entry, name.toLowerCase())) return { failed: `key is not one of ${name}`, parameter: 'key' };
  return { entry, line };
}

function wish(params: KnownHostsParams, given: GivenKey | undefined, file: EditedFile, view: View): Wish {
  const { state, path: shown, hash_host } = params;
  const name = params.name.toLowerCase();
  const lines = file.text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const own = parseKnownHosts(file.text, file.ref.id).filter((entry) => matches(entry, name));
  const result = { name: params.name, path: shown, state, hash_host };
  const drop =
    state === 'absent' ? (given === undefined ? own : own.filter((entry) => sameKey(entry, given.entry))) : [];
  if (state === 'absent') {
    if (drop.length === 0) return { steps: [], result };
    return { steps: [writeText(file, without(lines, drop), 0o644)], result };
  }
  if (given === undefined) return { steps: [], failed: { message: 'state: present needs a key', parameter: ['key'] } };
  const wantsHash = hash_host || given.entry.names.kind === 'hash';
  const right = own.some((entry) => sameKey(entry, given.entry) && (entry.names.kind === 'hash') === wantsHash);
  if (right) return { steps: [], result };
  const old = own.filter(({ type, marker }) => type === given.entry.type && marker === given.entry.marker);
  const kept = without(lines, old);
  const gap = kept === '' || kept.endsWith('\n') ? '' : '\n';
  const line = hash_host ? hashed(name, given.line, `${view.user}:${file.ref.id}`) : given.line;
  return { steps: [writeText(file, `${kept}${gap}${line}\n`, 0o644)], result };
}

function sameKey(a: KnownHost, b: KnownHost): boolean {
  return a.marker === b.marker && a.type === b.type && a.key.equals(b.key);
}

function without(lines: readonly string[], entries: readonly KnownHost[]): string {
  const gone = new Set(entries.map(({ line }) => line));
  return lines.filter((_, i) => !gone.has(i + 1)).join('');
}

/**
 * The line with `|1|salt|hash` for its names. The salt, which stands beside the hash for all to read, only has to
 * differ from file to file: it is made of what the plan shows, so that the same is applied.
 */
function hashed(name: string, line: string, place: string): string {
  const salt = createHash('sha1')
    .update(JSON.stringify([place, line]))
    .digest();
  const hash = createHmac('sha1', salt).update(name).digest();
  const fields = line.split(/[ \t]+/);
  const at = fields[0]?.startsWith('@') ? 1 : 0;
  return fields.with(at, `|1|${salt.toString('base64')}|${hash.toString('base64')}`).join(' ');
}
