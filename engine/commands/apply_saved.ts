import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { difference, recordTasks } from '../applying/plan_record.ts';
import { type Diagnostic, error, fail, ok, type Result } from '../language/diagnostics.ts';
import { shownPath } from '../language/source.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { EXIT } from './exit_code.ts';
import type { RunOptions } from './options.ts';
import { openPlan, type PlanKeys, type SavedPlan } from './plan_file.ts';
import { type Given, pick, playsDigest, SHAPING, SOURCES } from './plan_given.ts';
import { planKeyFile, readPlanKey } from './plan_key.ts';
import { refuse } from './refuse.ts';
import { type PlanKeeper, runPlaybooks } from './run_playbooks.ts';

/** `apply` of a saved plan: what it holds and nothing else, or nothing at all. `check`: only whether it still holds. */
export async function applySaved(paths: readonly string[], options: RunOptions, secrets: Secrets): Promise<number> {
  const tell = (problems: readonly Diagnostic[]): number => refuse(problems, secrets, options);
  const alone = standsAlone(paths, options);
  if (!alone.ok) return tell(alone.diagnostics);
  const file = alone.value;
  const key = readPlanKey(planKeyFile(), false);
  const opened = key.ok ? openPlan<Given>(file, key.value, Date.now()) : key;
  if (!opened.ok) {
    tell(opened.diagnostics);
    return EXIT.refused;
  }
  const { plan, keys } = opened.value;
  const changed = Object.entries(plan.files).flatMap(([path, digest]) => changedFile(path, digest, keys) ?? []);
  if (changed.length > 0) {
    const elsewhere = process.cwd() === plan.directory ? '' : ` The plan was made in ${plan.directory}.`;
    tell(changed.map((what) => error('file', what, undefined, `Plan again.${elsewhere}`)));
    return EXIT.refused;
  }
  const { playbooks, options: kept } = plan.given;
  const given = { ...kept, ...pick(options, SOURCES) };
  const merged: RunOptions = { ...options, ...given };
  return runPlaybooks(
    options.check ? 'plan' : 'apply',
    playbooks,
    merged,
    secrets,
    undefined,
    reviewer(plan, keys, secrets),
  );
}

/** What was planned is planned again, and must be the same on all hosts before any of them is touched. */
function reviewer(
  plan: Pick<SavedPlan<Given>, 'files' | 'plays' | 'hosts'>,
  keys: PlanKeys,
  secrets: Secrets,
): PlanKeeper {
  const changed = new Set<string>();
  return {
    read(path, bytes) {
      const shown = shownPath(path);
      if (plan.files[shown] === undefined) changed.add(`${shown} is read now, and was not when the plan was made`);
      else if (plan.files[shown] !== keys.digest(bytes)) changed.add(notTheSame(shown));
    },
    review(plans, { plays, emit }) {
      const others = playsDigest(plays, keys) === plan.plays ? [] : ['plays have other hosts now, or other batches'];
      for (const message of [...changed, ...others]) emit({ type: 'warning', message });
      const moved = [...plans].flatMap(([host, { instances }]) => {
        const now = recordTasks(instances, { digest: keys.digest, mask: secrets.mask });
        const message = difference(plan.hosts[host] ?? [], now);
        if (message !== undefined) emit({ type: 'warning', host, message });
        return message === undefined ? [] : [host];
      });
      if (changed.size + others.length + moved.length > 0) return { kind: 'drifted', hosts: moved };
      return plays.every(({ hosts }) => hosts.every((host) => plans.has(host))) ? undefined : { kind: 'unreachable' };
    },
  };
}

function standsAlone(paths: readonly string[], options: RunOptions): Result<string> {
  const [file, ...others] = paths;
  const hint = 'To do something else, make another plan.';
  if (file === undefined || others.length > 0) {
    return fail(error('option', 'a saved plan is applied alone, without other files', undefined, hint));
  }
  const given = Object.keys(pick(options, SHAPING)).map(optionName);
  if (given.length === 0) return ok(file);
  return fail(error('option', `a saved plan is applied as it is, without ${given.join(', ')}`, undefined, hint));
}

function optionName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function changedFile(path: string, digest: string, keys: PlanKeys): string | undefined {
  try {
    return keys.digest(readFileSync(resolve(path))) === digest ? undefined : notTheSame(path);
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    return code === 'ENOENT' ? `${path} is not there any more` : `${path} could not be read: ${message}`;
  }
}

function notTheSame(path: string): string {
  return `${path} is not what it was when the plan was made`;
}
