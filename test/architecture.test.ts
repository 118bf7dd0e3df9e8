import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

/** What each folder may import from, beside itself. Imports point down. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  'engine/secrets': [],
  'engine/language': ['engine/secrets'],
  'engine/transport': ['engine/inventory', 'engine/monotonic.ts'],
  'engine/inventory': ['engine/language', 'engine/secrets'],
  'engine/vault': ['engine/language', 'engine/secrets'],
  'engine/resources': ['engine/planning', 'engine/transport', 'engine/language'],
  'engine/planning': ['engine/resources', 'engine/language', 'engine/inventory', 'engine/transport'],
  'engine/applying': [
    'engine/planning',
    'engine/resources',
    'engine/transport',
    'engine/inventory',
    'engine/language',
    'engine/secrets',
    'engine/vault/replace_file.ts',
    'engine/monotonic.ts',
  ],
  'engine/reporting': ['engine/planning', 'engine/language', 'engine/secrets'],
  'engine/commands': [
    'engine/reporting',
    'engine/applying',
    'engine/planning',
    'engine/resources',
    'engine/inventory',
    'engine/language',
    'engine/transport',
    'engine/secrets',
    'engine/vault',
    'modules/registry.ts',
    'engine/version.ts',
  ],
  modules: [
    'engine/planning/contracts.ts',
    'engine/planning/finding.ts',
    'engine/resources',
    'engine/language',
    'engine/transport/sh.ts',
    'engine/transport/connection.ts',
    'engine/transport/known_hosts.ts',
  ],
};

/** Libraries that only one file knows. */
const ONE_IMPORTER = ['ssh2', 'ajv', 'listr2', 'p-queue', 'diff', 'commander', 'fastest-levenshtein'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith('.ts') && !file.includes('/generated/'));
}

const files = [...filesBelow('engine'), ...filesBelow('modules')];
const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = [
    ...text.matchAll(/^(?:import|export)\s+(type\s+)?[^'"`;]*?from '([^']+)'/gm),
    ...text.matchAll(/()import\('([^']+)'\)/g),
  ];
  return found.map((match) => {
    const to = match[2] as string;
    const target = to.startsWith('.') ? relative(ROOT, normalize(join(ROOT, dirname(file), to))) : to;
    return { from: file, to: target, typeOnly: match[1] !== undefined && match[1] !== '' };
  });
});

function room(file: string): string {
  return file.startsWith('modules/') ? 'modules' : file.split('/').slice(0, 2).join('/');
}

test('there are imports to judge', () => {
  assert.ok(imports.length > 200, `only ${imports.length} imports were found`);
});

test('imports point down', () => {
  const wrong = imports.filter(({ from, to }) => {
    const allowed = BELOW[room(from)];
    if (allowed === undefined || !(to.startsWith('engine/') || to.startsWith('modules/'))) return false;
    if (room(to) === room(from)) return false;
    return !allowed.some((folder) => to === folder || to.startsWith(`${folder}/`));
  });
  assert.deepEqual(
    wrong.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
});

test('resources and modules know the contracts of planning and nothing else of it', () => {
  const wrong = imports.filter(
    ({ from, to }) =>
      (from.startsWith('engine/resources/') || from.startsWith('modules/')) &&
      to.startsWith('engine/planning/') &&
      to !== 'engine/planning/contracts.ts' &&
      !(to === 'engine/planning/finding.ts' && from.startsWith('modules/checks/')),
  );
  assert.deepEqual(
    wrong.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
});

test('each of these libraries is known to one file', () => {
  for (const library of ONE_IMPORTER) {
    const importers = new Set(
      imports
        .filter(({ to, typeOnly }) => !typeOnly && (to === library || to.startsWith(`${library}/`)))
        .map(({ from }) => from),
    );
    assert.ok(importers.size <= 1, `${library} is imported by ${[...importers].join(', ')}`);
  }
});

test('only the language reads YAML', () => {
  const outside = imports.filter(({ from, to }) => to === 'yaml' && !from.startsWith('engine/language/'));
  assert.deepEqual(outside, []);
});

test('no circle of imports that are needed at run time', () => {
  const graph = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports) {
    if (!typeOnly && to.endsWith('.ts')) graph.set(from, [...(graph.get(from) ?? []), to]);
  }
  const done = new Set<string>();
  const path: string[] = [];
  const circles: string[] = [];
  const visit = (file: string): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  assert.deepEqual(circles, []);
});
