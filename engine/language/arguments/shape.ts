import type { ParamProperty } from '../module_spec.ts';
import { didYouMean } from '../suggest.ts';
import type { Templated } from '../templated.ts';
import { below, canonicalNames, coerce, type Misfit } from './coerce.ts';

/** Whether a value with templates in it can fit at all: lists and maps where they belong, their literal parts right. */
export function checkShape(templated: Templated, property: ParamProperty): readonly Misfit[] {
  const types = property.type === undefined ? [] : [property.type].flat();
  const allows = (type: string) => types.length === 0 || types.includes(type);
  switch (templated.kind) {
    case 'template':
      return [];
    case 'literal': {
      const coerced = coerce(templated.value, property);
      return coerced.ok ? [] : coerced.misfits;
    }
    case 'list': {
      if (!allows('array')) return [{ path: [], message: 'expects a single value, not a list' }];
      const item = property.items as ParamProperty | undefined;
      return item === undefined ? [] : templated.items.flatMap((each, index) => below(index, checkShape(each, item)));
    }
    case 'map':
      if (!allows('object'))
        return [{ path: [], message: `expects ${allows('array') ? 'a list' : 'a text'}, not a map` }];
      return checkEntries(templated, property);
  }
}

function checkEntries(map: Extract<Templated, { kind: 'map' }>, property: ParamProperty): readonly Misfit[] {
  const properties = property.properties as Readonly<Record<string, ParamProperty>> | undefined;
  if (properties === undefined) return [];
  const names = canonicalNames(properties);
  return map.entries.flatMap(({ key, value }) => {
    const name = names.get(key);
    const schema = name === undefined ? undefined : properties[name];
    if (schema !== undefined) return below(key, checkShape(value, schema));
    if (property.additionalProperties !== false) return [];
    return [{ path: [key], message: 'is not known here', hint: didYouMean(key, names.keys()) }];
  });
}
