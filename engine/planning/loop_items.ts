import type { Loop } from '../language/syntax.ts';
import { isMap, Unknown, type Value, type ValueMap } from '../language/values.ts';

/** What a loop sets for each item (Ansible: "Tracking progress with a loop", `loop_control`). */
export function loopVariables(loop: Loop, items: readonly Value[], index: number): ValueMap {
  const own: Record<string, Value> = { [loop.variable]: items[index] as Value, ansible_loop_var: loop.variable };
  if (loop.indexVariable !== undefined) own[loop.indexVariable] = index;
  if (loop.extended) {
    own.ansible_loop = {
      allitems: items,
      index: index + 1,
      index0: index,
      revindex: items.length - index,
      revindex0: items.length - index - 1,
      first: index === 0,
      last: index === items.length - 1,
      length: items.length,
      ...(index > 0 ? { previtem: items[index - 1] as Value } : {}),
      ...(index < items.length - 1 ? { nextitem: items[index + 1] as Value } : {}),
    };
  }
  return own;
}

/** What a task with a loop registers (Ansible: "Registering variables with a loop"). */
export function loopResult(results: readonly Value[]): ValueMap | Unknown {
  const maps = results.filter((result): result is ValueMap => !(result instanceof Unknown));
  const unknown = results.find((result) => result instanceof Unknown) as Unknown | undefined;
  const any = (key: string): Value => maps.some((map) => map[key] === true) || (unknown ?? false);
  return {
    results,
    changed: any('changed'),
    failed: any('failed'),
    skipped: maps.length === results.length && maps.length > 0 && maps.every((map) => map.skipped === true),
    msg: maps.some((map) => map.failed === true) ? 'One or more items failed' : 'All items completed',
  };
}

/** A loop item in a few words: the reporter's label. */
export function itemLabel(item: Value): string {
  if (typeof item === 'string') return item;
  const flat = isMap(item) && Object.values(item).every((inner) => typeof inner !== 'object');
  const text = flat
    ? Object.entries(item)
        .map(([name, inner]) => `${name}=${String(inner)}`)
        .join(' ')
    : (JSON.stringify(item, (_, inner) => (inner instanceof Unknown ? '(unknown)' : inner)) ?? '');
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
