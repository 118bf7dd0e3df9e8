import { unifiedDiff } from '../../unified_diff.ts';
import { type Markup, markup } from '../markup.ts';

interface Line {
  /** Its number in its file. */
  readonly n: number;
  readonly text: string;
}

/** Lines that are the same on both sides, or those that others take the place of. */
interface Block {
  readonly same: boolean;
  readonly before: Line[];
  readonly after: Line[];
}

/**
 * A diff that reads both ways: each block has its old and its new lines side by side, or below each other, as the page
 * is told by a switch. `undefined`: the two differ too much.
 */
export function diffMarkup(before: string, after: string): Markup | undefined {
  const lines = unifiedDiff(before, after);
  if (lines === undefined) return undefined;
  return markup`<div class="diff">${hunksOf(lines).map(
    (blocks) => markup`<div class="hunk">${blocks.map(blockMarkup)}</div>`,
  )}</div>`;
}

function hunksOf(lines: readonly string[]): readonly (readonly Block[])[] {
  const hunks: Block[][] = [];
  let [before, after] = [1, 1];
  for (const line of lines) {
    const [, first, second] = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@$/.exec(line) ?? [];
    if (first !== undefined) {
      hunks.push([]);
      [before, after] = [Number(first), Number(second)];
      continue;
    }
    const hunk = hunks.at(-1);
    if (hunk === undefined) continue;
    const text = line.slice(1);
    const sign = line[0];
    if (sign === '\\') {
      markEnd(hunk);
      continue;
    }
    const block = blockFor(hunk, sign === ' ');
    if (sign !== '+') block.before.push({ n: before++, text });
    if (sign !== '-') block.after.push({ n: after++, text });
  }
  return hunks;
}

function blockFor(hunk: Block[], same: boolean): Block {
  const last = hunk.at(-1);
  if (last !== undefined && last.same === same) return last;
  const block: Block = { same, before: [], after: [] };
  hunk.push(block);
  return block;
}

/** `\ No newline at end of file` is about the line before it. */
function markEnd(hunk: readonly Block[]): void {
  const block = hunk.at(-1);
  if (block === undefined) return;
  const sides = block.same ? [block.before, block.after] : [block.after.length > 0 ? block.after : block.before];
  for (const lines of sides) {
    const last = lines.pop();
    if (last !== undefined) lines.push({ ...last, text: `${last.text} (no newline at the end)` });
  }
}

function blockMarkup({ same, before, after }: Block): Markup {
  if (same) {
    const lines = before.map((line, i) => lineMarkup('', line.n, after[i]?.n, line.text));
    const again = after.map((line) => lineMarkup('', undefined, line.n, line.text));
    return markup`<div class="block"><div class="old">${lines}</div><div class="new again" aria-hidden="true">${again}</div></div>`;
  }
  const changed = before.length === after.length ? before.map((line, i) => parts(line.text, after[i]?.text ?? '')) : [];
  const old = before.map(({ n, text }, i) => lineMarkup('del', n, undefined, changed[i]?.before ?? text));
  const now = after.map(({ n, text }, i) => lineMarkup('ins', undefined, n, changed[i]?.after ?? text));
  return markup`<div class="block"><div class="old">${old}</div><div class="new">${now}</div></div>`;
}

/** Numbers are attributes: whoever copies lines gets no numbers. */
function lineMarkup(
  kind: '' | 'del' | 'ins',
  old: number | undefined,
  now: number | undefined,
  text: Markup | string,
): Markup {
  const numbers = markup`data-o="${old ?? ''}" data-n="${now ?? ''}"`;
  if (kind === '') return markup`<div class="line" ${numbers}><span>${text}</span></div>`;
  if (kind === 'del') return markup`<div class="line gone" ${numbers}><del>${text}</del></div>`;
  return markup`<div class="line come" ${numbers}><ins>${text}</ins></div>`;
}

/** What differs between two lines that mostly agree. */
function parts(before: string, after: string): { readonly before: Markup; readonly after: Markup } | undefined {
  const [old, now] = [[...before], [...after]];
  const most = Math.min(old.length, now.length);
  let start = 0;
  while (start < most && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < most - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  if (start + end < most / 3) return undefined;
  const marked = (chars: readonly string[]): Markup => {
    const piece = (from: number, to?: number): string => chars.slice(from, to).join('');
    const until = chars.length - end;
    return markup`${piece(0, start)}<mark>${piece(start, until)}</mark>${piece(until)}`;
  };
  return { before: marked(old), after: marked(now) };
}
