import {
  type Action,
  type ChangeOptions,
  type Ref,
  type Step,
  set,
  type Wish,
} from '../../engine/planning/contracts.ts';
import { aptGet, aptUpdate, finishDpkg } from '../../engine/resources/apt_get.ts';
import { aptDisturbs, packageOf } from '../../engine/resources/package.ts';
import type { PackageValue } from '../../engine/resources/package_value.ts';
import type { Answer } from '../../engine/transport/connection.ts';
import { type Sh, sh } from '../../engine/transport/sh.ts';
import type { Asked, Run, RunRow } from './apt_runs.ts';
import type { AptParams } from './apt_schema.ts';
import type { Study } from './apt_study.ts';
import { dpkgOptions } from './apt_words.ts';

export function aptWish(params: AptParams, study: Study): Wish {
  const { marks, runs, deleted, due, interrupted, lists } = study;
  const steps: Step[] = interrupted ? [finishing(params)] : [];
  const alone = runs.length === 0 && !params.name?.length && !params.deb?.length;
  if (params.clean && (lists === null || lists.archives > 0)) steps.push(cleaning('clean', alone));
  if (due) steps.push(updating(params, alone && !params.autoremove && !params.autoclean));
  if (deleted.length > 0) steps.push(cleaning('autoclean', true));
  for (const run of runs) steps.push(...stepsOf(params, run));
  for (const { name, found } of marks) steps.push(set(packageOf(name), { ...(found as PackageValue), auto: false }));
  return { steps, result: { cache_updated: due, cache_update_time: lists?.updatedAt ?? 0 } };
}

/** Unlike Ansible, which fails: what a run that lost its host has left is completed by the next one. */
function finishing(params: AptParams): Action {
  return {
    kind: 'action',
    summary: 'finish what dpkg was interrupted in (dpkg --configure -a)',
    script: finishDpkg(dpkgOptions(params), params.policy_rc_d ?? undefined),
    disturbs: aptDisturbs,
    changed: true,
    result: () => ({}),
  };
}

/** Renewed lists count as a change only where nothing else was asked for, as with Ansible. */
function updating(params: AptParams, changed: boolean): Action {
  const { update_cache_retries, update_cache_retry_max_delay, lock_timeout } = params;
  return {
    kind: 'action',
    summary: 'renew the package lists (apt-get update)',
    script: aptUpdate(update_cache_retries, update_cache_retry_max_delay, lock_timeout),
    disturbs: ({ type }: Ref) => LISTED.has(type.name),
    changed,
    result: () => ({}),
  };
}

/** What is read from the package lists. */
const LISTED = new Set(['candidate', 'apt simulation', 'apt lists', 'package names']);

function cleaning(verb: 'clean' | 'autoclean', changed: boolean): Action {
  const which = verb === 'clean' ? 'fetched package files' : 'fetched package files that no source has any more';
  return {
    kind: 'action',
    summary: `delete ${which} (apt-get ${verb})`,
    script: sh`apt-get -q -y ${verb} </dev/null`,
    disturbs: ({ type }: Ref) => type.name === 'apt lists' || type.name === 'apt simulation',
    changed,
    result: () => ({}),
  };
}

function stepsOf(params: AptParams, run: Run): readonly Step[] {
  if (!run.open) return foreseen(params, run, true);
  // Nothing was asked for by name, or it is there in some version: only the outcome tells whether anything changes.
  const foreseeable = run.asked.some(({ found, version }) => found?.state !== 'installed' || version !== undefined);
  if (!foreseeable) return [upgrading(params, run)];
  return foreseen(params, run, false);
}

/** Everything that apt would do, as changes. Where the lists are yet to be renewed, without versions. */
function foreseen(params: AptParams, run: Run, exact: boolean): readonly Step[] {
  const { lock_timeout, policy_rc_d } = params;
  const options: ChangeOptions = {
    command: JSON.stringify(run.words),
    exact,
    lockTimeout: lock_timeout,
    ...(typeof policy_rc_d === 'number' && { policyRcD: policy_rc_d }),
  };
  const rows = run.rows ?? [];
  const asked = run.asked.map((one) => askedStep(one, params, rows, options));
  const named = new Set(run.asked.flatMap(({ name }) => [name, shortName(name)]));
  const along = rows.filter(
    (row) => !named.has(row.name) && (exact || row.action === 'remove' || row.action === 'purge'),
  );
  // What `build-dep` names itself counts as asked for, the rest does not: which is which, it does not tell.
  const why = run.words[0] === 'build-dep' ? 'asked' : 'dependency';
  return [...asked, ...along.map((row) => set(packageOf(row.name), outcome(row, why), options))];
}

/** apt leaves out the host's own architecture. */
function shortName(name: string): string {
  return name.split(':')[0] as string;
}

function askedStep(
  { name, found, version }: Asked,
  { state, purge }: AptParams,
  rows: readonly RunRow[],
  options: ChangeOptions,
): Step {
  const ref = packageOf(name);
  if (state === 'absent') return set(ref, purge ? null : remains(found), options);
  const marked = found?.auto === true ? { auto: false } : {};
  const row = rows.find((one) => one.name === name) ?? rows.find((one) => one.name === shortName(name));
  // A virtual package has no row of its own, and before the lists are renewed no row is certain.
  const foreseen = options.exact === true ? row?.to : version;
  return set(ref, { ...(foreseen !== undefined && { version: foreseen }), state: 'installed', ...marked }, options);
}

function outcome(row: RunRow, why: 'asked' | 'dependency'): PackageValue | null {
  if (row.action === 'purge') return null;
  if (row.action === 'remove') return remains(row.found);
  const fresh = row.action === 'install' && row.from === undefined;
  return {
    ...(row.to !== undefined && { version: row.to }),
    state: 'installed',
    ...(why === 'dependency' && fresh && { auto: true }),
  };
}

/** What dpkg knows of a package that is removed and not purged: nothing, if nothing of it stays. */
function remains(found: PackageValue | null): PackageValue | null {
  return found?.keeps === true || found?.state === 'config-files' ? { state: 'config-files' } : null;
}

/** Upgrades what the renewed lists have newer versions of. */
function upgrading(params: AptParams, run: Run): Action {
  const names = run.asked.map(({ name }) => name);
  const which = names.length === 0 ? `all packages (apt-get ${run.words[0]})` : names.join(', ');
  return {
    kind: 'action',
    summary: `upgrade ${which} to what the renewed lists have${soFar(run)}`,
    script: openRun(params, run),
    disturbs: aptDisturbs,
    changed: didSomething,
    result: (answer) => ({ stdout: text(answer.stdout), stderr: text(answer.stderr) }),
  };
}

function soFar({ rows }: Run): string {
  if (rows === undefined || rows.length === 0) return '';
  const listed = rows
    .filter((row) => row.action !== 'configure')
    .map(({ action, name, to }) => `${action} ${name}${to ? ` ${to}` : ''}`);
  return `; as of now: ${listed.join(', ')}`;
}

/** Removals that nobody has seen in the plan are refused, renewed lists or not. */
function openRun({ lock_timeout, policy_rc_d }: AptParams, { words, rows = [] }: Run): Sh {
  const lines = rows.flatMap(({ action, name }) =>
    action === 'remove' ? [`Remv ${name}`] : action === 'purge' ? [`Purg ${name}`] : [],
  );
  return aptGet(words, {
    lockTimeout: lock_timeout,
    policyRcD: policy_rc_d ?? undefined,
    allowed: { lines, anyInstall: true },
  });
}

function didSomething(answer: Answer): boolean {
  return !/^0 upgraded, 0 newly installed, (0 downgraded, )?(0 reinstalled, )?0 to remove/m.test(text(answer.stdout));
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
