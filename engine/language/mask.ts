import type { Secrets } from '../secrets/secrets.ts';
import type { Diagnostic, Source, Span } from './diagnostics.ts';

/** What the name of a secret holds: `ansible_password`, `ansible_become_pass`, `db_secret`, `api_token`. */
const SECRET_NAME = /pass|secret|token|private_?key|api_?key|credential/gi;
/** A path to a secret is none. */
const PATH_NAME = /_(?:file|files|path|dir)$/i;

/**
 * The source with what the names say are secrets replaced by asterisks, character by character, so that every place
 * in it is still the same place. What a diagnostic shows of a file comes from such a copy: the lines around a mistake
 * hold passwords that nobody has read yet. Rather too much is masked than too little; of a template only its texts.
 */
export function maskSource(source: Source): Source {
  if (source.text.search(SECRET_NAME) === -1) return source;
  // A value goes on in the lines below as long as they stand further in than its key.
  let column: number | undefined;
  const lines = source.text.split('\n').map((line) => {
    if (column !== undefined && (line.trim() === '' || line.length - line.trimStart().length > column)) {
      return stars(line);
    }
    const masked = maskLine(line);
    column = masked.column;
    return masked.line;
  });
  return { path: source.path, text: lines.join('\n') };
}

interface MaskedLine {
  readonly line: string;
  /** Where the key of a YAML value stands that is a secret. */
  readonly column: number | undefined;
}

function maskLine(line: string): MaskedLine {
  let masked = line;
  let from = 0;
  for (const { index } of line.matchAll(SECRET_NAME)) {
    if (index < from) continue;
    const name = nameAround(line, index);
    const value = valueAfter(line, name.end);
    from = name.end;
    if (value === undefined || PATH_NAME.test(line.slice(name.start, name.end))) continue;
    masked = masked.slice(0, value.start) + maskValue(masked.slice(value.start, value.end)) + masked.slice(value.end);
    from = value.end;
    if (value.yaml) return { line: masked, column: name.start };
  }
  return { line: masked, column: undefined };
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

function nameAround(line: string, index: number): Stretch {
  let start = index;
  let end = index;
  while (start > 0 && /[\w.-]/.test(line.charAt(start - 1))) start -= 1;
  while (end < line.length && /[\w.-]/.test(line.charAt(end))) end += 1;
  return { start, end };
}

/** The value behind `name=`, `name: ` or `"name": `, or behind a name that lacks its sign. */
function valueAfter(line: string, nameEnd: number): (Stretch & { readonly yaml: boolean }) | undefined {
  const sign = /^["']?[ \t]*(=|:(?=\s|$)|(?<=[ \t]))[ \t]*/.exec(line.slice(nameEnd, nameEnd + 200));
  if (sign === null) return undefined;
  const start = nameEnd + sign[0].length;
  if (sign[1] === ':') return { start, end: line.length, yaml: true };
  // In a host line the value ends at a blank, if another assignment follows; in `[web:vars]` it may hold blanks.
  let end = start;
  let quote = '';
  for (; end < line.length; end += 1) {
    const char = line.charAt(end);
    if (quote === '' && /\s/.test(char) && /^\s+[A-Za-z_]\w*=/.test(line.slice(end, end + 200))) break;
    if (char === '\\' && quote !== "'") end += 1;
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
  }
  return { start, end: Math.min(end, line.length), yaml: false };
}

function stars(text: string): string {
  return text.replace(/\S/g, '*');
}

/** Names, filters and operators are no secrets, and what is wrong with a template cannot be seen without them. */
function maskValue(text: string): string {
  let masked = '';
  let at = 0;
  for (;;) {
    const open = text.indexOf('{{', at);
    const close = open === -1 ? -1 : text.indexOf('}}', open + 2);
    if (close === -1) return masked + stars(text.slice(at));
    masked += stars(text.slice(at, open)) + maskQuoted(text.slice(open, close + 2));
    at = close + 2;
  }
}

function maskQuoted(template: string): string {
  return template.replace(/(["'])(.*?)(\1|\}\}$)/g, (_, open: string, inner: string, close: string) => {
    return `${open}${stars(inner)}${close}`;
  });
}

/**
 * The same diagnostics as they may be shown: their places lie in copies of their sources in which all that is secret,
 * by its name or as such, is covered; and their words tell none of it.
 */
export function maskDiagnostics(
  diagnostics: readonly Diagnostic[],
  { mask, cover }: Pick<Secrets, 'mask' | 'cover'>,
): readonly Diagnostic[] {
  const masked = new Map<Source, Source>();
  return diagnostics.map((diagnostic) => {
    const { span } = diagnostic;
    const words = { ...diagnostic, message: mask(diagnostic.message), hint: diagnostic.hint && mask(diagnostic.hint) };
    if (span === undefined) return words;
    const { path } = span.source;
    const source = masked.get(span.source) ?? { path: mask(path), text: cover(maskSource(span.source).text) };
    masked.set(span.source, source);
    return hideIn(words, span, { ...span, source });
  });
}

function hideIn(diagnostic: Diagnostic, raw: Span, span: Span): Diagnostic {
  const secret = raw.source.text.slice(raw.start, raw.end);
  if (secret === '' || secret === span.source.text.slice(span.start, span.end)) return { ...diagnostic, span };
  const hide = (text: string): string => text.replaceAll(secret, '***').replaceAll(unquoted(secret), '***');
  return { ...diagnostic, span, message: hide(diagnostic.message), hint: diagnostic.hint && hide(diagnostic.hint) };
}

function unquoted(text: string): string {
  const inner = /^(["'])(.+)\1$/s.exec(text)?.[2];
  return inner ?? text;
}
