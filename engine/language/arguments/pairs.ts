import type { ValueMap } from '../values.ts';

/** `a=1, b="x y"` as a map, as Ansible's `check_type_dict` reads it; `undefined` where a part has no `=`. */
export function splitPairs(text: string): ValueMap | undefined {
  const fields = splitFields(text.trim());
  const pairs: (readonly [string, string])[] = [];
  for (const field of fields) {
    const at = field.indexOf('=');
    if (at === -1) return undefined;
    pairs.push([field.slice(0, at), field.slice(at + 1)]);
  }
  return Object.fromEntries(pairs);
}

function splitFields(text: string): readonly string[] {
  const fields: string[] = [];
  let field = '';
  let quote = '';
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (character === '\\') {
      i += 1;
      field += text.charAt(i);
    } else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = '';
    else if (quote === '' && (character === ',' || character === ' ')) {
      if (field !== '') fields.push(field);
      field = '';
    } else field += character;
  }
  if (field !== '') fields.push(field);
  return fields;
}
