import { loadInventory } from '../inventory/load_inventory.ts';
import { type Diagnostic, error, fail, ok, type Result } from '../language/diagnostics.ts';
import { createScope, templatedLayer } from '../planning/scope.ts';
import { askSecret } from '../reporting/ask.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { encryptAge } from '../vault/age/age_file.ts';
import { type Recipient, readRecipient } from '../vault/age/keys.ts';
import { encrypt } from '../vault/cipher.ts';
import { closeEnvelope, DEFAULT_LABEL } from '../vault/envelope.ts';
import type { Environment, VaultPassword } from '../vault/passwords.ts';
import { defaultInventory } from './read_input.ts';
import type { VaultFileOptions } from './vault.ts';
import { openerFor, readPasswords, type VaultOptions } from './vault_options.ts';

/** Encrypts: gives the text of the encrypted file. */
export type Seal = (plain: Buffer) => string;

const RECIPIENTS = 'runbook_age_recipients';

/** With the one password that is given, the one of `--encrypt-vault-id`, or a new one that is asked for. */
export async function vaultSeal(
  options: VaultOptions & { readonly encryptVaultId?: string },
  secrets: Secrets,
  environment: Environment = process.env,
): Promise<Result<Seal>> {
  const passwords = await readPasswords(options, secrets, environment);
  if (!passwords.ok) return passwords;
  const chosen = choose(passwords.value, options.encryptVaultId);
  if (!chosen.ok) return chosen;
  if (chosen.value === undefined) return newSeal(options.encryptVaultId ?? DEFAULT_LABEL, secrets);
  const secret = chosen.value.read();
  return secret.ok ? ok(sealWith(secret.value, options.encryptVaultId ?? chosen.value.label)) : secret;
}

export function sealWith(password: Buffer, label: string): Seal {
  return (plain) => closeEnvelope(encrypt(plain, password, label));
}

function choose(passwords: readonly VaultPassword[], label: string | undefined): Result<VaultPassword | undefined> {
  const labels = [...new Set(passwords.map((each) => each.label))].join(', ');
  if (label !== undefined) {
    const own = passwords.find((each) => each.label === label);
    if (own !== undefined || passwords.length === 0) return ok(own);
    const hint = `Pass --vault-id ${label}@FILE; the passwords that are given are called ${labels}.`;
    return fail(error('option', `no password is called \`${label}\``, undefined, hint));
  }
  if (passwords.length < 2) return ok(passwords[0]);
  const hint = `Name one with --encrypt-vault-id: ${labels}.`;
  return fail(error('option', 'several passwords are given to encrypt with', undefined, hint));
}

/** Asks twice: a password that was mistyped would lock its owner out. */
export async function newSeal(label: string, secrets: Secrets): Promise<Result<Seal>> {
  const first = await askSecret('New vault password: ');
  if (!first.ok) return first;
  const second = await askSecret('Confirm new vault password: ');
  if (!second.ok) return second;
  if (first.value === '') return fail(error('option', 'the password is empty'));
  if (first.value !== second.value) return fail(error('option', 'the two passwords are not the same'));
  secrets.add(first.value);
  return ok(sealWith(Buffer.from(first.value, 'utf8'), label));
}

/** To the recipients that `-r` names, else to those of the inventory. */
export async function ageSeal(options: VaultFileOptions, secrets: Secrets): Promise<Result<Seal>> {
  const named = options.recipient ?? [];
  const keys = named.length > 0 ? ok(named) : await recipientsOfInventory(options, secrets);
  if (!keys.ok) return keys;
  const recipients: Recipient[] = [];
  const problems: Diagnostic[] = [];
  for (const key of keys.value) {
    const recipient = readRecipient(key);
    if (recipient !== undefined) recipients.push(recipient);
    else problems.push(error('option', `\`${key}\` is no recipient of age`, undefined, 'One begins with `age1`.'));
  }
  if (problems.length > 0) return fail(...problems);
  return ok((plain) => encryptAge(plain, recipients));
}

async function recipientsOfInventory(options: VaultFileOptions, secrets: Secrets): Promise<Result<readonly string[]>> {
  const opener = await openerFor(options, secrets);
  if (!opener.ok) return opener;
  const sources = options.inventory ?? [defaultInventory()];
  const inventory = loadInventory(sources, { playbookDirs: [], opener: opener.value });
  if (!inventory.ok) return inventory;
  // What is set for the group `all` holds for localhost as well.
  const layers = [...inventory.value.localhost.layers].reverse().map(templatedLayer);
  const found = createScope(layers).lookup(RECIPIENTS);
  if (found !== undefined && !found.ok) return found;
  const keys = typeof found?.value === 'string' ? [found.value] : (found?.value ?? []);
  if (Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === 'string')) return ok(keys);
  const hint = `Pass -r age1..., or set \`${RECIPIENTS}\` to a list of them for \`all\` in the inventory.`;
  return fail(error('option', 'there is no recipient of age to encrypt to', undefined, hint));
}
