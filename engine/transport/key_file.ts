import { readFileSync, statSync } from 'node:fs';

/** A public key as it stands on the wire. */
export interface PublicKey {
  readonly type: string;
  readonly blob: Buffer;
}

export interface PrivateKey extends PublicKey {
  /** `hash` for RSA: `sha256` or `sha512`. */
  sign(data: Buffer, hash: string | undefined): Buffer;
}

/** What the SSH library makes of a file's bytes. */
export type ParsedKeyFile =
  | { readonly kind: 'private'; readonly key: PrivateKey }
  | { readonly kind: 'public'; readonly key: PublicKey }
  /** Needs a passphrase; the public half stands in the open in OpenSSH's own format. */
  | { readonly kind: 'encrypted'; readonly key: PublicKey | undefined }
  | { readonly kind: 'unusable'; readonly problem: string };

export type KeyParser = (bytes: Buffer, passphrase: string | undefined) => ParsedKeyFile;

/** A key file named by the user, or one of ssh's defaults. */
export interface KeyFile {
  readonly path: string;
  /** `undefined`: it takes the passphrase to know, or the file cannot be used. */
  readonly public: PublicKey | undefined;
  /** Why the file itself gives no private key; an agent may still hold it. */
  readonly problem: string | undefined;
  readonly missing: boolean;
  /** Nobody has to be asked for it to sign. */
  readonly open: boolean;
  /** The private key, decrypted once for all hosts. Rejects with what is wrong, in the user's words. */
  unlock(ask: (path: string) => Promise<string | undefined>): Promise<PrivateKey>;
}

const SIZE_LIMIT = 64 * 1024;
/** NumberOfPasswordPrompts of ssh_config(5). */
const PASSPHRASE_TRIES = 3;

/** Never rejects: what is wrong with the file is told by `problem`. */
export async function readKeyFile(path: string, parse: KeyParser): Promise<KeyFile> {
  const read = readSecret(path);
  const parsed: ParsedKeyFile = 'bytes' in read ? parse(read.bytes, undefined) : { kind: 'unusable', ...read };
  const missing = 'missing' in read && read.missing;
  if (parsed.kind === 'unusable') return unusable(path, parsed.problem, missing, publicBeside(path, parse));
  if (parsed.kind === 'public') return unusable(path, 'it holds only the public key', false, parsed.key);
  if ('open' in read && read.open !== undefined) return unusable(path, read.open, false, parsed.key);
  if (parsed.kind === 'private') {
    const { key } = parsed;
    return { path, public: key, problem: undefined, missing: false, open: true, unlock: async () => key };
  }
  const bytes = 'bytes' in read ? read.bytes : Buffer.alloc(0);
  let unlocking: Promise<PrivateKey> | undefined;
  return {
    path,
    public: parsed.key ?? publicBeside(path, parse),
    problem: undefined,
    missing: false,
    open: false,
    unlock(ask) {
      unlocking ??= decrypt(path, bytes, parse, ask);
      return unlocking;
    },
  };
}

function unusable(path: string, problem: string, missing: boolean, key: PublicKey | undefined): KeyFile {
  return { path, public: key, problem, missing, open: false, unlock: () => Promise.reject(new Error(problem)) };
}

async function decrypt(
  path: string,
  bytes: Buffer,
  parse: KeyParser,
  ask: (path: string) => Promise<string | undefined>,
): Promise<PrivateKey> {
  for (let i = 0; i < PASSPHRASE_TRIES; i++) {
    const passphrase = await ask(path);
    if (passphrase === undefined) throw new Error('its passphrase was not given');
    const parsed = parse(bytes, passphrase);
    if (parsed.kind === 'private') return parsed.key;
  }
  throw new Error('its passphrase was wrong');
}

type Secret =
  | { readonly bytes: Buffer; readonly open: string | undefined }
  | { readonly problem: string; readonly missing: boolean };

/** Refuses, as ssh does (sshkey_perm_ok), a file of the user's own that others may read. */
function readSecret(path: string): Secret {
  try {
    const { mode, uid, size } = statSync(path);
    if (size > SIZE_LIMIT) return { problem: 'it is not a private key', missing: false };
    const tooOpen = uid === process.getuid?.() && (mode & 0o077) !== 0;
    const permissions = (mode & 0o777).toString(8).padStart(4, '0');
    const open = tooOpen ? `its permissions ${permissions} are too open: chmod 600 ${path}` : undefined;
    return { bytes: readFileSync(path), open };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: 'there is no such file', missing: true };
    if (code === 'EISDIR') return { problem: 'it is a directory', missing: false };
    return { problem: `it cannot be read (${code ?? (error as Error).message})`, missing: false };
  }
}

function publicBeside(path: string, parse: KeyParser): PublicKey | undefined {
  try {
    const parsed = parse(readFileSync(`${path}.pub`), undefined);
    return parsed.kind === 'public' ? parsed.key : undefined;
  } catch {
    return undefined; // no such file: nothing is known before the passphrase is
  }
}
