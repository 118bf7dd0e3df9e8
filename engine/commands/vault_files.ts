import { existsSync, rmSync } from 'node:fs';
import { type Diagnostic, error, fail, ok, type Result, warning } from '../language/diagnostics.ts';
import { shownPath } from '../language/source.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { DEFAULT_LABEL } from '../vault/envelope.ts';
import { replaceFile } from '../vault/replace_file.ts';
import { EXIT } from './exit_code.ts';
import { refuse } from './refuse.ts';
import type { VaultFileOptions } from './vault.ts';
import { ageSeal, newSeal, type Seal, vaultSeal } from './vault_keys.ts';
import { isEncrypted, type OpenedFile, openFiles, readUserFile, type UserFile } from './vault_open.ts';

const NEW_MODE = 0o600;

export async function encryptFiles(
  paths: readonly string[],
  options: VaultFileOptions,
  secrets: Secrets,
): Promise<number> {
  const byAge = options.age === true || options.recipient !== undefined;
  const files = readPlain(paths.length === 0 ? ['-'] : paths, options);
  if (!files.ok) return refuse(files.diagnostics, secrets);
  const seal = byAge ? await ageSeal(options, secrets) : await vaultSeal(options, secrets);
  if (!seal.ok) return refuse(seal.diagnostics, secrets);
  return writeAll(
    files.value.map((file) => ({
      from: file,
      to: options.output ?? (byAge && file.path !== '-' ? `${file.path}.age` : file.path),
      bytes: Buffer.from(seal.value(file.bytes), 'utf8'),
      // Who could read it before could read it in the clear.
      mode: NEW_MODE & (file.mode ?? NEW_MODE),
    })),
    secrets,
    options.output !== undefined,
  );
}

function readPlain(paths: readonly string[], { output }: VaultFileOptions): Result<readonly UserFile[]> {
  const problems: Diagnostic[] = [...tooMany(paths, output)];
  const files = paths.flatMap((path) => {
    const file = readUserFile(path);
    if (file.ok && !isEncrypted(file.value.bytes)) return [file.value];
    problems.push(...(file.ok ? [error('vault', `${shownPath(path)} is encrypted already`)] : file.diagnostics));
    return [];
  });
  return problems.length > 0 ? fail(...problems) : ok(files);
}

function tooMany(paths: readonly string[], output: string | undefined): readonly Diagnostic[] {
  if (output === undefined || paths.length < 2) return [];
  return [error('option', '--output takes one file', undefined, 'Encrypt or decrypt them one by one.')];
}

export async function decryptFiles(
  paths: readonly string[],
  options: VaultFileOptions,
  secrets: Secrets,
): Promise<number> {
  const many = tooMany(paths, options.output);
  if (many.length > 0) return refuse(many, secrets);
  const files = await openFiles(paths.length === 0 ? ['-'] : paths, options, secrets);
  if (!files.ok) return refuse(files.diagnostics, secrets);
  const open = files.value.filter(({ mode }) => options.output === undefined && ((mode ?? 0) & 0o077) !== 0);
  if (open.length > 0) refuse(open.map(readableByOthers), secrets);
  return writeAll(
    files.value.map((file) => ({
      from: file,
      to: options.output ?? file.path.replace(/\.age$/, ''),
      bytes: file.plain,
      mode: file.mode ?? NEW_MODE,
    })),
    secrets,
    options.output !== undefined,
  );
}

function readableByOthers({ path, mode }: OpenedFile): Diagnostic {
  const octal = (mode ?? 0).toString(8).padStart(4, '0');
  const hint = `Close it to them: \`chmod go= ${shownPath(path)}\`.`;
  return warning('file', `${shownPath(path)} has mode ${octal}: in the clear, others can use it`, undefined, hint);
}

/** Prints them as they are: that is what was asked for. */
export async function viewFiles(
  paths: readonly string[],
  options: VaultFileOptions,
  secrets: Secrets,
): Promise<number> {
  const files = await openFiles(paths, options, secrets);
  if (!files.ok) return refuse(files.diagnostics, secrets);
  for (const { plain } of files.value) process.stdout.write(plain);
  return EXIT.done;
}

export async function rekeyFiles(
  paths: readonly string[],
  options: VaultFileOptions,
  secrets: Secrets,
): Promise<number> {
  const files = await openFiles(paths, options, secrets);
  if (!files.ok) return refuse(files.diagnostics, secrets);
  const ofAge = files.value.filter((file) => file.seal === undefined);
  if (ofAge.length > 0) return refuse(ofAge.map(noPassword), secrets);
  const seal = await sealAnew(options, secrets);
  if (!seal.ok) return refuse(seal.diagnostics, secrets);
  return writeAll(
    files.value.map((file) => ({
      from: file,
      to: file.path,
      bytes: Buffer.from(seal.value(file.plain), 'utf8'),
      mode: file.mode ?? NEW_MODE,
    })),
    secrets,
    false,
  );
}

function noPassword({ path }: OpenedFile): Diagnostic {
  const hint = 'Decrypt it, and encrypt it to the new recipients with `runbook vault encrypt -r`.';
  return error('vault', `${shownPath(path)} is a file of age, which has no password`, undefined, hint);
}

async function sealAnew(
  { newVaultId, newVaultPasswordFile }: VaultFileOptions,
  secrets: Secrets,
): Promise<Result<Seal>> {
  if (newVaultId !== undefined) return vaultSeal({ vaultId: [newVaultId] }, secrets, {});
  if (newVaultPasswordFile !== undefined) {
    return vaultSeal({ vaultPasswordFile: [newVaultPasswordFile] }, secrets, {});
  }
  return newSeal(DEFAULT_LABEL, secrets);
}

interface Written {
  readonly from: UserFile;
  /** A path, or `-` for stdout. */
  readonly to: string;
  readonly bytes: Buffer;
  readonly mode: number;
}

/** All have been encrypted or decrypted by now: a wrong password leaves every file as it was. */
function writeAll(files: readonly Written[], secrets: Secrets, keep: boolean): number {
  const problems: Diagnostic[] = [];
  for (const { from, to, bytes, mode } of files) {
    if (to === '-') {
      process.stdout.write(bytes);
    } else if (to !== from.path && !keep && existsSync(to)) {
      problems.push(
        error('file', `${shownPath(to)} is there already`, undefined, 'Remove it, or name another with --output.'),
      );
    } else {
      try {
        replaceFile(to, bytes, mode);
        if (!keep && to !== from.path) rmSync(from.path);
      } catch (thrown) {
        problems.push(error('file', `${shownPath(to)} cannot be written: ${(thrown as Error).message}`));
      }
    }
  }
  return problems.length > 0 ? refuse(problems, secrets) : EXIT.done;
}
