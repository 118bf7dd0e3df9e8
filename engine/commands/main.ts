import { Command, CommanderError } from 'commander';
import { createSecrets, type Secrets } from '../secrets/secrets.ts';
import { VERSION } from '../version.ts';
import { EXIT } from './exit_code.ts';
import type { HistoryOptions } from './history.ts';
import { colorOption, type RunOptions, reportOption, runOptions } from './options.ts';
import { scheduleCommands } from './schedule.ts';
import type { ShowOptions } from './show_run.ts';
import type { UndoOptions } from './undo.ts';
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
    .option('--out <file>', 'save the plan: `runbook apply FILE` does precisely it, or nothing')
    .option('--expires <time>', 'how long a saved plan holds, such as 90m or 7d', expiry(wrong), DAY_S)
    .action(async (playbooks: string[], options: RunOptions) => {
      code = await plan(playbooks, options, secrets, wrong);
    });

  runOptions(program.command('apply'), wrong)
    .description('show the same, ask, then do precisely that')
    .argument('<playbook...>', 'playbook files, or a saved plan')
    .option('-y, --yes', 'do not ask')
    .option('-C, --check', 'plan only')
    .action(async (playbooks: string[], options: RunOptions) => {
      code = await apply(playbooks, options, secrets);
    });

  runOptions(program.command('audit'), wrong)
    .description('check every host and judge what is there; nothing is touched')
    .argument('<playbook...>', 'playbook files; tasks that are no checks fail where they would change something')
    .option('--fail-on <level>', 'what ends with exit code 2: fail or warn', failOn(wrong), 'fail')
    .action(async (playbooks: string[], options: RunOptions) => {
      const { isPlanFile } = await import('./is_plan_file.ts');
      const saved = playbooks.find(isPlanFile);
      if (saved !== undefined) wrong(`${saved} is a saved plan, and an audit takes playbooks`);
      const { runPlaybooks } = await import('./run_playbooks.ts');
      code = await runPlaybooks('audit', playbooks, options, secrets);
    });

  runOptions(program.command('undo'), wrong)
    .description('take a run back: show how as diffs, ask, then do precisely that')
    .argument('[run]', 'its id or a beginning of it (default: the last run that changed something and is no undo)')
    .option('-y, --yes', 'do not ask')
    .option('-C, --check', 'plan only')
    .option('--force', 'also where a host is no longer as the run left it')
    .action(async (run: string | undefined, options: UndoOptions) => {
      const { undo } = await import('./undo.ts');
      code = await undo(run, options, secrets);
    });

  colorOption(program.command('history'), wrong)
    .description('the runs that were started here, newest first')
    .option('--json', 'one JSON object a line')
    .action(async (options: HistoryOptions) => {
      const { history } = await import('./history.ts');
      code = history(options);
    });

  colorOption(reportOption(program.command('show')), wrong)
    .description('one run: who, what, where, how it ended, and its diffs')
    .argument('<run>', 'its id or a beginning of it')
    .option('-v, --verbose', 'whole diffs', (_, before: number) => before + 1, 0)
    .option('--json', 'one JSON object a line')
    .action(async (run: string, options: ShowOptions) => {
      const { showRun } = await import('./show_run.ts');
      code = await showRun(run, options, secrets);
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

  scheduleCommands({ program, args, secrets, wrong }, (ended) => {
    code = ended;
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

const DAY_S = 86_400;

function failOn(wrong: (message: string) => never) {
  return (text: string): string => {
    if (text !== 'fail' && text !== 'warn') wrong(`--fail-on takes fail or warn, not \`${text}\``);
    return text;
  };
}

/** `90m`, `24h`, `7d`, in seconds. */
function expiry(wrong: (message: string) => never) {
  return (text: string): number => {
    const [, number, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
    const seconds = { s: 1, m: 60, h: 3_600, d: DAY_S }[unit as 's' | 'm' | 'h' | 'd'];
    if (seconds === undefined) wrong(`--expires takes a time such as 90m, 24h or 7d, not \`${text}\``);
    return Number(number) * (seconds as number);
  };
}

async function plan(
  playbooks: readonly string[],
  options: RunOptions,
  secrets: Secrets,
  wrong: (message: string) => never,
): Promise<number> {
  const { isPlanFile } = await import('./is_plan_file.ts');
  const saved = playbooks.find(isPlanFile);
  if (saved !== undefined) wrong(`${saved} is a saved plan: \`runbook apply --check ${saved}\` shows it`);
  if (options.out !== undefined) {
    const { savePlan } = await import('./save_plan.ts');
    return savePlan(playbooks, options.out, options, secrets);
  }
  const { runPlaybooks } = await import('./run_playbooks.ts');
  return runPlaybooks('plan', playbooks, options, secrets);
}

async function apply(playbooks: readonly string[], options: RunOptions, secrets: Secrets): Promise<number> {
  const { isPlanFile } = await import('./is_plan_file.ts');
  if (playbooks.some(isPlanFile)) {
    const { applySaved } = await import('./apply_saved.ts');
    return applySaved(playbooks, options, secrets);
  }
  const { runPlaybooks } = await import('./run_playbooks.ts');
  return runPlaybooks(options.check ? 'plan' : 'apply', playbooks, options, secrets);
}
