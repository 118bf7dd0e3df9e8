import { realpathSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Diagnostic, error, ok, type Result } from '../language/diagnostics.ts';
import type { Templated } from '../language/templated.ts';
import { type Schedule, scheduleUnits } from '../resources/schedule_units.ts';
import { LOGIN } from '../transport/connection.ts';
import { EXIT } from './exit_code.ts';
import type { RunOptions } from './options.ts';
import { prepareRun } from './prepare_run.ts';
import type { Reaches } from './reach.ts';
import { refuse } from './refuse.ts';
import type { Around, ScheduleAddOptions } from './schedule.ts';
import { changeSchedule } from './schedule_change.ts';

/** Adds a schedule for what could be run as it stands; what could not is refused before anything is written. */
export async function addSchedule(
  playbooks: readonly string[],
  passed: readonly string[],
  options: ScheduleAddOptions,
  around: Around,
): Promise<number> {
  const tell = (diagnostics: readonly Diagnostic[]): number => refuse(diagnostics, around.secrets, options);
  const given = readPassed(passed, options.command, around);
  if (!given.ok) return tell(given.diagnostics);
  const prepared = await prepareRun({ paths: playbooks }, given.value, around.secrets, Date.now());
  if (!prepared.ok) return tell(prepared.diagnostics);
  if (prepared.warnings !== undefined) tell(prepared.warnings);
  const { plays, reach } = prepared.value;
  const here = plays.some(({ hosts, syntax }) => hosts.some((host) => isHere(host, syntax.connection, reach)));
  const schedule = scheduleOf(playbooks, passed, { ...options, sandbox: options.sandbox ?? !here });
  if (options.print) {
    process.stdout.write(
      scheduleUnits(schedule)
        .map(({ name, text }) => `# ${name}\n${text}`)
        .join('\n'),
    );
    return EXIT.done;
  }
  warn(schedule, here);
  return changeSchedule(parametersOf(schedule), options, around);
}

/** Whether a play runs on this machine itself for this host. */
function isHere(host: string, connection: Templated | undefined, reach: Reaches): boolean {
  if (connection?.kind === 'literal') return connection.value === 'local';
  return reach.of({ host, identity: LOGIN, connection: undefined, remoteUser: undefined }).route.kind === 'local';
}

/** The options of the run as its own command reads them. Nobody will be there to answer. */
function readPassed(passed: readonly string[], command: string, { program, wrong }: Around): Result<RunOptions> {
  const reader = program.commands.find((one) => one.name() === command) as Command;
  const { operands, unknown } = reader.parseOptions([...passed]);
  const [odd] = [...unknown, ...operands];
  if (odd !== undefined) wrong(`\`${odd}\` is no option of \`runbook ${command}\``);
  const options = reader.opts<RunOptions>();
  const asks = options.askPass || options.askBecomePass || options.askVaultPass;
  if (!asks) return ok(options);
  const hint = 'A key, `--vault-password-file` or a rule of sudoers does without.';
  return {
    ok: false,
    diagnostics: [error('option', 'a scheduled run has nobody to ask for a password', undefined, hint)],
  };
}

function scheduleOf(
  playbooks: readonly string[],
  passed: readonly string[],
  options: ScheduleAddOptions & { readonly sandbox: boolean },
): Schedule {
  const { command, onCalendar, randomizedDelay, reportDir, onFailure, sandbox } = options;
  const yes = command === 'apply' && !passed.includes('--yes') && !passed.includes('-y') ? ['--yes'] : [];
  return {
    ...{ command, playbooks, onCalendar, randomizedDelay, onFailure, sandbox },
    name: options.name ?? basename(playbooks[0] as string).replace(/\.ya?ml$/, ''),
    scope: options.user ? 'user' : 'system',
    program: [process.execPath, realpathSync(process.argv[1] as string)],
    options: [...passed, ...yes],
    directory: process.cwd(),
    reportDir: reportDir === undefined ? undefined : resolve(reportDir),
    user: userInfo().username,
    environment: environmentOf(process.env, passed),
    knownHostsDir: passed.includes('--accept-new-host-keys') ? `${homedir()}/.ssh` : undefined,
  };
}

/** What a run reads of its environment, and paths to secrets; never a secret itself. */
const VARIABLES = ['ANSIBLE_VAULT_PASSWORD_FILE', 'RUNBOOK_AGE_IDENTITY_FILE', 'RUNBOOK_PLAN_KEY_FILE'];

function environmentOf(env: NodeJS.ProcessEnv, passed: readonly string[]): Readonly<Record<string, string>> {
  const agent = passed.some((word) => word.startsWith('--private-key')) ? [] : ['SSH_AUTH_SOCK'];
  const set = [...VARIABLES, ...agent].flatMap((name) => (env[name] ? [[name, env[name] as string] as const] : []));
  return Object.fromEntries(set);
}

function warn({ environment, sandbox }: Schedule, here: boolean): void {
  const agent = environment.SSH_AUTH_SOCK;
  const lines = [
    ...(agent === undefined ? [] : [`its keys come from the agent at ${agent}, which has to be there when it runs`]),
    ...(here && !sandbox ? ['it runs on this machine itself: without a sandbox'] : []),
    ...(here && sandbox ? ['it runs on this machine itself, which the sandbox keeps from it'] : []),
  ];
  for (const line of lines) process.stderr.write(`note: ${line}\n`);
}

function parametersOf(schedule: Schedule): Parameters<typeof changeSchedule>[0] {
  const { name, scope, program, command, playbooks, options, directory, environment, sandbox, user } = schedule;
  const { onCalendar, randomizedDelay, reportDir, onFailure } = schedule;
  return {
    ...{ name, scope, program, command, playbooks, options, directory, environment, sandbox },
    on_calendar: onCalendar,
    ...(randomizedDelay !== undefined && { randomized_delay: randomizedDelay }),
    ...(reportDir !== undefined && { report_dir: reportDir }),
    ...(onFailure !== undefined && { on_failure: onFailure }),
    ...(scope === 'system' && user !== undefined && { user }),
  };
}
