import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, linkSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { error, fail, ok, type Result } from '../language/diagnostics.ts';
import { replaceFile } from '../vault/replace_file.ts';

/** Names another key file, so that a plan can be made on one machine and applied on another. */
const VARIABLE = 'RUNBOOK_PLAN_KEY_FILE';

export function planKeyFile(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment[VARIABLE] || join(homedir(), '.config', 'runbook', 'plan.key');
}

const KEY_BYTES = 32;

/** The user's own key that saved plans are sealed with. `make`: a missing one is made. */
export function readPlanKey(path: string, make: boolean): Result<Buffer> {
  try {
    if (make) makeKey(path);
    // A pipe without a writer would block for ever.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { mode, uid } = fstatSync(file);
      if ((mode & 0o077) !== 0 || (uid !== process.geteuid?.() && uid !== 0)) {
        const hint = `\`chmod 600 ${path}\` if nobody has read it; else remove it, and plan again.`;
        return fail(error('file', `the key of saved plans, ${path}, is open to others`, undefined, hint));
      }
      const key = Buffer.from(readFileSync(file, 'latin1').trim(), 'hex');
      if (key.length === KEY_BYTES) return ok(key);
      return fail(error('file', `${path} is no key of saved plans`, undefined, 'Remove it, and plan again.'));
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code !== 'ENOENT' || make) return fail(error('file', `the key of saved plans cannot be read: ${message}`));
    const hint = `A plan is applied by the user who made it; ${VARIABLE} names a key that is shared.`;
    return fail(error('file', `there is no key of saved plans: ${path} is not there`, undefined, hint));
  }
}

/** Whole, or not there; of two that make it at once, one wins for both. */
function makeKey(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const mine = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    replaceFile(mine, `${randomBytes(KEY_BYTES).toString('hex')}\n`, 0o600);
    linkSync(mine, path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  } finally {
    rmSync(mine, { force: true });
  }
}
