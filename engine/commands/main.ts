import { Command, CommanderError } from 'commander';
import { createSecrets } from '../secrets/secrets.ts';
import { VERSION } from '../version.ts';
import { EXIT } from './exit_code.ts';
import { type RunOptions, runOptions } from './options.ts';
import { vaultCommands } from './vault.ts';
import { type VaultOptions, vaultOptions } from './vault_options.ts';

/**
 * argv -> command -> exit code. Each command is loaded when it is asked for; what must not be shown gathers in
 * `secrets`.
 */
export async function main(args: readonly string[], secrets = createSecrets()): Promise<number> {
  let code: number = EXIT.done;
  const program = new Command('runbook')
    .description('Plans and applies playbooks: exact diffs first, then precisely that, on all hosts at once.')
    .version(`runbook ${VERSION}`, '-V, --version')
    .exitOverride()
    .showHelpAfterError('(`runbook --help` lists commands and options)')
    .configureHelp({ sortOptions: false });
  const wrong = (message: string): never => program.error(`error: ${message}`, { exitCode: EXIT.wrong });

  runOptions(program.command('plan'), wrong)
    .description('show what would change on every host; nothing is touched')
    .argument('<playbook...>', 'playbook files')
    .option('--detailed-exitcode', 'exit 2 where changes are pending')
    .action(async (playbooks: string[], options: RunOptions) => {
      const { runPlaybooks } = await import('./run_playbooks.ts');
      code = await runPlaybooks('plan', playbooks, options, secrets);
    });

  runOptions(program.command('apply'), wrong)
    .description('show the same, ask, then do precisely that')
    .argument('<playbook...>', 'playbook files')
    .option('-y, --yes', 'do not ask')
    .option('-C, --check', 'plan only')
    .action(async (playbooks: string[], options: RunOptions) => {
      const { runPlaybooks } = await import('./run_playbooks.ts');
      code = await runPlaybooks(options.check ? 'plan' : 'apply', playbooks, options, secrets);
    });

  vaultOptions(program.command('lint'))
    .description('check playbooks without contacting any host')
    .argument('<playbook...>', 'playbook files')
    .action(async (playbooks: string[], options: VaultOptions) => {
      const { lint } = await import('./lint.ts');
      code = await lint(playbooks, options, secrets);
    });

  program
    .command('docs')
    .description('the reference of a module, or the list of modules')
    .argument('[module]', 'name of a module')
    .option('--all', 'every module')
    .option('--markdown', 'as Markdown')
    .option('--json', 'as JSON')
    .action(async (name: string | undefined, options: { all?: true; markdown?: true; json?: true }) => {
      const { printDocs } = await import('./print_docs.ts');
      code = printDocs(name, options);
    });

  vaultCommands(program, secrets, (ended) => {
    code = ended;
  });

  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (thrown) {
    // Commander has already said what is wrong, or printed the help that was asked for.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.wrong;
    throw thrown;
  }
}
