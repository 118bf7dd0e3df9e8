// Writes what is generated: the JSON Schemas for editors and for readers of `--json`, which are committed, and the
// validators of the modules' parameters that the program loads, which are not. `--validators` writes only these;
// `--check` writes nothing and fails where a committed schema is stale.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureValidators, validatorsModule } from './schemas/validators.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const generated = join(root, 'engine/language/generated');

// The modules import, by way of the engine, the very file that is to be made: an empty one breaks the circle.
ensureValidators(generated);
const { modules } = await import('../modules/registry.ts');
const { playbookSchema } = await import('./schemas/playbook_schema.ts');
const { inventorySchema } = await import('./schemas/inventory_schema.ts');
const { eventsSchema } = await import('./schemas/events_schema.ts');
const { reportSchema } = await import('./schemas/report_schema.ts');

const committed = [
  { file: 'schemas/playbook.schema.json', content: playbookSchema(modules.all()) },
  { file: 'schemas/inventory.schema.json', content: inventorySchema() },
  { file: 'schemas/events.schema.json', content: eventsSchema() },
  { file: 'schemas/report.schema.json', content: reportSchema() },
];

const options = process.argv.slice(2);
const unknown = options.find((option) => option !== '--check' && option !== '--validators');
if (unknown !== undefined) {
  process.stderr.write(`unknown option ${unknown}; there are --check and --validators\n`);
  process.exitCode = 1;
} else if (options.includes('--check')) check();
else await write();

function check(): void {
  const stale = committed.filter(({ file, content }) => {
    const path = join(root, file);
    return !existsSync(path) || readFileSync(path, 'utf8') !== toText(content);
  });
  for (const { file } of stale) process.stderr.write(`${file} is stale: run \`npm run schemas\`\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
}

async function write(): Promise<void> {
  mkdirSync(generated, { recursive: true });
  writeFileSync(join(generated, 'validators.js'), await validatorsModule(modules.all()));
  if (options.includes('--validators')) return;
  for (const { file, content } of committed) writeFileSync(join(root, file), toText(content));
}

function toText(content: unknown): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}
