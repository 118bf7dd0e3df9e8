// Loads the bundle with V8's compiled form of it beside it: parsing and compiling it anew would take a third of the
// time that a converged run takes. V8 refuses a cache that is not of this very program and Node.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

// A run is short: code is optimized only when it has run ten times as often as V8 would wait for.
// Part of what a cache must agree with, so it is set before. The V8 of Node 20 knows this flag; later ones complain.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=1320000');

// Parts of Node that most runs never use, and that take longer to load than what is asked of them.
const SELDOM = new Set(['assert', 'child_process', 'fs/promises', 'readline']);

/** `require`, but for these: they are loaded when something of them is first asked for. */
function lazily(require) {
  return (id) => {
    if (!SELDOM.has(id.replace(/^node:/, ''))) return require(id);
    return new Proxy(() => {}, {
      get: (_, name) => require(id)[name],
      apply: (_, self, words) => require(id).apply(self, words),
    });
  };
}

/** `dir` holds `main.cjs` and, mostly, `main.cache`. */
export function loadMain(dir) {
  const filename = join(dir, 'main.cjs');
  const cache = join(dir, 'main.cache');
  // The bundle is ASCII: read so, it is half the size in memory.
  const source = readFileSync(filename, 'latin1');
  const script = new Script(source, { filename, ...(existsSync(cache) ? { cachedData: readFileSync(cache) } : {}) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, lazily(createRequire(filename)), module, filename, dir);
  return { script, main: module.exports.main };
}
