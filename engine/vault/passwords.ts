import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { type Diagnostic, error, fail, ok, type Result } from '../language/diagnostics.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { DEFAULT_LABEL } from './envelope.ts';

/** A password for vaults, and what it is called. */
export interface VaultPassword {
  readonly label: string;
  /** Where it comes from, as the user said it. */
  readonly shown: string;
  /** Reads the file or runs the program, once, when it is first needed. */
  read(): Result<Buffer>;
}

/** What the command line says of passwords. */
export interface PasswordOptions {
  readonly vaultId?: readonly string[];
  readonly vaultPasswordFile?: readonly string[];
  readonly askVaultPass?: true;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export type Ask = (prompt: string) => Promise<Result<string>>;

/** ANSIBLE_VAULT_PASSWORD_FILE comes last, as in Ansible. */
const VARIABLE = 'ANSIBLE_VAULT_PASSWORD_FILE';

/**
 * The passwords in the order in which they are tried. What is to be typed is asked for at once; files and programs
 * are read when a vault needs them, but must be there.
 */
export async function vaultPasswords(
  options: PasswordOptions,
  environment: Environment,
  ask: Ask,
  secrets: Secrets,
): Promise<Result<readonly VaultPassword[]>> {
  const fromEnvironment = environment[VARIABLE];
  const given = [
    ...(options.vaultId ?? []).map((id) => ({ ...splitId(id), shown: `--vault-id ${id}` })),
    ...(options.askVaultPass ? [{ label: DEFAULT_LABEL, source: 'prompt', shown: '--ask-vault-pass' }] : []),
    ...(options.vaultPasswordFile ?? []).map((source) => ({
      label: DEFAULT_LABEL,
      source,
      shown: `--vault-password-file ${source}`,
    })),
    ...(fromEnvironment
      ? [{ label: DEFAULT_LABEL, source: fromEnvironment, shown: `${VARIABLE}=${fromEnvironment}` }]
      : []),
  ];
  const passwords: VaultPassword[] = [];
  const problems: Diagnostic[] = [];
  for (const { label, source, shown } of given) {
    const found = isPrompt(source) ? await typed(label, shown, ask) : fromFile(label, source, shown);
    if (!found.ok) problems.push(...found.diagnostics);
    else passwords.push(kept(found.value, secrets));
  }
  return problems.length > 0 ? fail(...problems) : ok(passwords);
}

/** `prod@FILE`, `FILE`, `prod@prompt`. */
function splitId(id: string): { readonly label: string; readonly source: string } {
  const at = id.indexOf('@');
  return at === -1
    ? { label: DEFAULT_LABEL, source: id }
    : { label: id.slice(0, at) || DEFAULT_LABEL, source: id.slice(at + 1) };
}

function isPrompt(source: string): boolean {
  return source === 'prompt' || source === 'prompt_ask_vault_pass';
}

async function typed(label: string, shown: string, ask: Ask): Promise<Result<VaultPassword>> {
  const answer = await ask(`Vault password${label === DEFAULT_LABEL ? '' : ` (${label})`}: `);
  if (!answer.ok) return answer;
  return ok({ label, shown, read: () => ok(Buffer.from(answer.value, 'utf8')) });
}

function fromFile(label: string, source: string, shown: string): Result<VaultPassword> {
  const path = resolve(source === '~' || source.startsWith('~/') ? join(homedir(), source.slice(1)) : source);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isDirectory()) {
    const what = stat === undefined ? 'there is no such file' : 'that is a directory';
    const hint = 'Name a file that holds the password, or a program that prints it.';
    return fail(error('option', `${shown}: ${what}`, undefined, hint));
  }
  return ok({ label, shown, read: () => (isProgram(path) ? run(path, label, shown) : readPassword(path, shown)) });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    // To root every file is executable that is so to anybody.
    return (statSync(path).mode & 0o111) !== 0;
  } catch {
    return false;
  }
}

function readPassword(path: string, shown: string): Result<Buffer> {
  try {
    return notEmpty(readFileSync(path).toString('latin1').trim(), shown);
  } catch (thrown) {
    return fail(error('option', `${shown}: ${(thrown as Error).message}`));
  }
}

/** One called `NAME-client` is told for which label it is asked (Ansible: "vault password client scripts"). */
function run(path: string, label: string, shown: string): Result<Buffer> {
  const isClient = /-client(?:\.[^.]*)?$/.test(basename(path));
  const ended = spawnSync(path, isClient ? ['--vault-id', label] : [], { stdio: ['inherit', 'pipe', 'inherit'] });
  if (ended.error !== undefined) return fail(error('option', `${shown}: it cannot be run: ${ended.error.message}`));
  if (ended.status !== 0) {
    return fail(error('option', `${shown}: the program ended with ${ended.signal ?? `exit status ${ended.status}`}`));
  }
  return notEmpty(ended.stdout.toString('latin1').replace(/^[\r\n]+|[\r\n]+$/g, ''), shown);
}

/** The password is bytes, whatever they mean. */
function notEmpty(latin1: string, shown: string): Result<Buffer> {
  return latin1 === '' ? fail(error('option', `${shown}: the password is empty`)) : ok(Buffer.from(latin1, 'latin1'));
}

function kept(password: VaultPassword, secrets: Secrets): VaultPassword {
  let read: Result<Buffer> | undefined;
  return {
    ...password,
    read() {
      if (read === undefined) {
        read = password.read();
        if (read.ok) secrets.add(read.value.toString('utf8'));
      }
      return read;
    },
  };
}
