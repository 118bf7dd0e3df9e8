import type { CST } from 'yaml';
import { type Diagnostic, error, type Source } from '../diagnostics.ts';
import { nestedMap } from './errors.ts';

const DEPTH_LIMIT = 128;

/**
 * The parser does not recurse, but the composer does, and where it exhausts the stack inside a regular expression
 * V8 ends the process instead of throwing.
 */
export function findDepth(source: Source, tokens: readonly CST.Token[]): Diagnostic | undefined {
  const open: { readonly token: CST.Token; readonly depth: number; readonly parent: number }[] = [];
  for (const token of tokens) open.push({ token, depth: 0, parent: -1 });
  let misread: number | undefined;
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    const { token, depth } = each;
    if (depth > DEPTH_LIMIT) {
      // Many lines of `a: b: c` look like one map inside the other.
      if (misread !== undefined) return nestedMap({ source, start: misread, end: misread });
      const place = { source, start: token.offset, end: token.offset + 1 };
      return error('yaml', `this is nested more than ${DEPTH_LIMIT} levels deep`, place);
    }
    if (token.type === 'document' && token.value !== undefined) open.push({ token: token.value, depth, parent: -1 });
    if (!('items' in token)) continue;
    if (token.type === 'block-map' && token.indent === each.parent) misread ??= token.offset;
    const parent = token.type === 'block-map' ? token.indent : -1;
    for (const { key, value } of token.items) {
      for (const inner of [key, value]) if (inner) open.push({ token: inner, depth: depth + 1, parent });
    }
  }
  return undefined;
}
