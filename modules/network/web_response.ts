import type { ValueMap } from '../../engine/language/values.ts';
import type { Answer } from '../../engine/transport/connection.ts';

export interface WebResponse {
  /** -1: there was none. */
  readonly status: number;
  readonly reason: string;
  /** Names in small letters; what came more than once, in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Where redirects have led. */
  readonly url: string;
  readonly redirected: boolean;
}

/** The last response of those whose headers were written down one after the other. */
export function readResponse(url: string, text: string): WebResponse {
  let response: WebResponse = { status: -1, reason: '', headers: new Map(), url, redirected: false };
  for (const block of blocksOf(text)) {
    const [first = '', ...lines] = block;
    const [, code, reason = ''] = /^HTTP\/[\d.]+ +(\d{3})(?: +(.*))?$/.exec(first) ?? [];
    const status = Number(code);
    if (status < 200) continue;
    const to = locationOf(response);
    const at = to === undefined ? response.url : resolved(to, response.url);
    response = { status, reason, headers: headersOf(lines), url: at, redirected: at !== url };
  }
  return response;
}

function locationOf({ status, headers }: WebResponse): string | undefined {
  return status >= 300 && status < 400 ? headers.get('location')?.[0] : undefined;
}

export function resolved(location: string, base: string): string {
  return URL.canParse(location, base) ? new URL(location, base).href : location;
}

/** A block begins with a status line. */
function blocksOf(text: string): readonly (readonly string[])[] {
  const blocks: string[][] = [];
  for (const line of text.split(/\r?\n/)) {
    if (/^HTTP\/[\d.]+ +\d{3}( |$)/.test(line)) blocks.push([line]);
    else if (line !== '') blocks.at(-1)?.push(line);
  }
  return blocks;
}

function headersOf(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value = ''] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) continue;
    const key = name.toLowerCase();
    headers.set(key, [...(headers.get(key) ?? []), value]);
  }
  return headers;
}

/** `OK (1234 bytes)`, `HTTP Error 404: Not Found`, or why there is no response. */
export function responseMessage(response: WebResponse, answer: Answer): string {
  const { status, reason, headers } = response;
  if (status === -1) return `Request failed: ${complaintOf(answer)}`;
  if (status >= 300) return `HTTP Error ${status}: ${reason}`;
  return `OK (${headers.get('content-length')?.[0] ?? 'unknown'} bytes)`;
}

function complaintOf({ stderr, status }: Answer): string {
  const said = new TextDecoder().decode(stderr).trim();
  return said === '' ? `it ended with status ${status}` : said;
}

/** Headers as variables: names in small letters with underscores. */
export function headerResult({ headers, url }: WebResponse): ValueMap {
  return Object.fromEntries(
    [...headers].map(([name, values]) => {
      const text = values.join(', ');
      return [name.replaceAll('-', '_'), name === 'location' ? resolved(text, url) : text];
    }),
  );
}

export function cookiesOf({ headers }: WebResponse): Readonly<Record<string, string>> {
  const pairs = (headers.get('set-cookie') ?? []).flatMap((line) => {
    const [, name, value = ''] = /^\s*([^=;]+)=([^;]*)/.exec(line) ?? [];
    return name === undefined ? [] : [[name.trim(), value.trim().replace(/^"(.*)"$/, '$1')] as const];
  });
  return Object.fromEntries(pairs);
}
