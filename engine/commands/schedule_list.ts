import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { moment } from '../planning/moment.ts';
import { unitName } from '../resources/schedule_units.ts';
import { EXIT } from './exit_code.ts';
import type { ScheduleListOptions, ScheduleOptions } from './schedule.ts';

interface Listed {
  readonly name: string;
  readonly scope: 'system' | 'user';
  /** Milliseconds since 1970; missing: never. */
  readonly next?: number;
  readonly last?: number;
  /** Of the last run since the machine was switched on. */
  readonly outcome: string;
  /** `audit playbooks/monthly-audit.yml`. */
  readonly what: string;
}

export async function listSchedules(options: ScheduleListOptions): Promise<number> {
  const all = [...(await schedulesOf('system')), ...(await schedulesOf('user'))];
  if (options.json) process.stdout.write(all.map((one) => `${JSON.stringify(one)}\n`).join(''));
  else if (all.length === 0) process.stdout.write('No schedules yet.\n');
  else process.stdout.write(table(all));
  return EXIT.done;
}

const FILE = /^runbook-schedule-(.+)\.timer$/;

async function schedulesOf(scope: Listed['scope']): Promise<readonly Listed[]> {
  const dir = scope === 'system' ? '/etc/systemd/system' : `${homedir()}/.config/systemd/user`;
  const names = entries(dir).flatMap((file) => FILE.exec(file)?.[1] ?? []);
  return Promise.all(names.sort().map((name) => schedule(name, scope)));
}

function entries(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

async function schedule(name: string, scope: Listed['scope']): Promise<Listed> {
  const timer = await show(unitName(name, 'timer'), scope, ['NextElapseUSecRealtime', 'LastTriggerUSec']);
  const properties = ['Description', 'ActiveState', 'Result', 'ExecMainStatus', 'ExecMainExitTimestamp'];
  const service = await show(unitName(name, 'service'), scope, properties);
  const [next, last] = [timeOf(timer.get('NextElapseUSecRealtime')), timeOf(timer.get('LastTriggerUSec'))];
  return {
    ...{ name, scope, outcome: outcomeOf(service) },
    ...(next !== undefined && { next }),
    ...(last !== undefined && { last }),
    what: (service.get('Description') ?? '').replace(/^runbook /, ''),
  };
}

/** `systemctl show` in UTC, so that its times can be read. */
async function show(
  unit: string,
  scope: Listed['scope'],
  properties: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await systemctl(scope, ['show', '-p', properties.join(','), '--', unit]);
  return new Map(stdout.split('\n').map((line) => splitAt(line, line.indexOf('='))));
}

function splitAt(line: string, at: number): readonly [string, string] {
  return [line.slice(0, at), line.slice(at + 1)];
}

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function systemctl(scope: Listed['scope'], words: readonly string[]): Promise<Said> {
  const flags = scope === 'user' ? ['--user'] : [];
  return say('systemctl', [...flags, '--no-pager', ...words]);
}

function say(program: string, words: readonly string[]): Promise<Said> {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  return new Promise((done) => {
    execFile(program, words, { env, maxBuffer: 64 * 1024 * 1024 }, (fault, stdout, stderr) => {
      const code = fault === null ? 0 : typeof fault.code === 'number' ? fault.code : 1;
      done({ code, stdout, stderr: stderr || (fault && stdout === '' ? fault.message : '') });
    });
  });
}

/** `Tue 2026-11-24 15:00:01 UTC`; empty, `n/a` or `0` where there is none. */
function timeOf(text: string | undefined): number | undefined {
  const [, day, time] = /^\w{3} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(text ?? '') ?? [];
  return day === undefined ? undefined : Date.parse(`${day}T${time}Z`);
}

/** What the exit codes of a run say (see EXIT). */
const CODES: Readonly<Record<string, string>> = {
  '1': 'the input is wrong',
  '2': 'a check failed, or changes are pending',
  '3': 'a host failed',
  '4': 'a host could not be reached',
  '5': 'refused',
};

function outcomeOf(service: ReadonlyMap<string, string>): string {
  if (service.get('ActiveState') === 'activating') return 'running';
  if (timeOf(service.get('ExecMainExitTimestamp')) === undefined) return 'not known';
  if (service.get('Result') === 'success') return 'ok';
  if (service.get('Result') !== 'exit-code') return `failed: ${service.get('Result')}`;
  const status = service.get('ExecMainStatus') ?? '';
  return `failed: ${CODES[status] ?? `status ${status}`}`;
}

function table(all: readonly Listed[]): string {
  const time = (at: number | undefined) => (at === undefined ? '-' : moment(at).replace('T', ' '));
  const rows = all.map(({ name, scope, next, last, outcome, what }) => [
    scope === 'user' ? `${name} (user)` : name,
    ...[time(next), time(last), last === undefined && outcome === 'not known' ? '-' : outcome, what],
  ]);
  const lines = [['schedule', 'next', 'last', 'outcome', 'what'], ...rows];
  const widths = (lines[0] as readonly string[]).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, i) => cell.padEnd(widths[i] as number))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Starts the service, waits for its end, and prints what it said. The exit code is the run's own. */
export async function runSchedule(
  name: string,
  { user }: ScheduleOptions,
  wrong: (message: string) => never,
): Promise<number> {
  const scope = user ? 'user' : 'system';
  const unit = unitName(name, 'service');
  const started = await systemctl(scope, ['start', '--', unit]);
  const shown = await show(unit, scope, ['LoadState', 'ExecMainStatus', 'InvocationID']);
  if (shown.get('LoadState') !== 'loaded')
    wrong(`there is no schedule \`${name}\`: \`runbook schedule list\` has them`);
  const said = `_SYSTEMD_INVOCATION_ID=${shown.get('InvocationID') ?? ''}`;
  const journal = await say('journalctl', [...(user ? ['--user'] : []), '--no-pager', '-q', '-o', 'cat', said]);
  process.stdout.write(journal.stdout);
  const status = Number(shown.get('ExecMainStatus') ?? '0');
  if (started.code === 0) return EXIT.done;
  process.stderr.write(started.stderr);
  return status > 0 ? status : EXIT.failed;
}
