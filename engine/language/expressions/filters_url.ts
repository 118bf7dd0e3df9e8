import { inputText } from './arguments.ts';
import { dictOf, isDict, isList, type Operand } from './operand.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import { deep, type Routines } from './routine.ts';

/** Jinja's and Ansible's filters on URLs. */
export const urlFilters: Routines = {
  urlencode: deep('', (input) => {
    if (isDict(input)) return query(Object.entries(input));
    if (isList(input)) return query(input.map(pair));
    return percentEncoded(textOf(input), '/');
  }),
  urldecode: deep('', (input) => percentDecoded(textOf(input).replaceAll('+', ' '))),
  urlsplit: deep('query?', (input, args) => {
    const parts = splitUrl(inputText(input, args));
    const wanted = args.text('query', '');
    if (wanted === '') return dictOf(Object.entries(parts));
    if (!Object.hasOwn(parts, wanted)) {
      throw new Problem(`a URL has no part \`${wanted}\``, { hint: `It has ${Object.keys(parts).join(', ')}.` });
    }
    return parts[wanted] ?? null;
  }),
};

function pair(item: Operand): readonly [string, Operand] {
  if (!isList(item) || item.length !== 2) throw new Problem('the filter `urlencode` takes pairs of a name and a value');
  return [textOf(item[0] ?? null), item[1] ?? null];
}

function query(pairs: readonly (readonly [string, Operand])[]): string {
  const encode = (text: string) => percentEncoded(text, '').replaceAll('%20', '+');
  return pairs.map(([name, value]) => `${encode(name)}=${encode(textOf(value))}`).join('&');
}

/** Python's urllib.parse.quote. */
function percentEncoded(text: string, safe: string): string {
  let made = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    const stays = /[A-Za-z0-9_.~-]/.test(character) || safe.includes(character);
    made += stays ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return made;
}

/** Python's urllib.parse.unquote: what is no UTF-8 becomes the replacement character. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

/** Python's urllib.parse.urlsplit. */
function splitUrl(url: string): Record<string, Operand> {
  const [, scheme = '', afterScheme = url] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(url) ?? [];
  const [beforeFragment = '', fragment = ''] = cut(afterScheme, '#');
  const [beforeQuery = '', queryText = ''] = cut(beforeFragment, '?');
  const [, netloc = '', path = beforeQuery] = /^\/\/([^/]*)(.*)$/s.exec(beforeQuery) ?? [];
  const at = netloc.lastIndexOf('@');
  const [user, password] = at === -1 ? [null, null] : cutOrNull(netloc.slice(0, at));
  const { hostname, port } = hostAndPort(netloc.slice(at + 1));
  return {
    fragment,
    hostname,
    netloc,
    password,
    path,
    port,
    query: queryText,
    scheme: scheme.toLowerCase(),
    username: user,
  };
}

function cut(text: string, at: string): readonly [string, string] {
  const found = text.indexOf(at);
  return found === -1 ? [text, ''] : [text.slice(0, found), text.slice(found + 1)];
}

function cutOrNull(text: string): readonly [string, string | null] {
  const found = text.indexOf(':');
  return found === -1 ? [text, null] : [text.slice(0, found), text.slice(found + 1)];
}

function hostAndPort(text: string): { readonly hostname: string | null; readonly port: number | null } {
  const [, bracketed, plain = '', portText] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(text) ?? [];
  const hostname = (bracketed ?? plain).toLowerCase() || null;
  if (portText === undefined || portText === '') return { hostname, port: null };
  const port = Number(portText);
  if (!/^\d+$/.test(portText) || port > 65535) throw new Problem(`\`${portText}\` is no port`);
  return { hostname, port };
}
