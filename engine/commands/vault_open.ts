import { readFileSync, statSync } from 'node:fs';
import { error, fail, ok, type Result } from '../language/diagnostics.ts';
import { shownPath } from '../language/source.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { isAgeFile, openAge } from '../vault/age/age_file.ts';
import { ageIdentities } from '../vault/age/identities.ts';
import { isVaultText } from '../vault/envelope.ts';
import { createVaultOpener, headerOf } from '../vault/opener.ts';
import { type Seal, sealWith } from './vault_keys.ts';
import { readPasswords, type VaultOptions } from './vault_options.ts';

export interface UserFile {
  readonly path: string;
  readonly bytes: Buffer;
  /** Permission bits; of stdin none. */
  readonly mode: number | undefined;
}

/** What a file holds, and how to encrypt it as it was; of age the recipients are not known. */
export interface OpenedFile extends UserFile {
  readonly plain: Buffer;
  readonly seal: Seal | undefined;
}

/** Stdin where the path is `-`. */
export function readUserFile(path: string): Result<UserFile> {
  try {
    if (path === '-') return ok({ path, bytes: readFileSync(0), mode: undefined });
    return ok({ path, bytes: readFileSync(path), mode: statSync(path).mode & 0o7777 });
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read: ${message}`;
    return fail(error('file', `${shownPath(path)} ${why}`));
  }
}

export function isEncrypted(bytes: Buffer): boolean {
  return isVaultText(bytes) || isAgeFile(bytes);
}

/** Opens files of either kind; the password is asked for where none is given and one is needed. */
export async function openFiles(
  paths: readonly string[],
  options: VaultOptions,
  secrets: Secrets,
): Promise<Result<readonly OpenedFile[]>> {
  const read = paths.map(readUserFile);
  const files = read.flatMap((each) => (each.ok ? [each.value] : []));
  const problems = read.flatMap((each) => (each.ok ? [] : each.diagnostics));
  for (const { path, bytes } of files) {
    if (!isEncrypted(bytes)) problems.push(error('vault', `${shownPath(path)} is not encrypted`));
  }
  if (problems.length > 0) return fail(...problems);
  const given = await readPasswords(options, secrets);
  if (!given.ok) return given;
  const asks = given.value.length === 0 && files.some(({ bytes }) => isVaultText(bytes));
  const passwords = asks ? await readPasswords({ askVaultPass: true }, secrets) : given;
  if (!passwords.ok) return passwords;
  const openVault = createVaultOpener(passwords.value);
  const identities = ageIdentities(options.ageIdentity ?? [], secrets);
  const opened = files.map((file): Result<OpenedFile> => {
    const shown = file.path === '-' ? 'stdin' : shownPath(file.path);
    if (isAgeFile(file.bytes)) {
      const age = openAge(shown, file.bytes, identities);
      return age.ok ? ok({ ...file, plain: age.value.plain, seal: undefined }) : age;
    }
    const vault = openVault(file.bytes.toString('latin1'), headerOf(shown, file.bytes), 'this file');
    if (!vault.ok) return vault;
    const { plain, password, label } = vault.value;
    return ok({ ...file, plain, seal: sealWith(password, label) });
  });
  const locked = opened.flatMap((each) => (each.ok ? [] : each.diagnostics));
  return locked.length > 0 ? fail(...locked) : ok(opened.flatMap((each) => (each.ok ? [each.value] : [])));
}
