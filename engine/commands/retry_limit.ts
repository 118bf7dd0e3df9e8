import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The hosts that a run has to be repeated on, one a line, as `--limit @FILE` reads them. Gives the hint to it. */
export function writeRetryLimit(directory: string, hosts: readonly string[]): string {
  const file = join(directory, 'retry.limit');
  writeFileSync(file, hosts.map((host) => `${host}\n`).join(''), { mode: 0o600 });
  const which = hosts.length === 1 ? 'the host' : `the ${hosts.length} hosts`;
  return `Only on ${which} that did not come through: add --limit @${file}`;
}
