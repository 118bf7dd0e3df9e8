import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import fc from 'fast-check';
import type { Module } from '../../engine/planning/contracts.ts';
import { bytesOf } from '../../engine/resources/content.ts';
import type { FileValue } from '../../engine/resources/path_value.ts';
import { blockinfile } from '../../modules/files/blockinfile.ts';
import { lineinfile } from '../../modules/files/lineinfile.ts';
import { replace } from '../../modules/files/replace.ts';
import { type Case, planCase } from '../cases/driver.ts';
import { IN_DEPTH } from '../lab/in_depth.ts';
import { runAlone } from './run_modules.ts';

/** Any edit of any file: what the modules of Ansible write, ours wish, to the last byte. */
const line = fc.constantFrom('a', 'b', 'ab', '# BEGIN m', '# END m', 'a b', '', 'x=1', 'é');
const end = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '');
const text = fc.array(fc.tuple(line, end), { maxLength: 7 }).map((lines) => lines.map((l) => l.join('')).join(''));
const pattern = fc.constantFrom(
  'a',
  '^a',
  'b$',
  '^a$',
  '^#',
  'x=(\\d)',
  '(a)|(b)',
  '.',
  '^$',
  '\\s',
  'é',
  '(?m)^b$',
  'a(?P<n>.*)',
  '[^a]',
  'nowhere',
);
const placed = fc.oneof(
  fc.constant({}),
  fc.oneof(pattern, fc.constantFrom('BOF', 'EOF')).map((insertafter) => ({ insertafter })),
  fc.oneof(pattern, fc.constantFrom('BOF', 'EOF')).map((insertbefore) => ({ insertbefore })),
);

const lineEdit = fc.record({
  found: fc.oneof(
    fc.constant({}),
    pattern.map((regexp) => ({ regexp })),
    fc.constantFrom('a', 'b', '=').map((s) => ({ search_string: s })),
  ),
  line: fc.constantFrom('a', 'b', 'c', 'é', '\\1', 'x=\\g<0>'),
  placed,
  firstmatch: fc.boolean(),
  backrefs: fc.boolean(),
  state: fc.constantFrom('present', 'present', 'absent'),
});

const blockEdit = fc.record({
  block: fc.constantFrom('', 'a', 'a\nb\n', 'x\r\n', '\n'),
  placed,
  marker: fc.constantFrom('# {mark} m', '# {mark}'),
  state: fc.constantFrom('present', 'present', 'absent'),
});

const replaceEdit = fc.record(
  {
    regexp: pattern,
    replace: fc.constantFrom('', 'z', '\\g<0>!', '\\n', 'é'),
    after: fc.constantFrom('a', '^b', '\\n'),
    before: fc.constantFrom('b', 'x', '$'),
  },
  { requiredKeys: ['regexp', 'replace'] },
);

interface Edit {
  readonly module: Module<never>;
  readonly text: string;
  readonly params: Record<string, unknown>;
}

function edits(): readonly Edit[] {
  const options = { numRuns: IN_DEPTH ? 150 : 50, seed: 11 };
  const sample = <T>(arbitrary: fc.Arbitrary<T>) => fc.sample(fc.tuple(arbitrary, text), options);
  return [
    ...sample(lineEdit).map(([{ found, placed: place, backrefs, ...rest }, before]) => {
      const backs = backrefs && 'regexp' in found && rest.state === 'present';
      return {
        module: lineinfile as Module<never>,
        text: before,
        params: { ...rest, ...found, ...place, ...(backs && { backrefs }) },
      };
    }),
    ...sample(blockEdit).map(([{ placed: place, ...rest }, before]) => ({
      module: blockinfile as Module<never>,
      text: before,
      params: { ...rest, ...place },
    })),
    ...sample(replaceEdit).map(([params, before]) => ({ module: replace as Module<never>, text: before, params })),
  ].filter((edit) => !meantToDiffer(edit));
}

/** Where Ansible glues a line to another, or adds a line end that nobody asked for. */
function meantToDiffer({ module, text: before, params }: Edit): boolean {
  const open = before !== '' && !before.endsWith('\n');
  if (module.name === 'lineinfile') return open && params.insertafter !== undefined;
  return (
    module.name === 'blockinfile' &&
    /\r(?!\n)|[^\n]$/.test(before) &&
    (params.state === 'absent' || params.block === '')
  );
}

let root = '';
before(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'rb-edits-'));
});
after(() => fs.rmSync(root, { recursive: true, force: true }));

it('edits files as Ansible does', () => {
  const all = edits();
  const files = all.map((edit, i) => {
    const path = join(root, String(i));
    fs.writeFileSync(path, edit.text);
    return path;
  });
  const theirs = runAlone(all.map((edit, i) => [edit.module.name, { ...edit.params, path: files[i] }]));
  all.forEach((edit, i) => {
    const one: Case = { name: '', params: { ...edit.params, path: '/f' }, state: { 'path:/f': { text: edit.text } } };
    const planned = planCase(edit.module, one);
    const where = JSON.stringify([edit.module.name, edit.text, edit.params]);
    const their = theirs[i];
    // We always say so; Ansible only where a line is to be filled in.
    if (/cannot be filled in/.test(planned.wish.failed?.message ?? '')) return;
    assert.equal(
      planned.wish.failed !== undefined,
      their?.failed === true,
      `${where}: ${planned.wish.failed?.message} ${String(their?.msg)}`,
    );
    if (their?.failed === true) return;
    const known = planned.after.get('path:/f');
    const content = known !== undefined && 'value' in known ? (known.value as FileValue).content : undefined;
    const bytes = content === undefined ? undefined : bytesOf(content);
    assert.equal(Buffer.from(bytes ?? []).toString('latin1'), fs.readFileSync(files[i] as string, 'latin1'), where);
    assert.equal(planned.steps.length > 0, their?.changed === true, where);
    assert.equal(planned.wish.result?.msg, their?.msg, where);
  });
});
