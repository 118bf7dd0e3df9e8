import { type Diagnostic, error } from '../diagnostics.ts';
import { textPlace, within } from '../text_place.ts';
import type { YamlEntry, YamlScalar } from '../yaml.ts';

/**
 * Arguments written as text: `dest=/etc/motd content="a b"`, `chdir=/tmp make install`. Ansible's rules
 * (parsing/splitter.py): parts are split at white space that stands in no quotes and in no template.
 */
export interface FreeForm {
  readonly options: readonly YamlEntry[];
  /** What is left when the options are taken out, with its white space. */
  readonly rest: YamlScalar | undefined;
  readonly problems: readonly Diagnostic[];
}

/** What `command`, `shell`, `raw` and `script` take out of their text; any other `x=y` belongs to the command. */
const COMMAND_OPTIONS = new Set([
  'creates',
  'removes',
  'chdir',
  'executable',
  'stdin',
  'stdin_add_newline',
  'strip_empty_ends',
]);

export function readFreeForm(scalar: YamlScalar, command: boolean): FreeForm {
  const { text } = scalar;
  const words = splitWords(text);
  if (words === undefined) {
    const problem = error(
      'parameter',
      'a quote or a template is opened here and never closed',
      scalar.span,
      'Close it, or write the parameters as a map.',
    );
    return { options: [], rest: undefined, problems: [problem] };
  }
  const options: YamlEntry[] = [];
  const rest: Word[] = [];
  for (const word of words) {
    const written = text.slice(word.start, word.end);
    // A backslash alone joins lines, and is gone wherever it stands.
    if (written === '\\') continue;
    const equals = equalsIn(decodeEscapes(written)) === -1 ? -1 : equalsIn(written);
    const key = equals === -1 ? '' : decodeEscapes(written.slice(0, equals));
    if (equals === -1 || (command && !COMMAND_OPTIONS.has(key))) rest.push(word);
    else options.push(option(scalar, word, key.trim(), word.start + equals + 1));
  }
  return { options, rest: joinRest(scalar, rest, words), problems: [] };
}

interface Word {
  readonly start: number;
  readonly end: number;
}

/** `undefined` where quotes or templates are not closed. */
function splitWords(text: string): readonly Word[] | undefined {
  const words: Word[] = [];
  let start = -1;
  let quote = '';
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const pair = text.slice(at, at + 2);
    if (/\s/.test(character) && quote === '' && depth === 0) {
      if (start !== -1) words.push({ start, end: at });
      start = -1;
      continue;
    }
    if (start === -1) start = at;
    if (pair === '{{' || pair === '{%' || pair === '{#') depth += 1;
    else if ((pair === '}}' || pair === '%}' || pair === '#}') && depth > 0) depth -= 1;
    if ((character === '"' || character === "'") && text.charAt(at - 1) !== '\\') {
      if (quote === '') quote = character;
      else if (quote === character) quote = '';
    }
  }
  if (quote !== '' || depth > 0) return undefined;
  if (start !== -1) words.push({ start, end: text.length });
  return words;
}

/** The first `=` that is not escaped and has something before it. */
function equalsIn(word: string): number {
  for (let at = word.indexOf('=', 1); at !== -1; at = word.indexOf('=', at + 1)) {
    if (word.charAt(at - 1) !== '\\') return at;
  }
  return -1;
}

function option(scalar: YamlScalar, word: Word, key: string, valueStart: number): YamlEntry {
  const written = scalar.text.slice(valueStart, word.end);
  const quoted = /^(["']).*\1$/s.test(written) && written.length > 1;
  const inner = quoted ? part(scalar, valueStart + 1, word.end - 1) : part(scalar, valueStart, word.end);
  const text = unquote(decodeEscapes(written).trim());
  const keySpan = part(scalar, word.start, valueStart - 1).span;
  return { key, keySpan, value: { ...inner, text, value: text } };
}

/** ansible.parsing.quoting.unquote */
function unquote(text: string): string {
  const quote = text.charAt(0);
  const isQuoted = (quote === '"' || quote === "'") && text.length > 1 && text.endsWith(quote) && text.at(-2) !== '\\';
  return isQuoted ? text.slice(1, -1) : text;
}

function joinRest(scalar: YamlScalar, rest: readonly Word[], words: readonly Word[]): YamlScalar | undefined {
  const [first] = rest;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const { text } = scalar;
  // The usual case: a command without options, exactly as it was written.
  if (rest.length === words.length && !/\\=|(?:^|\s)=/.test(text)) return scalar;
  let joined = '';
  for (const word of rest) {
    const next = words[words.indexOf(word) + 1]?.start ?? last.end;
    joined +=
      withoutEscapedEquals(text.slice(word.start, word.end)) + (word === last ? '' : text.slice(word.end, next));
  }
  const span = { ...scalar.span, start: part(scalar, first.start, first.end).span.start };
  return { ...scalar, span, text: joined, value: joined, place: within(textPlace(scalar), first.start) };
}

/** `a\=b` is no option; Ansible then also decodes the other escapes of such a word. */
function withoutEscapedEquals(word: string): string {
  const isEscaped = word.includes('=') && equalsIn(decodeEscapes(word)) === -1;
  return isEscaped ? decodeEscapes(word).replaceAll('\\=', '=') : word;
}

function part(scalar: YamlScalar, start: number, end: number): YamlScalar {
  const place = textPlace(scalar);
  const text = scalar.text.slice(start, end);
  const span = { source: scalar.span.source, start: place.offset(start), end: place.offset(end) };
  return { ...scalar, text, value: text, span, place: within(place, start) };
}

const SINGLE: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Python's escapes, which Ansible decodes in every `key=value`. */
function decodeEscapes(text: string): string {
  return text.replace(/\\(?:U([\da-fA-F]{8})|u([\da-fA-F]{4})|x([\da-fA-F]{2})|([\\'"abfnrtv]))/g, (all, ...groups) => {
    const [long, short, byte, letter] = groups as (string | undefined)[];
    if (letter !== undefined) return SINGLE[letter] ?? all;
    const code = Number.parseInt(long ?? short ?? byte ?? '', 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}
