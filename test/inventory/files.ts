import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';

export type Files = Readonly<Record<string, string>>;

/** Writes files below a fresh directory that is gone when the tests are over; `@ROOT@` in them is its path. */
export function writeFiles(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'runbook-inventory-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text.replaceAll('@ROOT@', root));
  }
  return root;
}
