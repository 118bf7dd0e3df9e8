import type { Value } from '../../engine/language/values.ts';
import { sql } from '../../engine/resources/postgresql/sql.ts';

/** A piece of SQL text: code, or what the server takes as it is (literals, quoted names, comments). */
interface Piece {
  readonly kind: 'code' | 'quoted' | 'comment';
  readonly text: string;
}

/** PostgreSQL's lexical structure, chapter 4.1. What is not closed goes on to the end, and the server says so. */
const PIECES = [
  ['comment', /--[^\n]*/y],
  ['quoted', /[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)/y],
  ['quoted', /'(?:[^']|'')*(?:'|$)/y],
  ['quoted', /"(?:[^"]|"")*(?:"|$)/y],
  ['quoted', /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?(?:\$\1\$|$(?![\s\S]))/y],
  // A word takes its digits and dollars with it: `a$1$` begins no quote.
  ['code', /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d[\w.]*|[\s\S]/y],
] as const;

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length; ) {
    const piece = text.startsWith('/*', at) ? blockComment(text, at) : pieceAt(text, at);
    pieces.push(piece);
    at += piece.text.length;
  }
  return pieces;
}

function pieceAt(text: string, at: number): Piece {
  // `e` belongs to a literal only where it begins a word.
  for (const [kind, pattern] of PIECES) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined && found !== '') return { kind, text: found };
  }
  return { kind: 'code', text: text.slice(at, at + 1) };
}

/** Comments of this kind stand in each other. */
function blockComment(text: string, start: number): Piece {
  let depth = 0;
  for (let at = start; at < text.length; ) {
    if (text.startsWith('/*', at)) depth++;
    else if (text.startsWith('*/', at)) depth--;
    else {
      at++;
      continue;
    }
    at += 2;
    if (depth === 0) return { kind: 'comment', text: text.slice(start, at) };
  }
  return { kind: 'comment', text: text.slice(start) };
}

export type Prepared =
  | {
      readonly ok: true;
      /** For psql: one message to the server, without its end. */
      readonly text: string;
      /** The first word of each statement, in capitals. */
      readonly verbs: readonly string[];
    }
  | { readonly ok: false; readonly problem: string };

/**
 * A query as it can be given to psql, which has a language of its own around SQL: backslashes begin commands and
 * colons variables. Several statements go in one message, as with other clients.
 */
export function prepareQuery(query: string): Prepared {
  if (query.includes('\0')) return { ok: false, problem: 'a NUL character cannot stand in SQL' };
  const pieces = withoutEnd(piecesOf(query));
  let text = '';
  const verbs: string[] = [];
  let open = true;
  pieces.forEach(({ kind, text: own }, i) => {
    const code = kind === 'code';
    if (code && own === '\\') open = false;
    // A colon before a word is of a slice; a blank after it changes nothing.
    const slice = code && own === ':' && pieces[i - 1]?.text !== ':' && /^["'\w]/.test(pieces[i + 1]?.text ?? '');
    text += code && own === ';' ? '\\;' : slice ? ': ' : own;
  });
  if (!open) return { ok: false, problem: 'a backslash can only stand in quotes' };
  for (const statement of split(pieces)) {
    const verb = statement.find((piece) => piece.kind !== 'comment' && /[^\s(]/.test(piece.text))?.text.toUpperCase();
    if (verb !== undefined) verbs.push(verb);
  }
  if (verbs.length === 0) return { ok: false, problem: 'the query is empty' };
  return { ok: true, text, verbs };
}

function withoutEnd(pieces: readonly Piece[]): readonly Piece[] {
  const last = pieces.findLastIndex(({ kind, text }) => kind !== 'comment' && !/^[\s;]$/.test(text));
  const kept = pieces.slice(0, last + 1);
  // A comment up to the end of the line would take what ends the query with it.
  return kept.at(-1)?.kind === 'comment' ? [...kept, { kind: 'code', text: '\n' }] : kept;
}

function split(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const all: Piece[][] = [[]];
  for (const piece of pieces) {
    if (piece.kind === 'code' && piece.text === ';') all.push([]);
    else all.at(-1)?.push(piece);
  }
  return all;
}

/**
 * Puts arguments in the places of `%s` and `%(name)s`, quoted, as psycopg does; `%%` is a percent sign. Without
 * arguments nothing is replaced.
 */
export function withArguments(
  query: string,
  positional: readonly Value[] | undefined,
  named: Readonly<Record<string, Value>> | undefined,
): { readonly ok: true; readonly query: string } | { readonly ok: false; readonly problem: string } {
  if (positional === undefined && named === undefined) return { ok: true, query };
  let next = 0;
  let problem: string | undefined;
  const replaced = query.replace(/%(?:%|s|\(([^)]*)\)s|[\s\S]?)/g, (found, key: string | undefined) => {
    if (found === '%%') return '%';
    const value = found === '%s' ? positional?.[next++] : key === undefined ? undefined : named?.[key];
    if (value === undefined) {
      problem ??=
        key === undefined && found !== '%s'
          ? `\`${found}\` is no place for an argument; a percent sign is \`%%\``
          : `there is no argument for \`${found}\``;
      return '';
    }
    const text = argument(value);
    if (text === undefined) problem ??= `the argument for \`${found}\` is a map, which SQL has no literal for`;
    return text ?? '';
  });
  if (problem === undefined && positional !== undefined && next < positional.length)
    problem = `there are ${positional.length} arguments for ${next} places`;
  return problem === undefined ? { ok: true, query: replaced } : { ok: false, problem };
}

function argument(value: Value): string | undefined {
  if (Array.isArray(value)) return sql`${arrayText(value)}`.sql.trim();
  if (value instanceof Number) return String(value);
  if (typeof value === 'object' && value !== null) return undefined;
  return sql`${value as string}`.sql.trim();
}

/** A list is an array's text, as in Ansible: `{1,2,"three"}`. */
function arrayText(items: readonly Value[]): string {
  const texts = items.map((item) => {
    if (Array.isArray(item)) return arrayText(item);
    if (item === null) return 'NULL';
    if (typeof item === 'number' || typeof item === 'boolean' || item instanceof Number) return String(item);
    return `"${String(item).replace(/[\\"]/g, '\\$&')}"`;
  });
  return `{${texts.join(',')}}`;
}
