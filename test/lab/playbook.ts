import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const PLAYBOOKS = join(import.meta.dirname, '..', '..', 'playbooks');

/** A copy of one of the project's playbooks, with its defaults beside it: what it writes down lies there. */
export function copyPlaybook(name: string, dir: string): string {
  const all = join(dir, 'playbooks', 'group_vars', 'all');
  mkdirSync(all, { recursive: true });
  cpSync(join(PLAYBOOKS, 'group_vars', 'all', name), join(all, name));
  const copy = join(dir, 'playbooks', name);
  cpSync(join(PLAYBOOKS, name), copy);
  return copy;
}
