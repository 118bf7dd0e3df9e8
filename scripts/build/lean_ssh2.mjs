// ssh2 without what no run needs before it is asked for: its SFTP client, which nothing here uses, bcrypt's tables, which
// only a key file with a passphrase needs, the WebAssembly of Poly1305, which only ChaCha20 needs and which every
// connection would wait for, and parts of Node: zlib, which only compression needs, dns and child_process.
import { readFileSync } from 'node:fs';
import { constants as zlibConstants } from 'node:zlib';

/** A file of the library, altered. It is an error where the text is not what the alteration was made for. */
function altered(path, changes) {
  return changes.reduce(
    (text, [from, to]) => {
      if (text.split(from).length !== 2) throw new Error(`${path} is not the file it was: it needs another change`);
      return text.replace(from, to);
    },
    readFileSync(path, 'utf8'),
  );
}

const BCRYPT = "require('bcrypt-pbkdf').pbkdf";
const WASM = /"data:application\/octet-stream;base64,([A-Za-z0-9+/=]+)"/;

// As the library's own `init`, but at once: the module is instantiated synchronously, by the hook that Emscripten has.
const START_POLY1305 = `
function startPoly1305() {
  if (POLY1305_WASM_MODULE !== undefined) return;
  const start = require('./crypto/poly1305.js');
  const module = {
    instantiateWasm(imports, done) {
      const code = new WebAssembly.Module(Buffer.from(start.wasm, 'base64'));
      const instance = new WebAssembly.Instance(code, imports);
      done(instance);
      return instance.exports;
    },
  };
  start(module);
  POLY1305_WASM_MODULE = module;
  POLY1305_RESULT_MALLOC = module._malloc(16);
  poly1305_auth = module.cwrap('poly1305_auth', null, ['number', 'array', 'number', 'array', 'number', 'array']);
}
let poly1305_auth;`;

export const leanSsh2 = {
  name: 'lean-ssh2',
  setup(bundler) {
    bundler.onLoad({ filter: /ssh2\/lib\/protocol\/SFTP\.js$/ }, () => ({ contents: 'module.exports = {};' }));
    bundler.onLoad({ filter: /ssh2\/lib\/client\.js$/ }, ({ path }) => ({
      contents: altered(path, [
        [
          "const { lookup: dnsLookup } = require('dns');",
          "const dnsLookup = (...words) => require('dns').lookup(...words);",
        ],
      ]),
    }));
    bundler.onLoad({ filter: /ssh2\/lib\/agent\.js$/ }, ({ path }) => ({
      contents: altered(path, [
        ["const { execFile, spawn } = require('child_process');", "const processes = require('child_process');"],
        ['proc = spawn(', 'proc = processes.spawn('],
        ['execFile(', 'processes.execFile('],
      ]),
    }));
    bundler.onLoad({ filter: /ssh2\/lib\/protocol\/zlib\.js$/ }, ({ path }) => ({
      contents: altered(path, [
        [
          "} = require('zlib');",
          `} = { constants: ${JSON.stringify(zlibConstants)}, createInflate: () => require('zlib').createInflate() };`,
        ],
        ['const ZlibHandle = createInflate()._handle.constructor;', ''],
        ['new ZlibHandle(mode)', 'new (createInflate()._handle.constructor)(mode)'],
      ]),
    }));
    bundler.onLoad({ filter: /ssh2\/lib\/protocol\/keyParser\.js$/ }, ({ path }) => ({
      contents: altered(path, [[BCRYPT, `(...words) => ${BCRYPT}(...words)`]]),
    }));
    bundler.onLoad({ filter: /ssh2\/lib\/protocol\/crypto\.js$/ }, ({ path }) => ({
      contents: altered(path, [
        ['\nlet poly1305_auth;', START_POLY1305],
        [/ {2}init: \(\(\) => \{\n.*?\n {2}\}\)\(\),\n/s, '  init: Promise.resolve(),\n'],
        [/class ChaChaPolyCipherNative \{\n {2}constructor\(config\) \{/, '$& startPoly1305();'],
        [/class ChaChaPolyDecipherNative \{\n {2}constructor\(config\) \{/, '$& startPoly1305();'],
      ]),
    }));
    bundler.onLoad({ filter: /ssh2\/lib\/protocol\/crypto\/poly1305\.js$/ }, ({ path }) => {
      const [literal, wasm] = WASM.exec(readFileSync(path, 'utf8')) ?? [];
      if (wasm === undefined) throw new Error(`${path} holds its WebAssembly in another way than it did`);
      return { contents: `${altered(path, [[literal, '""']])}\nmodule.exports.wasm = ${JSON.stringify(wasm)};` };
    });
  },
};
