import { posix } from 'node:path';
import type { ParamSchema } from '../../engine/language/module_spec.ts';
import type { ValueMap } from '../../engine/language/values.ts';
import { defineModule, type Ref, type SetStep, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import { type CrontabValue, crontab } from '../../engine/resources/crontab.ts';
import { user as userRef } from '../../engine/resources/user.ts';
import { backupName } from '../files/backup.ts';
import { type CronParams, cronEdit, wrongWithCron } from './cron_edit.ts';
import { isBlank, jobNames, readTable, variableNames, writeTable } from './cron_table.ts';
import { backupOf, looksAtFile, readFile, writeText } from './edited_file.ts';

const SPECIAL = ['annually', 'daily', 'hourly', 'monthly', 'reboot', 'weekly', 'yearly'];

const field = (what: string, values: string, aliases: readonly string[] = []) => ({
  type: 'string',
  default: '*',
  aliases,
  description: `${what} when the job runs: ${values}, \`*\`, \`*/2\`, lists and ranges (crontab(5)).`,
});

const schema: ParamSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  mutuallyExclusive: [['insertafter', 'insertbefore']],
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      description: 'Name of the job, by which it is found again; with `env`, of the variable.',
    },
    job: { type: 'string', aliases: ['value'], description: 'The command, on one line; with `env`, the value.' },
    state: { type: 'string', enum: ['present', 'absent'], default: 'present', description: 'Whether it is there.' },
    minute: field('Minute', '0-59'),
    hour: field('Hour', '0-23'),
    day: field('Day of the month', '1-31', ['dom']),
    month: field('Month', '1-12'),
    weekday: field('Day of the week', '0-6, Sunday is 0', ['dow']),
    special_time: { type: 'string', enum: SPECIAL, description: 'A nickname instead of the five fields.' },
    user: { type: 'string', minLength: 1, description: 'Whose crontab. Default: the user the task acts as.' },
    cron_file: {
      type: 'string',
      format: 'path',
      minLength: 1,
      description: 'A file instead of a crontab: a name in /etc/cron.d, or a path. It needs `user`.',
    },
    disabled: { type: 'boolean', default: false, description: 'Keep the job, commented out.' },
    env: { type: 'boolean', default: false, description: 'Manage a variable and not a job.' },
    insertafter: { type: 'string', description: 'With `env`: put a new variable after this one.' },
    insertbefore: { type: 'string', description: 'With `env`: put a new variable before this one.' },
    backup: { type: 'boolean', default: false, description: 'Keep a copy of the old table.' },
  },
};

export const cron = defineModule<CronParams>({
  name: 'cron',
  collection: 'ansible.builtin',
  summary: 'Manages jobs and variables of cron',
  description: [
    'A job is the line below `#Ansible: NAME`, so that Ansible and runbook manage the same entries; all other lines stay as they are.',
  ],
  schema,
  examples: `- name: Nightly backup
  cron:
    name: backup
    minute: "0"
    hour: "2"
    job: /opt/app/backup.sh

- name: Who gets the mail of that file's jobs
  cron:
    name: MAILTO
    env: true
    job: ops@example.org
    cron_file: backup
    user: root
`,
  returns: {
    jobs: 'Names of the jobs in the table.',
    envs: 'Names of the variables in the table.',
    cron_file: 'The `cron_file` asked for.',
    backup_file: 'Where the old table was copied to.',
  },
  looksAt: (params, view) => {
    const file = fileOf(params);
    if (file !== undefined) return looksAtFile(file, view);
    const refs: Ref[] = [tableOf(params, view)];
    const owner = params.user ?? view.user;
    if (params.user !== undefined && owner !== view.user) refs.push(userRef(owner));
    if (params.backup && view.user !== 'root') refs.push(userRef(view.user));
    return refs;
  },
  wants: (params, view) => {
    const wrong = wrongWithCron(params);
    if (wrong !== undefined) return { steps: [], failed: wrong };
    const file = fileOf(params);
    return file === undefined ? editCrontab(params, view) : editFile(params, file, view);
  },
});

function fileOf({ cron_file: file }: CronParams): string | undefined {
  return file === undefined ? undefined : posix.resolve('/etc/cron.d', file);
}

function tableOf(params: CronParams, view: View): Ref<CrontabValue> {
  return crontab(params.user ?? view.user, view.user);
}

function editCrontab(params: CronParams, view: View): Wish {
  const owner = params.user ?? view.user;
  if (params.user !== undefined && owner !== view.user && view.get(userRef(owner)) === null) {
    return { steps: [], failed: { message: `there is no user ${owner} on this host`, parameter: ['user'] } };
  }
  const ref = tableOf(params, view);
  const text = view.get(ref)?.text ?? '';
  const edited = edit(params, text);
  if ('failed' in edited) return { steps: [], failed: edited.failed };
  if (edited.text === text) return { steps: [], result: edited.result };
  const backup = params.backup && text !== '' ? crontabBackup(owner, text, view) : undefined;
  const to = edited.text === '' ? null : { text: edited.text };
  return {
    steps: [set(ref, to, backup === undefined ? {} : { backup })],
    result: { ...edited.result, ...(backup !== undefined && { backup_file: backup }) },
  };
}

/** A directory that nobody else can write to. */
function crontabBackup(owner: string, text: string, view: View): string {
  const directory = view.user === 'root' ? '/var/backups' : (view.get(userRef(view.user))?.home ?? '/var/backups');
  return backupName(`${directory}/crontab.${owner}`, { text }, view.now);
}

function editFile(params: CronParams, name: string, view: View): Wish {
  const file = readFile(name, view);
  if ('failed' in file) return { steps: [], failed: { message: file.failed, parameter: ['cron_file'] } };
  const edited = edit(params, file.text);
  if ('failed' in edited) return { steps: [], failed: edited.failed };
  const result = { ...edited.result, cron_file: params.cron_file ?? name };
  const warnings = warningsOf(name);
  if (edited.text === file.text) return { steps: [], result, warnings };
  const backup = params.backup ? backupOf(file, view.now) : undefined;
  return {
    steps: [fileStep(params, file, edited.text, backup)],
    result: { ...result, ...(backup !== undefined && { backup_file: backup }) },
    warnings,
  };
}

/** A file whose last job is taken out goes with it. */
function fileStep(
  params: CronParams,
  file: Exclude<ReturnType<typeof readFile>, { failed: string }>,
  text: string,
  backup: string | undefined,
): SetStep {
  const emptied = params.state === 'absent' && !params.env && isBlank(readTable(text));
  if (emptied) return set(file.ref, null, backup === undefined ? {} : { backup }) as SetStep;
  return writeText(file, text, 0o644, backup) as SetStep;
}

function edit(
  params: CronParams,
  text: string,
): { readonly text: string; readonly result: ValueMap } | { readonly failed: NonNullable<Wish['failed']> } {
  const table = readTable(text);
  const edited = cronEdit(params, table);
  if ('failed' in edited) return edited;
  // Ansible also writes a table that lacks its last newline: cron would pass over that line.
  const kept = edited.table === table && (text === '' || /[\r\n]$/.test(text));
  return {
    text: kept ? text : writeTable(edited.table),
    result: { jobs: jobNames(edited.table), envs: variableNames(edited.table) },
  };
}

function warningsOf(file: string): readonly string[] {
  const name = posix.basename(file);
  return /^[A-Za-z0-9_-]+$/.test(name)
    ? []
    : [`cron may pass over the file \`${name}\`: only letters, digits, underscores and hyphens are sure to be read`];
}
