import { isMap, type Value } from '../../engine/language/values.ts';
import { pythonJson } from '../files/python_json.ts';

export type BodyFormat = 'raw' | 'json' | 'form-urlencoded';

export interface Body {
  readonly bytes: Uint8Array;
  readonly type: string | undefined;
}

/** What is sent, and what it says that it is. A text is taken as it is. */
export function bodyOf(
  body: Value,
  format: BodyFormat,
): Body | { readonly failed: string; readonly parameter: string } {
  const text = bodyText(body, format);
  if (text === undefined) return { failed: 'a form is a map of its fields, or a list of pairs', parameter: 'body' };
  const type = { raw: undefined, json: 'application/json', 'form-urlencoded': 'application/x-www-form-urlencoded' }[
    format
  ];
  return { bytes: Buffer.from(text, 'utf8'), type };
}

function bodyText(body: Value, format: BodyFormat): string | undefined {
  if (typeof body === 'string') return body;
  if (format === 'form-urlencoded') return formText(body);
  return pythonJson(body);
}

/** A field with a list of values is there once for each; one without a value is left out. */
function formText(body: Value): string | undefined {
  const pairs = isMap(body)
    ? Object.entries(body)
    : Array.isArray(body)
      ? (body as readonly Value[]).map(pairOf)
      : undefined;
  if (pairs === undefined || pairs.includes(undefined)) return undefined;
  return (pairs as readonly (readonly [string, Value])[])
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? (value as readonly Value[]) : [value]).map((one) => [name, one] as const),
    )
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${quotePlus(name)}=${quotePlus(fieldText(value))}`)
    .join('&');
}

function pairOf(pair: Value): readonly [string, Value] | undefined {
  if (!Array.isArray(pair) || pair.length !== 2) return undefined;
  return [String(pair[0]), pair[1] as Value];
}

function fieldText(value: Value): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' && isMap(value) ? pythonJson(value) : String(value);
}

/** Python's urllib.parse.quote_plus. */
function quotePlus(text: string): string {
  return encodeURIComponent(text)
    .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
