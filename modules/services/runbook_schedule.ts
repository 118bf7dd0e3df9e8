import { posix } from 'node:path';
import {
  type Action,
  defineModule,
  type Ref,
  type Step,
  set,
  type View,
  type Wish,
} from '../../engine/planning/contracts.ts';
import { path } from '../../engine/resources/path.ts';
import { type FileValue, type PathValue, samePath } from '../../engine/resources/path_value.ts';
import { systemdTime } from '../../engine/resources/readings/systemd_time.ts';
import { MADE_BY, type Schedule, scheduleUnits, unitName } from '../../engine/resources/schedule_units.ts';
import { unit } from '../../engine/resources/unit.ts';
import { managerAction, unitAction } from '../../engine/resources/unit_action.ts';
import { runs, type UnitValue } from '../../engine/resources/unit_value.ts';
import { type UserValue, user as userRef } from '../../engine/resources/user.ts';
import { looksAtDirectory, makeDirectories } from '../files/directories.ts';
import { isFailure } from '../files/failure.ts';
import { newFileOwner, pathProblem } from '../files/target.ts';
import { type ScheduleParams, scheduleProperties, scheduleRelations } from './schedule_params.ts';

export const runbook_schedule = defineModule<ScheduleParams>({
  name: 'runbook_schedule',
  collection: 'runbook',
  summary: 'Lets systemd run playbooks at certain times',
  description: [
    'A service and a timer of systemd, as `runbook schedule add` makes them, on a host that has `runbook` and the playbooks: a controller. What was missed while it was off is made up for. The service is kept from everything that a run on other hosts does not need, unless `sandbox` is false.',
    'A run that ends with anything but 0 counts as failed: an audit where a check fails, an apply that a host did not come through.',
  ],
  schema: { type: 'object', additionalProperties: false, ...scheduleRelations, properties: scheduleProperties },
  examples: `- name: Every first of the month, with a page for people
  runbook_schedule:
    name: monthly-audit
    playbooks: playbooks/monthly-audit.yml
    options: [-i, inventory/production.yml]
    directory: /srv/ops
    on_calendar: monthly
    report_dir: /var/lib/runbook-reports
    on_failure: mail -s "audit failed" root </dev/null
`,
  returns: { timer: 'The name of the timer.' },
  looksAt: (params, view) => {
    const account = userRef(params.user ?? view.user);
    const times = [
      ...(params.on_calendar === undefined ? [] : [systemdTime('calendar', params.on_calendar)]),
      ...(params.randomized_delay === undefined ? [] : [systemdTime('timespan', params.randomized_delay)]),
    ];
    const dir = unitDir(params, view.peek(account));
    const files = dir === undefined ? [] : [...filesIn(dir, params), ...looksAtDirectory(dir, view)];
    const reports = params.report_dir?.startsWith('/') ? looksAtDirectory(params.report_dir, view) : [];
    return [account, ...times, ...files, ...reports, timerRef(params), ...lingering(params, view)] as readonly Ref[];
  },
  wants: (params, view) => {
    const account = view.get(userRef(params.user ?? view.user));
    const wrong = problemWith(params, account, view);
    if (wrong !== undefined) return wrong;
    const dir = unitDir(params, account) as string;
    const foreign = filesIn(dir, params)
      .slice(0, 3)
      .find((ref) => isForeign(view.get(ref)));
    if (foreign !== undefined) {
      return failure(`${foreign.id} is there and was not made by runbook: take another name`, 'name');
    }
    return params.state === 'absent' ? removed(params, dir, view) : added(params, account as UserValue, dir, view);
  },
});

function failure(message: string, parameter: string): Wish {
  return { steps: [], failed: { message, parameter: [parameter] } };
}

function unitDir({ scope }: ScheduleParams, account: UserValue | null | undefined): string | undefined {
  if (scope === 'system') return '/etc/systemd/system';
  return account?.home === undefined ? undefined : `${account.home}/.config/systemd/user`;
}

function filesIn(dir: string, { name, scope }: ScheduleParams): readonly Ref<PathValue>[] {
  const files = (['failed', 'service', 'timer'] as const).map((kind) =>
    path(`${dir}/${unitName(name, kind)}`, 'content'),
  );
  // When it last ran: systemd keeps it, so that a timer of the same name would make up for what it never was to run.
  const stamps =
    scope === 'system' ? '/var/lib/systemd/timers' : posix.join(dir, '../../../.local/share/systemd/timers');
  return [...files, path(`${stamps}/stamp-${unitName(name, 'timer')}`)];
}

function isForeign(value: PathValue | null): boolean {
  if (value === null || (value.kind === 'file' && value.content === undefined)) return false;
  return value.kind !== 'file' || !('text' in (value.content ?? {}) && textOf(value).startsWith(MADE_BY));
}

function textOf({ content }: FileValue): string {
  return content !== undefined && 'text' in content ? content.text : '';
}

function timerRef({ name, scope }: ScheduleParams): Ref<UnitValue> {
  return unit(unitName(name, 'timer'), scope);
}

/** logind's mark that a user's systemd runs without a login. */
function lingering({ scope }: ScheduleParams, view: View): readonly Ref<PathValue>[] {
  return scope === 'user' ? [path(`/var/lib/systemd/linger/${view.user}`)] : [];
}

function problemWith(params: ScheduleParams, account: UserValue | null, view: View): Wish | undefined {
  const { scope, user, report_dir, directory, on_calendar, randomized_delay, state } = params;
  if (scope === 'user' && user !== undefined && user !== view.user) {
    return failure(`units of a user are run by nobody else: act as ${user} (become_user)`, 'user');
  }
  if (account?.home === undefined) return failure(`there is no user ${user ?? view.user} on this host`, 'user');
  if (state === 'absent') return undefined;
  for (const [name, given] of Object.entries({ directory, report_dir })) {
    const problem = given === undefined ? undefined : pathProblem(given, name);
    if (problem !== undefined) return failure(problem.failed, name);
  }
  const calendar = view.get(systemdTime('calendar', on_calendar as string));
  if (calendar !== null && 'wrong' in calendar) {
    const hint = 'systemd.time(7) has the words, such as `monthly`, `Mon 03:00` or `*-*-01 04:30`';
    return failure(`${calendar.wrong}; ${hint}`, 'on_calendar');
  }
  const delay = randomized_delay === undefined ? null : view.get(systemdTime('timespan', randomized_delay));
  if (delay !== null && 'wrong' in delay)
    return failure(`${delay.wrong}; a time is such as \`30min\``, 'randomized_delay');
  return undefined;
}

function added(params: ScheduleParams, account: UserValue, dir: string, view: View): Wish {
  const made = makeDirectories(dir, { unsafe_writes: false }, view);
  if (isFailure(made)) return failure(made.failed, 'scope');
  const reports = reportSteps(params, account, view);
  if ('failed' in reports) return failure(reports.failed, 'report_dir');
  const wanted = new Map(scheduleUnits(scheduleOf(params, account)).map(({ name, text }) => [name, text]));
  const writes = filesIn(dir, params)
    .slice(0, 3)
    .flatMap((ref) => fileSteps(ref, wanted.get(posix.basename(ref.id)), view));
  const ref = timerRef(params);
  const found = view.get(ref);
  const rewritten = writes.some(({ ref: { id } }) => id.endsWith('.timer'));
  const steps: Step[] = [
    ...(made.steps as readonly Step[]),
    ...reports.steps,
    ...(writes as readonly Step[]),
    ...(writes.length > 0 ? [managerAction('daemon-reload', params.scope)] : []),
    set<UnitValue>(ref, waiting(ref, found)) as Step,
    ...(rewritten && runs(found) ? [unitAction(ref.id, 'restart', {}, found)] : []),
  ];
  const quiet = params.scope === 'user' && lingering(params, view).some((mark) => view.get(mark) === null);
  const warning = `it runs only while ${account.name} is logged in: \`loginctl enable-linger ${account.name}\` changes that`;
  return { steps, result: { timer: unitName(params.name, 'timer') }, ...(quiet && { warnings: [warning] }) };
}

function scheduleOf(params: ScheduleParams, account: UserValue): Schedule {
  const { scope, options, program, report_dir, on_failure, randomized_delay, environment, sandbox } = params;
  return {
    ...{ name: params.name, scope, program, command: params.command, playbooks: params.playbooks ?? [], options },
    directory: params.directory as string,
    onCalendar: params.on_calendar as string,
    randomizedDelay: randomized_delay,
    reportDir: report_dir,
    onFailure: on_failure,
    user: account.name,
    environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)])),
    sandbox,
    knownHostsDir: options.includes('--accept-new-host-keys') ? `${account.home}/.ssh` : undefined,
  };
}

/** The directory for reports belongs to whoever runs: what a host tells is nobody else's. */
function reportSteps(
  { report_dir }: ScheduleParams,
  account: UserValue,
  view: View,
): { readonly steps: readonly Step[] } | { readonly failed: string } {
  if (report_dir === undefined) return { steps: [] };
  const owned =
    view.user === 'root' ? { owner: account.name, ...(account.group !== undefined && { group: account.group }) } : {};
  const made = makeDirectories(report_dir, { ...owned, mode: '0700', unsafe_writes: false }, view);
  return isFailure(made) ? { failed: made.failed } : { steps: made.steps as readonly Step[] };
}

function fileSteps(ref: Ref<PathValue>, text: string | undefined, view: View) {
  const before = view.get(ref);
  if (text === undefined) return before === null ? [] : [set<PathValue>(ref, null)];
  const after: FileValue = { kind: 'file', mode: 0o644, ...newFileOwner(view), content: { text } };
  return samePath(before, after) ? [] : [set<PathValue>(ref, after)];
}

/** A timer that waits, now and after each boot. */
function waiting({ id }: Ref, found: UnitValue | null): UnitValue {
  const blank: UnitValue = {
    name: posix.basename(id),
    load: 'loaded',
    ...{ active: 'inactive', sub: 'dead', masked: false, canReload: false, type: '', once: false, stale: false },
  };
  const { load, ...rest } = found ?? blank;
  return {
    ...rest,
    load: load === 'unread' ? 'loaded' : load,
    ...{ enabled: true, file: 'enabled' },
    ...(!runs(found) && { active: 'active', sub: 'waiting' }),
  };
}

function removed(params: ScheduleParams, dir: string, view: View): Wish {
  const ref = timerRef(params);
  const found = view.get(ref);
  const gone = filesIn(dir, params).flatMap((file) => fileSteps(file, undefined, view));
  const steps: Step[] = [
    ...(found === null ? [] : stopped(ref, found)),
    ...(gone as readonly Step[]),
    ...(gone.length > 0 ? [managerAction('daemon-reload', params.scope)] : []),
  ];
  return { steps, result: { timer: unitName(params.name, 'timer') } };
}

/** Actions and no state: when it is looked at again its files are gone. An undo finds them there again, and it off. */
function stopped(ref: Ref<UnitValue>, found: UnitValue): readonly Action[] {
  const resting: UnitValue = { ...found, active: 'inactive', sub: 'dead' };
  const off: UnitValue = { ...resting, enabled: false, file: 'disabled' };
  const change = (before: UnitValue, after: UnitValue) => ({ ref: ref as Ref, before, after, options: {} });
  return [
    ...(runs(found) ? [{ ...unitAction(ref.id, 'stop', {}, found), alters: [change(found, resting)] }] : []),
    ...(found.enabled ? [{ ...unitAction(ref.id, 'disable', {}, found), alters: [change(resting, off)] }] : []),
  ];
}
