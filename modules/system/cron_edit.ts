import type { Wish } from '../../engine/planning/contracts.ts';
import { withJob, withoutJob, withoutVariable, withVariable } from './cron_table.ts';

export interface CronParams {
  readonly name: string;
  readonly job?: string;
  readonly state: 'present' | 'absent';
  readonly minute: string;
  readonly hour: string;
  readonly day: string;
  readonly month: string;
  readonly weekday: string;
  readonly special_time?: string;
  readonly user?: string;
  readonly cron_file?: string;
  readonly disabled: boolean;
  readonly env: boolean;
  readonly insertafter?: string;
  readonly insertbefore?: string;
  readonly backup: boolean;
}

type Failure = NonNullable<Wish['failed']>;

const FIELDS = ['minute', 'hour', 'day', 'month', 'weekday'] as const;

/** What is wrong with the parameters, whatever the table holds. */
export function wrongWithCron(params: CronParams): Failure | undefined {
  const { name, job, state, env, cron_file: file } = params;
  if (file === '/etc/crontab') {
    return wrong('cron_file', '/etc/crontab belongs to the system: use a file in /etc/cron.d');
  }
  if (/[\r\n]/.test(name)) return wrong('name', '`name` cannot have a line break');
  if (env && /[\s=]/.test(name)) return wrong('name', `\`${name}\` cannot be the name of a variable`);
  if (params.special_time !== undefined && FIELDS.some((field) => params[field] !== '*')) {
    return wrong('special_time', '`special_time` stands instead of minute, hour, day, month and weekday');
  }
  if (state === 'absent') return undefined;
  if (file !== undefined && params.user === undefined) {
    return wrong('user', '`cron_file` needs `user`: its jobs say as whom they run');
  }
  if (job === undefined) return wrong('job', '`state: present` needs `job`');
  if (/[\r\n]/.test(trimmed(job))) return wrong('job', '`job` cannot have a line break: an entry is one line');
  const spaced = FIELDS.find((field) => !/^\S+$/.test(params[field]));
  if (spaced !== undefined) return wrong(spaced, `\`${spaced}\` cannot have white space`);
  if (file !== undefined && !/^\S+$/.test(params.user ?? '')) return wrong('user', '`user` cannot have white space');
  if (!env && (params.insertafter ?? params.insertbefore) !== undefined) {
    return wrong('env', '`insertafter` and `insertbefore` are for variables: they need `env: true`');
  }
  return undefined;
}

function wrong(parameter: keyof CronParams, message: string): Failure {
  return { message, parameter: [parameter] };
}

/** The table as it shall be; the very same one where nothing changes. */
export function cronEdit(
  params: CronParams,
  table: readonly string[],
): { readonly table: readonly string[] } | { readonly failed: Failure } {
  const { name, env, state } = params;
  if (state === 'absent') return { table: env ? withoutVariable(table, name) : withoutJob(table, name) };
  if (!env) return { table: withJob(table, name, entry(params)) };
  const place = { after: params.insertafter, before: params.insertbefore };
  const edited = withVariable(table, name, params.job ?? '', place);
  if (edited !== undefined) return { table: edited };
  const parameter = params.insertafter === undefined ? 'insertbefore' : 'insertafter';
  return { failed: wrong(parameter, `there is no variable ${params[parameter]} in the table`) };
}

/** A line of crontab(5), with the user where it stands in a file of /etc/cron.d. */
function entry(params: CronParams): string {
  const time = params.special_time === undefined ? FIELDS.map((f) => params[f]).join(' ') : `@${params.special_time}`;
  const who = params.cron_file === undefined ? [] : [params.user ?? ''];
  return (params.disabled ? '#' : '') + [time, ...who, trimmed(params.job ?? '')].join(' ');
}

function trimmed(job: string): string {
  return job.replace(/^[\r\n]+|[\r\n]+$/g, '');
}
