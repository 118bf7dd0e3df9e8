import type { Value, ValueMap } from './values.ts';

/**
 * A map made of parts, of which the later ones are only made when something is asked for that those before have not.
 * Of a name that two of them have, the first counts. To whoever reads it, it is a map like any other.
 */
export function lateMap(parts: readonly (() => ValueMap)[]): ValueMap {
  const made: ValueMap[] = [];
  const next = (): ValueMap | undefined => {
    const part = parts[made.length]?.();
    if (part !== undefined) made.push(part);
    return part;
  };
  const holding = (name: PropertyKey): ValueMap | undefined => {
    const known = made.find((part) => Object.hasOwn(part, name));
    if (known !== undefined || typeof name === 'symbol') return known;
    for (let part = next(); part !== undefined; part = next()) if (Object.hasOwn(part, name)) return part;
    return undefined;
  };
  const read = (name: string): Value | undefined => holding(name)?.[name];
  return new Proxy<ValueMap>(
    {},
    {
      get: (target, name) => (typeof name === 'string' ? read(name) : Reflect.get(target, name)),
      has: (target, name) => holding(name) !== undefined || Reflect.has(target, name),
      ownKeys() {
        while (next() !== undefined);
        return [...new Set(made.flatMap((part) => Object.keys(part)))];
      },
      getOwnPropertyDescriptor(_, name) {
        if (typeof name === 'symbol' || holding(name) === undefined) return undefined;
        return { value: read(name), enumerable: true, configurable: true, writable: false };
      },
    },
  );
}

/** An object whose properties are made when they are first read. */
export function lateParts<Name extends string>(
  makers: Readonly<Record<Name, () => ValueMap>>,
): {
  readonly [name in Name]: ValueMap;
} {
  const parts = {} as Record<Name, ValueMap>;
  for (const name of Object.keys(makers) as Name[]) {
    Object.defineProperty(parts, name, {
      enumerable: true,
      configurable: true,
      get() {
        const value = makers[name]();
        Object.defineProperty(parts, name, { value, enumerable: true, configurable: true });
        return value;
      },
    });
  }
  return parts;
}
