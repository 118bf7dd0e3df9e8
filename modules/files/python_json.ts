import { Float, isMap, type Value } from '../../engine/language/values.ts';

/** JSON as Python's `json.dumps` writes it by default: `{"a": [1, 2]}`, everything beyond ASCII escaped. */
export function pythonJson(value: Value): string {
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(pythonJson).join(', ')}]`;
  if (isMap(value)) {
    const entries = Object.entries(value).map(([key, inner]) => `${escaped(key)}: ${pythonJson(inner)}`);
    return `{${entries.join(', ')}}`;
  }
  if (value instanceof Float) return value.toString();
  return typeof value === 'string' ? escaped(value) : JSON.stringify(value);
}

function escaped(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\x7f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
