import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const TEXT = readFileSync(join(import.meta.dirname, '../docs/security.md'), 'utf8');

test('each promise names tests that hold it, and these are there', () => {
  const rows = TEXT.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| promise'));
  assert.ok(rows.length >= 15, `${rows.length} promises`);
  for (const row of rows) {
    const named = [...row.matchAll(/`([\w/*]+\.(?:test\.ts|yml))`/g)].map((match) => match[1] as string);
    assert.ok(named.length > 0, `nothing holds: ${row}`);
    for (const file of named) assert.ok(isThere(file), `${file} is not there: ${row}`);
  }
});

function isThere(file: string): boolean {
  const path = join(import.meta.dirname, file);
  if (!file.includes('*')) return existsSync(path);
  return readdirSync(join(path, '..')).some((name) => name.endsWith('.test.ts'));
}
