import type { Command } from 'commander';
import type { Secrets } from '../secrets/secrets.ts';
import { colorOption } from './options.ts';

export interface ScheduleOptions {
  readonly user?: true;
  readonly color?: 'always' | 'never' | 'auto';
}

export interface ScheduleListOptions {
  readonly json?: true;
}

export interface ScheduleChangeOptions extends ScheduleOptions {
  readonly yes?: true;
  readonly check?: true;
  readonly askBecomePass?: true;
}

export interface ScheduleAddOptions extends ScheduleChangeOptions {
  readonly onCalendar: string;
  readonly command: 'audit' | 'plan' | 'apply';
  readonly name?: string;
  readonly randomizedDelay?: string;
  readonly reportDir?: string;
  readonly onFailure?: string;
  /** `undefined`: where nothing is run on this machine itself. */
  readonly sandbox?: boolean;
  readonly print?: true;
}

/** What the commands of schedules have of the whole command line. */
export interface Around {
  readonly program: Command;
  readonly args: readonly string[];
  readonly secrets: Secrets;
  readonly wrong: (message: string) => never;
}

const KINDS = ['audit', 'plan', 'apply'];

/** `runbook schedule ...`. `done` takes the exit code. */
export function scheduleCommands(around: Around, done: (code: number) => void): void {
  const { program, args, wrong } = around;
  const schedule = program.command('schedule').description('let systemd run playbooks at certain times');

  adding(changing(schedule.command('add'), wrong), wrong)
    .description('add or change a schedule: show its units as diffs, ask, then write them')
    .usage('[options] <playbook...> [-- options of the run]')
    .argument('<playbook...>', 'playbook files; what stands behind `--` is given to each run as it is')
    .action(async (words: string[], options: ScheduleAddOptions) => {
      const end = args.indexOf('--');
      const passed = end === -1 ? [] : args.slice(end + 1);
      const { addSchedule } = await import('./schedule_add.ts');
      done(await addSchedule(words.slice(0, words.length - passed.length), passed, options, around));
    });

  changing(schedule.command('remove'), wrong)
    .description('remove a schedule')
    .argument('<name>')
    .action(async (name: string, options: ScheduleChangeOptions) => {
      const { removeSchedule } = await import('./schedule_change.ts');
      done(await removeSchedule(name, options, around));
    });

  schedule
    .command('list')
    .description('the schedules of this machine and of you: when they run next, when they ran last, how that ended')
    .option('--json', 'one JSON object a line')
    .action(async (options: ScheduleListOptions) => {
      const { listSchedules } = await import('./schedule_list.ts');
      done(await listSchedules(options));
    });

  schedule
    .command('run')
    .description('run a schedule now, as systemd would')
    .argument('<name>')
    .option('--user', 'one of your own')
    .action(async (name: string, options: ScheduleOptions) => {
      const { runSchedule } = await import('./schedule_list.ts');
      done(await runSchedule(name, options, wrong));
    });
}

function adding(command: Command, wrong: (message: string) => never): Command {
  return command
    .requiredOption('--on-calendar <when>', 'as systemd.time(7) has it: monthly, `Mon 03:00`, `*-*-01 04:30`')
    .option(
      '--command <command>',
      'audit, plan or apply',
      (value) => (KINDS.includes(value) ? value : wrong(`--command takes ${KINDS.join(', ')}, not \`${value}\``)),
      'audit',
    )
    .option('--name <name>', "its name (default: the first playbook's)")
    .option('--randomized-delay <span>', 'start up to so much later, such as 30min')
    .option('--report-dir <dir>', 'where each run leaves an HTML page of its own')
    .option('--on-failure <command>', 'what a shell runs where a run ends with anything but 0')
    .option('--sandbox', 'keep it from all but its files and SSH (default: unless it runs on this machine itself)')
    .option('--no-sandbox', 'let it do all that its user may')
    .option('--print', 'print the units and change nothing');
}

function changing(command: Command, wrong: (message: string) => never): Command {
  return colorOption(command, wrong)
    .option('--user', "for your own systemd and not the machine's")
    .option('-y, --yes', 'do not ask')
    .option('-C, --check', 'plan only')
    .option('-K, --ask-become-pass', 'ask for the password that makes you root');
}
