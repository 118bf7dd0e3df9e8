import { type Delimiters, delimiterPatterns, type Patterns } from './delimiters.ts';
import { scanCode } from './lexer_code.ts';
import { syntaxProblem } from './problem.ts';
import { stripEnd } from './text.ts';
import type { Token, TokenKind } from './tokens.ts';

export interface LexOptions {
  readonly delimiters: Delimiters;
  readonly trimBlocks: boolean;
  readonly lstripBlocks: boolean;
  /** What a line break in text and strings becomes. */
  readonly newline: string;
  /**
   * Backslashes in the strings of `{{ }}` are themselves, as Ansible has it for values in YAML: there
   * `regex_replace('^(\w+)', '\1')` needs no doubling.
   */
  readonly literalBackslashes: boolean;
}

interface Scanner {
  readonly text: string;
  readonly options: LexOptions;
  readonly patterns: Patterns;
  readonly tokens: Token[];
  at: number;
  /** Whether what was read before ends a line, for `lstrip_blocks`. */
  lineStart: boolean;
}

/** Text with `{{ }}`, `{% %}` and `{# #}` as tokens, as jinja2/lexer.py does it. Line breaks in it are `\n`. */
export function lexTemplate(text: string, options: LexOptions): readonly Token[] {
  const patterns = delimiterPatterns(options.delimiters);
  const scanner: Scanner = { text, options, patterns, tokens: [], at: 0, lineStart: true };
  while (scanner.at < text.length) scanTag(scanner);
  scanner.tokens.push({ kind: 'end', text: '', start: text.length, end: text.length });
  return scanner.tokens;
}

function scanTag(scanner: Scanner): void {
  const { text, patterns, options } = scanner;
  patterns.begin.lastIndex = scanner.at;
  const begin = patterns.begin.exec(text);
  if (begin === null) {
    pushData(scanner, text.slice(scanner.at), scanner.at);
    scanner.at = text.length;
    return;
  }
  const start = begin.index;
  const delimiter = begin[0];
  const kind = patterns.kinds.get(delimiter) ?? 'output';
  const sign = /[-+]/.exec(text.charAt(start + delimiter.length))?.[0] ?? '';
  const data = text.slice(scanner.at, start);
  pushData(scanner, stripped(data, sign, kind !== 'output' && options.lstripBlocks, scanner.lineStart), scanner.at);
  scanner.at = start + delimiter.length + sign.length;
  if (kind === 'comment') endComment(scanner, start);
  else if (kind === 'output' || !scanRaw(scanner, start)) scanCodeTag(scanner, kind, start);
}

function stripped(data: string, sign: string, lstrip: boolean, lineStart: boolean): string {
  if (sign === '-') return stripEnd(data);
  if (sign === '+' || !lstrip) return data;
  const line = data.lastIndexOf('\n') + 1;
  return (line > 0 || lineStart) && /^\s+$/.test(data.slice(line)) ? data.slice(0, line) : data;
}

function pushData(scanner: Scanner, data: string, start: number): void {
  if (data === '') return;
  const text = scanner.options.newline === '\n' ? data : data.replaceAll('\n', scanner.options.newline);
  scanner.tokens.push({ kind: 'data', text, start, end: start + data.length });
}

function endComment(scanner: Scanner, start: number): void {
  const end = scanner.text.indexOf(scanner.options.delimiters.commentEnd, scanner.at);
  if (end === -1) {
    throw syntaxProblem(
      'this comment has no end',
      { start, end: scanner.at },
      `Close it with \`${scanner.options.delimiters.commentEnd}\`.`,
    );
  }
  const sign = end > scanner.at ? scanner.text.charAt(end - 1) : '';
  leave(scanner, end + scanner.options.delimiters.commentEnd.length, sign, true);
}

/** Moves behind the end of a tag: `-` takes the white space after it, `trim_blocks` one line break. */
function leave(scanner: Scanner, at: number, sign: string, trims: boolean): void {
  scanner.at = at;
  if (sign === '-') {
    scanner.patterns.space.lastIndex = at;
    scanner.at += scanner.patterns.space.exec(scanner.text)?.[0].length ?? 0;
  } else if (sign !== '+' && trims && scanner.options.trimBlocks && scanner.text.charAt(at) === '\n') {
    scanner.at += 1;
  }
  scanner.lineStart = scanner.text.charAt(scanner.at - 1) === '\n';
}

function scanRaw(scanner: Scanner, start: number): boolean {
  const { rawBegin, rawEnd } = scanner.patterns;
  rawBegin.lastIndex = start;
  const begin = rawBegin.exec(scanner.text);
  if (begin === null) return false;
  const from = start + begin[0].length;
  rawEnd.lastIndex = from;
  const end = rawEnd.exec(scanner.text);
  if (end === null)
    throw syntaxProblem('this `raw` block has no end', { start, end: from }, 'Close it with `{% endraw %}`.');
  const data = scanner.text.slice(from, end.index);
  const lineStart = begin[0].endsWith('\n');
  pushData(scanner, stripped(data, end[1] ?? '', scanner.options.lstripBlocks, lineStart), from);
  leave(scanner, end.index + end[0].length, end[2] ?? '', true);
  return true;
}

function scanCodeTag(scanner: Scanner, kind: 'output' | 'block', start: number): void {
  const { options, tokens } = scanner;
  const endText = kind === 'output' ? options.delimiters.outputEnd : options.delimiters.blockEnd;
  const begin = scanner.text.slice(
    start,
    start + (kind === 'output' ? options.delimiters.outputBegin : options.delimiters.blockBegin).length,
  );
  push(tokens, `${kind}_begin`, begin, start);
  const found = scanCode(scanner.text, scanner.at, tokens, {
    end: endText,
    signs: kind === 'output' ? '-' : '-+',
    literalBackslashes: options.literalBackslashes && kind === 'output',
    newline: options.newline,
  });
  if (found === undefined) {
    const what = kind === 'output' ? 'print statement' : 'statement';
    throw syntaxProblem(
      `this ${what} has no end`,
      { start, end: start + begin.length },
      `Close it with \`${endText}\`.`,
    );
  }
  push(tokens, `${kind}_end`, endText, found.at);
  leave(scanner, found.at + endText.length, found.sign, kind === 'block');
}

function push(tokens: Token[], kind: TokenKind, text: string, start: number): void {
  tokens.push({ kind, text, start, end: start + text.length });
}
