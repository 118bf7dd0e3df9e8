// Bundles engine/cli.ts into dist/, one chunk for each lazy import.

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { leanSsh2 } from './build/lean_ssh2.mjs';
import { pageAssets } from './build/page_assets.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

const schemas = 'scripts/schemas.ts';
if (existsSync(schemas)) {
  const written = spawnSync(process.execPath, ['--import', 'tsx', schemas, '--validators'], { stdio: 'inherit' });
  if (written.status !== 0) process.exit(written.status ?? 1);
}

// Built beside the old one, which may be running, and then put in its place.
const made = `dist.${process.pid}`;
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
};

// All but the first few lines, in pieces that are loaded when they are asked for: esbuild splits modules of ECMAScript
// only, and each is then made what Node makes of a CommonJS file, which can be loaded compiled.
const { outputFiles } = await build({
  ...common,
  entryPoints: ['engine/commands/main.ts'],
  plugins: [leanSsh2, pageAssets],
  outdir: made,
  write: false,
  format: 'esm',
  splitting: true,
  charset: 'ascii',
  // Native parts that ssh2 goes without where they were not built; npm does not build them.
  external: ['*.node', 'cpu-features'],
  define: { 'import.meta.url': '__url' },
});
const head = `(function (exports, require, module, __filename, __dirname) {const __url = require('node:url').pathToFileURL(__filename).href;`;
const sources = {};
let text = '';
for (const { path, text: code } of outputFiles) {
  const { target, platform, minify } = common;
  const options = { target, platform, minify, format: 'cjs', charset: 'ascii', supported: { 'dynamic-import': false } };
  const piece = `${head}${(await transform(code, options)).code}})\n`;
  sources[`./${basename(path)}`] = [text.length, piece.length];
  text += piece;
}
mkdirSync(made, { recursive: true });
writeFileSync(join(made, 'pieces.cjs'), text, 'latin1');
writeFileSync(join(made, 'pieces.json'), JSON.stringify({ entry: './main.js', sources }));
await build({
  ...common,
  entryPoints: ['engine/cli.ts'],
  outfile: join(made, 'cli.js'),
  format: 'cjs', // loads sooner
  plugins: [
    {
      name: 'cached-main',
      setup(bundler) {
        const path = join(root, 'scripts', 'build', 'cached_main.mjs');
        bundler.onResolve({ filter: /commands\/main\.ts$/ }, () => ({ path }));
      },
    },
  ],
});
writeFileSync(join(made, 'package.json'), '{"type": "commonjs"}\n');
chmodSync(join(made, 'cli.js'), 0o755);
const warmed = spawnSync(
  process.execPath,
  ['scripts/build/code_cache.mjs', resolve(made), 'scripts/build/warm_up.yml'],
  {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 60_000,
  },
);
if (warmed.status !== 0)
  process.stderr.write('The program was built without its code cache: it will start more slowly.\n');
rmSync('dist', { recursive: true, force: true });
renameSync(made, 'dist');
