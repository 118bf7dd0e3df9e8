import type { Document, YAMLError } from 'yaml';
import { type Diagnostic, error, type Source, type Span } from '../diagnostics.ts';
import { yamlLibrary } from './library.ts';

/** YAML's errors in the user's words: one a line, since one mistake makes the parser stumble several times. */
export function explainYamlError(
  source: Source,
  errors: readonly YAMLError[],
  document: Document.Parsed,
): readonly Diagnostic[] {
  const lines = new Set<number>();
  const told: Diagnostic[] = [];
  for (const each of errors) {
    const errorLine = source.text.lastIndexOf('\n', each.pos[0] - 1);
    if (lines.has(errorLine)) continue;
    const diagnostic = explain(source, each, document);
    const line = source.text.lastIndexOf('\n', (diagnostic.span?.start ?? 0) - 1);
    if (!lines.has(line)) told.push(diagnostic);
    lines.add(line).add(errorLine);
  }
  return told;
}

function explain(source: Source, yamlError: YAMLError, document: Document.Parsed): Diagnostic {
  const at = Math.min(yamlError.pos[0], source.text.length);
  const template = templateBefore(source, at);
  if (template !== undefined) return template;
  const here: Span = { source, start: at, end: Math.min(endOfLine(source.text, at), Math.max(at, yamlError.pos[1])) };
  const { message } = yamlError;
  switch (yamlError.code) {
    case 'TAB_AS_INDENT':
      return error('yaml', 'a tab stands where YAML wants spaces', here, 'Indent with spaces.');
    case 'BAD_SCALAR_START':
      return startsWrong(here);
    case 'BAD_DQ_ESCAPE':
      return badEscape(here, message);
    case 'BLOCK_AS_IMPLICIT_KEY':
      return message.includes('sequence') ? itemOutOfLine(here) : nestedMap(here);
    case 'MULTILINE_IMPLICIT_KEY':
      return noColon({ ...here, end: endOfLine(source.text, at) });
    case 'MISSING_CHAR':
      if (/closing ['"]quote/.test(message)) return unclosedQuote(here, document);
      if (message.includes('followed by map values')) return noColon(here);
      if (message.includes('without - indicator')) return indentation(here);
      if (message.startsWith('Flow')) return unclosedFlow(here, message, document);
      break;
    case 'BAD_INDENT':
      if (message.startsWith('Flow')) return unclosedFlow(here, message, document);
      if (message.startsWith('Block scalar')) return blockScalarIndent(here);
      return indentation(here);
    case 'BAD_ALIAS':
      return error(
        'yaml',
        'this is not a name for an alias',
        here,
        'A text that starts with `*` must stand in quotes.',
      );
    case 'UNEXPECTED_TOKEN':
      return unexpected(here, message);
    case 'RESOURCE_EXHAUSTION':
      return error('yaml', 'this is nested too deeply', here);
    default:
  }
  return error('yaml', lowerFirst(message), here);
}

function startsWrong(here: Span): Diagnostic {
  const character = here.source.text.charAt(here.start);
  return error('yaml', `a text cannot start with \`${character}\` in YAML`, here, 'Put the whole value in quotes.');
}

function badEscape(here: Span, message: string): Diagnostic {
  return error(
    'yaml',
    `\`${message.replace('Invalid escape sequence ', '')}\` means nothing inside double quotes`,
    { ...here, end: here.start + 2 },
    'Write `\\\\` for a backslash, or use single quotes, in which it means itself.',
  );
}

/** `here` begins behind the first colon of `a: b: c`, or of a line whose successor is indented too far. */
export function nestedMap(here: Span): Diagnostic {
  const { source, start } = here;
  const end = endOfLine(source.text, start);
  const line = source.text.slice(start, end);
  if (/:(\s|$)/.test(line)) {
    return error(
      'yaml',
      'a text that holds `: ` must stand in quotes',
      { source, start, end: start + line.trimEnd().length },
      'Put the whole value in quotes.',
    );
  }
  const next = end + 1 + (/^[ \t]*/.exec(source.text.slice(end + 1))?.[0].length ?? 0);
  return indentation({ source, start: next, end: endOfLine(source.text, next) });
}

function indentation(here: Span): Diagnostic {
  return error(
    'yaml',
    'this line is not indented like its neighbours',
    firstText(here),
    'Keys of one map, and items of one list, start in the same column; what belongs to a key is indented further.',
  );
}

function itemOutOfLine(here: Span): Diagnostic {
  return error(
    'yaml',
    'this item is not in line with the items above it',
    firstText(here),
    'The `-` of all items of a list stand in the same column.',
  );
}

function noColon(here: Span): Diagnostic {
  return error('yaml', 'expected `key: value`', here, 'A `:` followed by a space is missing here.');
}

function unclosedQuote(here: Span, document: Document.Parsed): Diagnostic {
  const start = openingOf(document, here.start) ?? here.start;
  const quote = here.source.text.charAt(start);
  return error('yaml', `this ${quote} is never closed`, { source: here.source, start, end: start + 1 });
}

function unclosedFlow(here: Span, message: string, document: Document.Parsed): Diagnostic {
  const start = openingOf(document, here.start);
  const [opening, closing] = message.includes('sequence') ? ['[', ']'] : ['{', '}'];
  if (start === undefined) return error('yaml', `expected \`${closing}\` before this`, here);
  return error(
    'yaml',
    `this \`${opening}\` is never closed`,
    { source: here.source, start, end: start + 1 },
    `Close it with \`${closing}\`.`,
  );
}

function blockScalarIndent(here: Span): Diagnostic {
  return error(
    'yaml',
    'the lines of a `|` or `>` text must be indented further than its key',
    here,
    'Indent with spaces.',
  );
}

function unexpected(here: Span, message: string): Diagnostic {
  const before = here.source.text.slice(0, here.start).trimEnd().at(-1);
  if (message.endsWith('at node end') && (before === '"' || before === "'")) {
    return error(
      'yaml',
      'nothing may follow the closing quote',
      { ...here, end: endOfLine(here.source.text, here.start) },
      `Put the whole value in quotes; inside them write ${before === '"' ? '`\\"` for `"`' : "`''` for `'`"}.`,
    );
  }
  if (message.includes('block-seq-ind')) {
    return error('yaml', 'a list starts on a line of its own', here, 'Put `-` on the next line, or write `[a, b]`.');
  }
  const token = here.source.text.slice(here.start, here.end).trim();
  return error('yaml', token === '' ? lowerFirst(message) : `\`${token}\` is not expected here`, here);
}

export const UNQUOTED_TEMPLATE = 'a value that starts with a template must stand in quotes';

/** `key: {{ x }}`: YAML takes the braces for a map. */
export function unquotedTemplate(place: Span): Diagnostic | undefined {
  return place.source.text.startsWith('{{', place.start) ? templateError(place.source, place.start) : undefined;
}

function templateBefore(source: Source, at: number): Diagnostic | undefined {
  const lineStart = source.text.lastIndexOf('\n', at - 1) + 1;
  const line = source.text.slice(lineStart, endOfLine(source.text, at));
  const found = /^(?:[^"'#]*?(?:[:-]|\[|,)\s+|\s*)(\{[{%#])/d.exec(line)?.indices?.[1];
  return found !== undefined && lineStart + found[0] <= at ? templateError(source, lineStart + found[0]) : undefined;
}

function templateError(source: Source, start: number): Diagnostic {
  const text = templateText(source, start);
  return error(
    'yaml',
    UNQUOTED_TEMPLATE,
    { source, start, end: start + text.length },
    text.includes('"') ? `Write '${text.replaceAll("'", "''")}'.` : `Write "${text}".`,
  );
}

/** What the user means as the value: up to a comment, a colon, or the rest of a list or map in brackets. */
function templateText(source: Source, start: number): string {
  const line = source.text.slice(start, endOfLine(source.text, start));
  const lineStart = source.text.lastIndexOf('\n', start - 1) + 1;
  const inBrackets = /[[{,]/.test(source.text.slice(lineStart, start));
  const template = /^\{\{.*?\}\}|^\{%.*?%\}/.exec(line)?.[0] ?? '';
  const rest = inBrackets ? '' : line.slice(template.length).replace(/:?\s+#.*$|:(\s.*)?$/, '');
  return `${template}${rest}`.trimEnd() || line;
}

/** Where the quoted text or bracketed collection begins that the parser gave up on at `end`. */
function openingOf(document: Document.Parsed, end: number): number | undefined {
  const { isCollection, isScalar, visit } = yamlLibrary();
  let start: number | undefined;
  visit(document, {
    Node(_, node) {
      const opens = isScalar(node) ? node.type?.startsWith('QUOTE') : isCollection(node) && node.flow;
      if (opens && node.range && node.range[1] === end) start = Math.max(start ?? 0, node.range[0]);
    },
  });
  return start;
}

function firstText(here: Span): Span {
  const { source } = here;
  const start = here.start + (/^\s*/.exec(source.text.slice(here.start))?.[0].length ?? 0);
  return { source, start, end: Math.max(start, endOfLine(source.text, start)) };
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  const end = found === -1 ? text.length : found;
  return text.charAt(end - 1) === '\r' && end > from ? end - 1 : end;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
