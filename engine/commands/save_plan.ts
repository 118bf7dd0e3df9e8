import { statSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { recordTasks, type TaskRecord } from '../applying/plan_record.ts';
import { type Diagnostic, error } from '../language/diagnostics.ts';
import { shownPath } from '../language/source.ts';
import { moment } from '../planning/moment.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { VERSION } from '../version.ts';
import { EXIT } from './exit_code.ts';
import { isPlanFile } from './is_plan_file.ts';
import type { RunOptions } from './options.ts';
import { planKeys, writePlan } from './plan_file.ts';
import { type Given, pick, playsDigest, SHAPING, SOURCES } from './plan_given.ts';
import { planKeyFile, readPlanKey } from './plan_key.ts';
import { refuse } from './refuse.ts';
import { runPlaybooks } from './run_playbooks.ts';

/** `plan --out`: the exit code is the plan's. A plan that is not whole is not saved. */
export async function savePlan(
  paths: readonly string[],
  file: string,
  options: RunOptions,
  secrets: Secrets,
): Promise<number> {
  const tell = (problems: readonly Diagnostic[]): number => refuse(problems, secrets, options);
  const obstacle = obstacleAt(file);
  if (obstacle !== undefined) return tell([obstacle]);
  const key = readPlanKey(planKeyFile(), true);
  if (!key.ok) return tell(key.diagnostics);
  const keys = planKeys(key.value);
  const files: Record<string, string> = {};
  let plays = '';
  const hosts: Record<string, readonly TaskRecord[]> = {};
  const madeAt = Date.now();

  const code = await runPlaybooks('plan', paths, options, secrets, undefined, {
    read(path, bytes) {
      files[shownPath(path)] = keys.digest(bytes);
    },
    review(plans, run) {
      plays = playsDigest(run.plays, keys);
      for (const [host, { instances }] of plans) {
        hosts[host] = recordTasks(instances, { digest: keys.digest, mask: secrets.mask });
      }
      return undefined;
    },
  });
  if (code !== EXIT.done && code !== EXIT.pending) {
    if (code !== EXIT.wrong) process.stderr.write(`No plan was saved: ${file} would not hold all of it.\n`);
    return code;
  }
  const by = `${userInfo().username}@${hostname()}`;
  const expiresAt = madeAt + (options.expires as number) * 1000;
  const given: Given = { playbooks: paths, options: pick(options, [...SHAPING, ...SOURCES]) };
  const directory = process.cwd();
  try {
    writePlan(file, { version: VERSION, madeAt, expiresAt, by, directory, files, plays, hosts, given }, keys);
  } catch (thrown) {
    return tell([error('file', `${file} cannot be written: ${(thrown as Error).message}`)]);
  }
  process.stderr.write(
    `Saved in ${file}: until ${moment(expiresAt)} \`runbook apply ${file}\` does precisely this, or nothing.\n`,
  );
  return code;
}

/** A slip of the fingers must not cost a playbook. */
function obstacleAt(file: string): Diagnostic | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || isPlanFile(file) || (stat.isFile() && stat.size === 0)) return undefined;
  return error('option', `${file} is there and is no plan`, undefined, 'Remove it, or name another file.');
}
