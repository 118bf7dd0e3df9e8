import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './process.ts';

export type Kind = 'python' | 'bare';

/** Passwords of the bases' users; `admin` has none and needs none for sudo. Logins are by key. */
export const PASSWORDS = { root: 'root-of-the-lab', ops: 'ops-of-the-lab' } as const;

const SUITE = 'bookworm';
const here = import.meta.dirname;

export const CACHE = process.env.RUNBOOK_LAB_CACHE ?? '/var/cache/runbook-lab';

/** A folder with `bare/`, `python/` and `pool/`, see build.sh. Built where it is missing, in about 70 s. */
export async function ensureBases(say: (line: string) => void): Promise<string> {
  const dir = join(CACHE, recipeHash());
  if (existsSync(dir)) return dir;
  mkdirSync(CACHE, { recursive: true });
  say(`building the hosts' file systems in ${dir} (once, about 70 s)`);
  await must(['unshare', '--mount', join(here, 'build.sh'), dir, SUITE, PASSWORDS.root, PASSWORDS.ops]);
  return dir;
}

function recipeHash(): string {
  const hash = createHash('sha256').update(JSON.stringify([SUITE, PASSWORDS]));
  for (const file of ['build.sh', 'tiny_packages.sh']) hash.update(readFileSync(join(here, file)));
  return hash.digest('hex').slice(0, 16);
}
