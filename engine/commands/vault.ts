import type { Command } from 'commander';
import type { Secrets } from '../secrets/secrets.ts';
import { type VaultOptions, vaultOptions } from './vault_options.ts';
import type { VaultStringOptions } from './vault_string.ts';

/** What the commands that read or write an encrypted file are told. */
export interface VaultFileOptions extends VaultOptions {
  readonly output?: string;
  readonly encryptVaultId?: string;
  readonly newVaultPasswordFile?: string;
  readonly newVaultId?: string;
  readonly age?: true;
  readonly recipient?: readonly string[];
  readonly inventory?: readonly string[];
}

const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `runbook vault ...`, with the options of `ansible-vault`. `done` takes the exit code. */
export function vaultCommands(program: Command, secrets: Secrets, done: (code: number) => void): void {
  const vault = program.command('vault').description('encrypt and decrypt files and values');

  sealing(vaultOptions(vault.command('encrypt')))
    .description('encrypt files in place; without a file, from stdin to stdout')
    .argument('[file...]')
    .option('--output <file>', 'write there instead (`-`: to stdout)')
    .action(async (files: string[], options: VaultFileOptions) => {
      const { encryptFiles } = await import('./vault_files.ts');
      done(await encryptFiles(files, options, secrets));
    });

  vaultOptions(vault.command('decrypt'))
    .description('decrypt files in place; without a file, from stdin to stdout')
    .argument('[file...]')
    .option('--output <file>', 'write there instead (`-`: to stdout)')
    .action(async (files: string[], options: VaultFileOptions) => {
      const { decryptFiles } = await import('./vault_files.ts');
      done(await decryptFiles(files, options, secrets));
    });

  vaultOptions(vault.command('view'))
    .description('print what encrypted files hold')
    .argument('<file...>')
    .action(async (files: string[], options: VaultFileOptions) => {
      const { viewFiles } = await import('./vault_files.ts');
      done(await viewFiles(files, options, secrets));
    });

  recipients(vaultOptions(vault.command('edit')))
    .description('edit an encrypted file with $VISUAL or $EDITOR')
    .argument('<file>')
    .action(async (file: string, options: VaultFileOptions) => {
      const { editFile } = await import('./vault_edit.ts');
      done(await editFile(file, options, secrets));
    });

  vaultOptions(vault.command('rekey'))
    .description('encrypt files with another password')
    .argument('<file...>')
    .option('--new-vault-password-file <file>', 'file with the new password, or a program that prints it')
    .option('--new-vault-id <[label@]source>', 'the same for one label: a file, a program, or `prompt`')
    .action(async (files: string[], options: VaultFileOptions) => {
      const { rekeyFiles } = await import('./vault_files.ts');
      done(await rekeyFiles(files, options, secrets));
    });

  vaultOptions(vault.command('encrypt-string'))
    .description('encrypt a value for a YAML file; read from stdin or asked for')
    .argument('[text...]', 'others can read it on the command line: better leave it out')
    .option('--encrypt-vault-id <label>', 'which of the passwords to encrypt with')
    .option('-n, --name <name>', 'the variable it is the value of (may be repeated)', several)
    .action(async (texts: string[], options: VaultStringOptions) => {
      const { encryptStrings } = await import('./vault_string.ts');
      done(await encryptStrings(texts, options, secrets));
    });
}

function sealing(command: Command): Command {
  return recipients(command)
    .option('--encrypt-vault-id <label>', 'which of the passwords to encrypt with')
    .option('--age', 'encrypt by age: FILE becomes FILE.age');
}

function recipients(command: Command): Command {
  return command
    .option('-r, --recipient <key>', 'encrypt by age to this key (may be repeated)', several)
    .option(
      '-i, --inventory <path>',
      'inventory whose `runbook_age_recipients` files of age are encrypted to',
      several,
    );
}
