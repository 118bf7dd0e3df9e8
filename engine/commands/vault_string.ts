import { readFileSync } from 'node:fs';
import { error, fail, ok, type Result, warning } from '../language/diagnostics.ts';
import { askSecret } from '../reporting/ask.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { EXIT } from './exit_code.ts';
import { refuse } from './refuse.ts';
import { vaultSeal } from './vault_keys.ts';
import type { VaultOptions } from './vault_options.ts';

export interface VaultStringOptions extends VaultOptions {
  readonly encryptVaultId?: string;
  readonly name?: readonly string[];
}

/** As `ansible-vault encrypt_string` indents it. */
const INDENT = ' '.repeat(10);

/** Prints values as they are written into a YAML file: `name: !vault |` and the vault text below. */
export async function encryptStrings(
  given: readonly string[],
  options: VaultStringOptions,
  secrets: Secrets,
): Promise<number> {
  const texts = given.length > 0 ? ok(given) : await readText();
  if (!texts.ok) return refuse(texts.diagnostics, secrets);
  for (const text of texts.value) secrets.add(text);
  if (given.length > 0) refuse([onCommandLine()], secrets);
  else if (texts.value[0]?.endsWith('\n')) refuse([lineEnd()], secrets);
  const seal = await vaultSeal(options, secrets);
  if (!seal.ok) return refuse(seal.diagnostics, secrets);
  for (const [index, text] of texts.value.entries()) {
    const name = options.name?.[index];
    const lines = seal.value(Buffer.from(text, 'utf8')).trimEnd().split('\n');
    const head = name === undefined ? '!vault |' : `${name}: !vault |`;
    process.stdout.write(`${[head, ...lines.map((line) => INDENT + line)].join('\n')}\n`);
  }
  return EXIT.done;
}

async function readText(): Promise<Result<readonly string[]>> {
  if (process.stdin.isTTY === true) {
    const asked = await askSecret('Text to encrypt: ');
    return asked.ok ? ok([asked.value]) : asked;
  }
  const text = readFileSync(0, 'utf8');
  return text === '' ? fail(error('option', 'there is nothing on stdin to encrypt')) : ok([text]);
}

function onCommandLine() {
  const hint = 'Leave it out: it is then read from stdin, or asked for.';
  return warning('option', 'what stands on the command line is read by others, and kept by shells', undefined, hint);
}

function lineEnd() {
  const hint = 'Print it without one: `printf %s`.';
  return warning('option', 'the text ends with a line end, which becomes a part of the value', undefined, hint);
}
