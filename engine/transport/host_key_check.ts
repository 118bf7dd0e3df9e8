import { createHash } from 'node:crypto';
import type { SshRoute } from '../inventory/inventory.ts';
import { TransportError } from './connection.ts';
import type { HostKeyStore } from './host_key_store.ts';
import { judge, type KeyVerdict, keyType, knownNames, knownTypes } from './known_hosts.ts';
import { quote } from './sh.ts';

/** Host keys that are accepted, best first. SHA-1 signatures (`ssh-rsa`) are not among them. */
const ALGORITHMS: readonly (readonly [algorithm: string, keyType: string])[] = [
  ['ssh-ed25519', 'ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256'],
  ['ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp384'],
  ['ecdsa-sha2-nistp521', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'ssh-rsa'],
  ['rsa-sha2-256', 'ssh-rsa'],
];

/** The check of one host's key. */
export interface HostKeyCheck {
  /** Key types that are already known of the host come first, so that a key it also has is not taken for a change. */
  readonly algorithms: readonly string[];
  /** Synchronous, and the same answer for the same key. On `false`, `problem` tells why. */
  verify(key: Uint8Array): boolean;
  problem(): TransportError | undefined;
  /** Called when the host has proved that the key is its own: a new one is now written down. */
  proved(): Promise<void>;
}

export type OnNewHostKey = (host: string, fingerprint: string, file: string) => void;

export async function prepareHostKeyCheck(
  host: string,
  route: SshRoute,
  store: HostKeyStore,
  onNewHostKey: OnNewHostKey | undefined,
): Promise<HostKeyCheck> {
  const { files, alias, unknown } = route.hostKeys;
  const names = knownNames(route.address, route.port, alias);
  const entries = await store.entries(files);
  const types = knownTypes(entries, names);
  const algorithms = [
    ...ALGORITHMS.filter(([, type]) => types.has(type)),
    ...ALGORITHMS.filter(([, type]) => !types.has(type)),
  ].map(([algorithm]) => algorithm);
  let problem: TransportError | undefined;
  let accepted: Uint8Array | undefined;
  let isNew = false;

  return {
    algorithms,
    verify(key) {
      // A server may ask for new session keys at any time; it has to show the same host key then.
      if (accepted !== undefined) return Buffer.from(accepted).equals(key);
      const verdict = judge(entries, names, key);
      isNew = verdict.kind === 'unknown' && unknown === 'accept-new';
      if (verdict.kind !== 'known' && !isNew) {
        problem = keyProblem(host, route, verdict, key);
        return false;
      }
      accepted = Uint8Array.from(key);
      return true;
    },
    problem: () => problem,
    async proved() {
      const key = accepted;
      if (!isNew || key === undefined) return;
      isNew = false;
      const [file] = files;
      if (file === undefined)
        throw new TransportError('host-key', `no known_hosts file to write the key of ${host} to`);
      const added = await store.add(file, names.name, key, async () => {
        const verdict = judge(await store.entries(files), names, key);
        if (verdict.kind === 'unknown') return true;
        if (verdict.kind === 'known') return false;
        throw keyProblem(host, route, verdict, key);
      });
      if (added) onNewHostKey?.(host, `${keyName(key)} ${fingerprint(key)}`, file);
    },
  };
}

/** As ssh-keygen -l prints it. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function keyName(key: Uint8Array): string {
  const type = keyType(key) ?? 'unknown';
  return type.startsWith('ecdsa-') ? 'ECDSA' : type.replace('ssh-', '').toUpperCase();
}

function keyProblem(host: string, route: SshRoute, verdict: KeyVerdict, key: Uint8Array): TransportError {
  const { name } = knownNames(route.address, route.port, route.hostKeys.alias);
  const known = name === host ? host : `${host} (${name})`;
  const shown = `${keyName(key)} ${fingerprint(key)}`;
  if (verdict.kind === 'revoked') {
    const { file, line } = verdict.entry;
    return new TransportError(
      'host-key',
      `${known} shows the host key ${shown}, which is revoked (${file}:${line})`,
      'The key was given up, as a rule because it fell into wrong hands: whoever shows it may be an impostor.',
    );
  }
  if (verdict.kind === 'changed') {
    const { file, line, type } = verdict.entry;
    return new TransportError(
      'host-key',
      `the host key of ${known} has changed: it shows ${shown}, but ${file}:${line} has ${type} ${fingerprint(verdict.entry.key)}`,
      `Somebody may be in between. If the host was set up anew, and its own \`ssh-keygen -lf\` shows this fingerprint: ssh-keygen -R ${quote(name)} -f ${quote(file)}`,
    );
  }
  const scan = `ssh-keyscan -p ${route.port} ${quote(route.address)} >> ${quote(route.hostKeys.files[0] ?? '~/.ssh/known_hosts')}`;
  return new TransportError(
    'host-key',
    `the host key of ${known} is not known: ${shown}`,
    `Compare it with \`ssh-keygen -lf\` on the host, then run again with --accept-new-host-keys, or: ${scan}`,
  );
}
