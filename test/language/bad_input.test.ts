import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Diagnostic } from '../../engine/language/diagnostics.ts';
import { loadPlaybook } from '../../engine/language/load_playbook.ts';
import { printDiagnostics } from '../../engine/language/print_diagnostics.ts';
import { createSecrets } from '../../engine/secrets/secrets.ts';
import { sampleModules, sampleValidators } from './sample_modules.ts';

/**
 * Each `bad/NAME.yml` (or `bad/NAME/main.yml`) is a playbook with mistakes, and the `.txt` beside it what is said of
 * them, to the letter. `UPDATE=1` writes what is said now.
 */
const directory = 'test/language/bad';
const validators = await sampleValidators();

for (const name of readdirSync(directory).sort()) {
  const isCase = name.endsWith('.yml') || !name.includes('.');
  if (!isCase) continue;
  const playbook = name.endsWith('.yml') ? join(directory, name) : join(directory, name, 'main.yml');
  const expected = playbook.replace(/\.yml$/, '.txt');
  test(`bad input: ${name.replace('.yml', '')}`, () => {
    const loaded = loadPlaybook(playbook, sampleModules, { validators });
    assert.equal(loaded.ok, false, 'it is accepted');
    const { diagnostics } = loaded as { diagnostics: readonly Diagnostic[] };
    const said = printDiagnostics(diagnostics, { color: false, secrets: createSecrets() });
    if (process.env.UPDATE === '1') writeFileSync(expected, said);
    assert.equal(said, existsSync(expected) ? readFileSync(expected, 'utf8') : undefined);
  });
}
