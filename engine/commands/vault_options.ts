import type { Command } from 'commander';
import { ok, type Result } from '../language/diagnostics.ts';
import type { Opener } from '../language/opener.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { ageIdentities } from '../vault/age/identities.ts';
import { createOpener } from '../vault/opener.ts';
import { type Environment, type PasswordOptions, type VaultPassword, vaultPasswords } from '../vault/passwords.ts';

/** What opens encrypted files and values. */
export interface VaultOptions extends PasswordOptions {
  readonly ageIdentity?: readonly string[];
}

const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Ansible's options under Ansible's names, and the identities of age. */
export function vaultOptions(command: Command): Command {
  return command
    .option('--vault-password-file <file>', 'file with the vault password, or a program that prints it', several)
    .option('--vault-id <[label@]source>', 'the same for one label: a file, a program, or `prompt`', several)
    .option('-J, --ask-vault-pass', 'ask for the vault password')
    .option('--age-identity <file>', 'key that opens files of age (default: ~/.config/runbook/identity.txt)', several);
}

export async function readPasswords(
  options: VaultOptions,
  secrets: Secrets,
  environment: Environment = process.env,
): Promise<Result<readonly VaultPassword[]>> {
  const ask = async (prompt: string) => (await import('../reporting/ask.ts')).askSecret(prompt);
  return vaultPasswords(options, environment, ask, secrets);
}

/** Opens what the options give the passwords and keys for. */
export async function openerFor(options: VaultOptions, secrets: Secrets): Promise<Result<Opener>> {
  const passwords = await readPasswords(options, secrets);
  if (!passwords.ok) return passwords;
  const identities = ageIdentities(options.ageIdentity ?? [], secrets);
  return ok(createOpener({ passwords: passwords.value, identities, secrets }));
}
