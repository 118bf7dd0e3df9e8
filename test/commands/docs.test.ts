import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { modules } from '../../modules/registry.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CLI = join(ROOT, 'dist', 'cli.js');
const docs = (...args: readonly string[]) =>
  execFileSync(process.execPath, [CLI, 'docs', ...args], { encoding: 'utf8' });

test('the committed reference is what the modules say (`npm run docs` writes it)', () => {
  assert.equal(readFileSync(join(ROOT, 'docs', 'modules.md'), 'utf8'), docs('--all', '--markdown'));
});

test('the list names every module, and a module tells all its parameters', () => {
  const list = docs();
  for (const module of modules.all()) assert.match(list, new RegExp(`^${module.name} `, 'm'));
  const text = docs('lineinfile');
  for (const parameter of Object.keys(modules.find('lineinfile')?.schema.properties ?? {})) {
    assert.match(text, new RegExp(`^ {2}${parameter} `, 'm'));
  }
  assert.equal(docs('ansible.builtin.lineinfile'), text);
});

test('an unknown module is told with the nearest', () => {
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'docs', 'lineinfiel'], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /Did you mean `lineinfile`\?/);
});
