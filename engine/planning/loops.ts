import { readdirSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { error, fail, ok, type Result, type Span } from '../language/diagnostics.ts';
import { renderTemplated } from '../language/render.ts';
import { statOf } from '../language/source.ts';
import type { Loop } from '../language/syntax.ts';
import type { Scope } from '../language/templated.ts';
import { isMap, Unknown, type Value, type ValueMap } from '../language/values.ts';

/** One `with_sequence` may not run away with the controller. */
const LONGEST_SEQUENCE = 100_000;

/** The items of a task's loop, or what they wait for. `dirs`: where relative files are looked for. */
export function loopItems(loop: Loop, scope: Scope, dirs: readonly string[]): Result<readonly Value[] | Unknown> {
  const over = renderTemplated(loop.over, scope);
  if (!over.ok) return over;
  const value = over.value;
  if (value instanceof Unknown) return ok(value);
  const bad = (message: string) => fail(error('type', message, loop.over.span));
  switch (loop.form) {
    case 'loop':
      if (!Array.isArray(value)) {
        return bad(`\`loop\` takes a list, this is ${kindOf(value)}${isMap(value) ? ': use `| dict2items`' : ''}`);
      }
      return ok(value);
    case 'list':
      return ok(asList(value));
    case 'items':
      return ok(asList(value).flatMap((item) => (Array.isArray(item) ? (item as readonly Value[]) : [item])));
    case 'indexed_items':
      return ok(asList(value).map((item, index): Value => [index, item]));
    case 'dict':
      if (!isMap(value)) return bad(`\`with_dict\` takes a map, this is ${kindOf(value)}`);
      return ok(Object.entries(value).map(([key, inner]): Value => ({ key, value: inner })));
    case 'nested':
      return ok(product(asList(value).map(asList)));
    case 'together':
      return ok(together(asList(value).map(asList)));
    case 'sequence':
      return sequence(value, loop.over.span);
    case 'fileglob':
      return ok(asList(value).flatMap((pattern) => fileglob(String(pattern), dirs)));
    case 'first_found':
      return firstFound(value, dirs, loop.over.span);
  }
}

function kindOf(value: Value): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return isMap(value) ? 'a map' : `a ${typeof value}`;
}

function asList(value: Value): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [value];
}

function product(lists: readonly (readonly Value[])[]): readonly Value[] {
  return lists.reduce<Value[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]]);
}

function together(lists: readonly (readonly Value[])[]): readonly Value[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, i) => lists.map((list) => list[i] ?? null));
}

/** `start=1 end=5 stride=2 format=web%02d count=3`, or a map of the same (Ansible: sequence lookup). */
function sequence(value: Value, span: Span): Result<readonly Value[]> {
  const settings: ValueMap = isMap(value)
    ? value
    : Object.fromEntries(
        String(value)
          .split(/\s+/)
          .filter(Boolean)
          .map((pair) => pair.split('=', 2) as [string, string]),
      );
  const number = (name: string, otherwise: number) => Number(settings[name] ?? otherwise);
  const start = number('start', 1);
  const stride = number('stride', 1);
  const end = settings.count === undefined ? number('end', Number.NaN) : start + stride * (number('count', 0) - 1);
  const length = Math.floor((end - start) / stride) + 1;
  if (![start, stride, end].every(Number.isInteger) || stride === 0) {
    return fail(error('type', '`with_sequence` takes whole numbers for `start`, `end` or `count`, and `stride`', span));
  }
  if (length > LONGEST_SEQUENCE) return fail(error('type', `a sequence of ${length} items is too long`, span));
  const format = String(settings.format ?? '%d');
  const show = (n: number) =>
    format.replace(/%(0?)(\d*)([dx])/, (_, zero: string, width: string, base: string) =>
      n.toString(base === 'x' ? 16 : 10).padStart(Number(width || 0), zero ? '0' : ' '),
    );
  return ok(Array.from({ length: Math.max(0, length) }, (_, i) => show(start + i * stride)));
}

/** Files on the controller whose names match; only the last component is a pattern (Ansible: fileglob lookup). */
function fileglob(pattern: string, dirs: readonly string[]): readonly string[] {
  const parents = isAbsolute(pattern)
    ? [dirname(pattern)]
    : dirs.flatMap((dir) => [join(dir, 'files', dirname(pattern)), join(dir, dirname(pattern))]);
  const matches = glob(basename(pattern));
  for (const parent of parents) {
    if (!statOf(parent)?.isDirectory()) continue;
    const found = readdirSync(parent, { withFileTypes: true }).filter(
      (entry) => entry.isFile() && matches.test(entry.name),
    );
    if (found.length > 0) return found.map((entry) => resolve(parent, entry.name)).sort();
  }
  return [];
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${source}$`, 's');
}

function firstFound(value: Value, dirs: readonly string[], span: Span): Result<readonly Value[]> {
  const settings = isMap(value) ? value : undefined;
  const names = asList(settings ? (settings.files ?? []) : value).map(String);
  const places =
    settings?.paths === undefined
      ? dirs.flatMap((dir) => [join(dir, 'files'), dir])
      : asList(settings.paths).map(String);
  for (const name of names) {
    for (const place of isAbsolute(name) ? ['/'] : places) {
      const path = resolve(place, name);
      if (statOf(path)?.isFile()) return ok([path]);
    }
  }
  if (settings?.skip === true) return ok([]);
  return fail(
    error('file', `none of these files is there: ${names.join(', ')}`, span, 'Set `skip: true` to go on without one.'),
  );
}
