import type { PathValue } from '../../engine/resources/path_value.ts';
import { fillPath, impliedDirectories, impliedTree } from './path_values.ts';
import { fillUfw } from './ufw_values.ts';
import { fillUnit } from './unit_values.ts';
import type { Known } from './view.ts';

/**
 * Shorthand of a resource's value in the case files -> the whole value, by the type's name.
 * `partial`: only translate what is written, add nothing; for what a case expects.
 */
export type Fill = (id: string, short: Record<string, unknown>, partial: boolean) => unknown;

const FILLS: Readonly<Record<string, Fill>> = { path: fillPath, ufw: fillUfw, unit: fillUnit };

/** Types without an entry are written in the case files as they are. */
export function fillValue(type: string, id: string, short: unknown, partial = false): unknown {
  const fill = FILLS[type];
  if (fill === undefined || typeof short !== 'object' || short === null) return short;
  return fill(id, short as Record<string, unknown>, partial);
}

/** What a case's state takes for granted, by key: above all the directories of its files. */
export function impliedState(keys: readonly string[]): readonly (readonly [string, unknown])[] {
  const ids = keys.filter((key) => key.startsWith('path:')).map((key) => key.slice('path:'.length));
  return impliedDirectories(ids).map((id) => [`path:${id}`, fillPath(id, { kind: 'directory' }, false)]);
}

/** What is told of a resource that no state names. */
export function impliedValue(type: string, id: string, host: ReadonlyMap<string, Known>): unknown {
  if (type !== 'tree') return null;
  const paths = [...host].flatMap(([key, known]): [string, PathValue | null][] =>
    key.startsWith('path:') && 'value' in known ? [[key.slice('path:'.length), known.value as PathValue | null]] : [],
  );
  return impliedTree(id, new Map(paths));
}
