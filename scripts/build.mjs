// Bundles engine/cli.ts into dist/, one chunk for each lazy import.

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

const schemas = 'scripts/schemas.ts';
if (existsSync(schemas)) {
  const written = spawnSync(process.execPath, ['--import', 'tsx', schemas, '--validators'], { stdio: 'inherit' });
  if (written.status !== 0) process.exit(written.status ?? 1);
}

// Built beside the old one, which may be running, and then put in its place.
const made = `dist.${process.pid}`;
await build({
  entryPoints: ['engine/cli.ts'],
  outdir: made,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minify: true,
  legalComments: 'none',
  sourcemap: false,
  // Native parts that ssh2 goes without where they were not built; npm does not build them.
  external: ['*.node', 'cpu-features'],
  // What CommonJS libraries take for granted.
  banner: {
    js: [
      "import { createRequire as __createRequire } from 'node:module';",
      'const require = __createRequire(import.meta.url), __dirname = import.meta.dirname;',
    ].join(' '),
  },
  logLevel: 'warning',
});
chmodSync(join(made, 'cli.js'), 0o755);
rmSync('dist', { recursive: true, force: true });
renameSync(made, 'dist');
