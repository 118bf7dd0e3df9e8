// Loads the built program: pieces of one file, each when it is first asked for, with V8's compiled form of it from
// another. Parsing and compiling it anew would take a third of the time that a converged run takes. V8 refuses a
// cache that is not of this very program and Node.
import { existsSync, openSync, readFileSync, readSync } from 'node:fs';
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
      // Whoever copies it all, as esbuild does for a default import and for `import()`, loads it.
      ownKeys: () => Reflect.ownKeys(require(id)),
      getOwnPropertyDescriptor: (_, name) => {
        const own = Reflect.getOwnPropertyDescriptor(require(id), name);
        return own && { ...own, configurable: true };
      },
    });
  };
}

/**
 * `dir` holds `pieces.cjs`, `pieces.json`, which says where each piece stands in it, and mostly their compiled forms:
 * `pieces.cache`, and where they stand in that.
 */
export function loadMain(dir) {
  const filename = join(dir, 'pieces.cjs');
  const { entry, sources, caches } = JSON.parse(readFileSync(join(dir, 'pieces.json'), 'latin1'));
  const text = openSync(filename, 'r');
  const compiled =
    caches && existsSync(join(dir, 'pieces.cache')) ? openSync(join(dir, 'pieces.cache'), 'r') : undefined;
  const sizes = [...Object.values(sources), ...Object.values(caches ?? {})].map(([, size]) => size);
  // One for all: memory that is touched for the first time costs more than what is read into it.
  const buffer = Buffer.allocUnsafeSlow(Math.max(...sizes));
  const read = (file, [at, size]) => buffer.subarray(0, readSync(file, buffer, 0, size, at));
  const require = lazily(createRequire(filename));
  const loaded = new Map();
  const scripts = new Map();

  function piece(id) {
    const place = sources[id];
    if (place === undefined) return require(id);
    const known = loaded.get(id);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    loaded.set(id, module);
    // It is ASCII: read so, it is half the size in memory.
    const source = read(text, place).latin1Slice();
    const cache = compiled !== undefined && caches[id] ? { cachedData: read(compiled, caches[id]) } : {};
    const script = new Script(source, { filename: `${filename}/${id}`, ...cache });
    scripts.set(id, script);
    script.runInThisContext()(module.exports, piece, module, filename, dir);
    return module.exports;
  }

  return { main: piece(entry).main, scripts };
}
