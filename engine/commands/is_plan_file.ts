import { closeSync, constants, openSync, readSync } from 'node:fs';

/** The word that a saved plan begins with. */
export const MAGIC = 'runbook-plan';

/** Whether a file is a saved plan, by what it holds. */
export function isPlanFile(path: string): boolean {
  try {
    // Opened without waiting: a pipe without a writer would block for ever.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const head = Buffer.alloc(MAGIC.length + 1);
      return head.toString('latin1', 0, readSync(file, head)) === `${MAGIC} `;
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}
