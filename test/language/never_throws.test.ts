import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Result } from '../../engine/language/diagnostics.ts';
import { loadPlaybook, loadTasks, loadVars, parseExtraVars } from '../../engine/language/load_playbook.ts';
import { printDiagnostics } from '../../engine/language/print_diagnostics.ts';
import { createSecrets } from '../../engine/secrets/secrets.ts';
import { directoryOf } from './files.ts';
import { sampleModules } from './sample_modules.ts';

const directory = directoryOf({});
const path = join(directory, 'x.yml');
const seeds = ['keyword_types', 'wrong_type', 'misplaced', 'free_form', 'yaml_anchor', 'unknown_module'].map((name) =>
  readFileSync(`test/language/bad/${name}.yml`, 'utf8'),
);

/** Every refusal can be printed, and points into the text it speaks of. */
function check(result: Result<unknown>): void {
  if (result.ok) return;
  assert.ok(result.diagnostics.length > 0, 'refused without a reason');
  for (const { message, span } of result.diagnostics) {
    assert.notEqual(message, '');
    if (span !== undefined)
      assert.ok(0 <= span.start && span.start <= span.end && span.end <= span.source.text.length, message);
  }
  printDiagnostics(result.diagnostics, { color: true, secrets: createSecrets() });
}

function checkAll(text: string): void {
  writeFileSync(path, text);
  check(loadPlaybook(path, sampleModules));
  check(loadTasks(path, sampleModules, { keyPrefix: 'k', within: [] }));
  check(loadVars(path, 'x'));
  check(parseExtraVars([text]));
}

const mangled = fc
  .tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat(40), fc.string({ maxLength: 6 }))
  .map(([seed, at, length, text]) => seed.slice(0, at % seed.length) + text + seed.slice((at % seed.length) + length));

test('a playbook with something torn out of it', () => {
  fc.assert(fc.property(mangled, checkAll), { numRuns: 60 });
});

test('any data in the place of a playbook, a play, a task or an argument', () => {
  const words = [
    'hosts',
    'tasks',
    'name',
    'when',
    'loop',
    'copy',
    'command',
    'block',
    'vars',
    'args',
    'action',
    'notify',
    'tags',
  ];
  const key = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 }));
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.string({ maxLength: 8 }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('node'), { maxLength: 3 }),
    map: fc.dictionary(key, tie('node'), { maxKeys: 4 }),
  }));
  const wrapped = fc.tuple(node, fc.nat(3)).map(([data, depth]) => {
    if (depth === 0) return data;
    if (depth === 1) return [data];
    return depth === 2
      ? [{ hosts: 'all', tasks: [data] }]
      : [{ hosts: 'all', tasks: [{ copy: data }, { command: data }] }];
  });
  fc.assert(
    fc.property(wrapped, (data) => checkAll(JSON.stringify(data))),
    { numRuns: 150 },
  );
});
