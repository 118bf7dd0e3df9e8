/**
 * Shorthand of a resource's value in the case files -> the whole value, by the type's name.
 * `partial`: only translate what is written, add nothing; for what a case expects.
 */
export type Fill = (id: string, short: Record<string, unknown>, partial: boolean) => unknown;

const FILLS: Readonly<Record<string, Fill>> = {};

/** Types without an entry are written in the case files as they are. */
export function fillValue(type: string, id: string, short: unknown, partial = false): unknown {
  const fill = FILLS[type];
  if (fill === undefined || typeof short !== 'object' || short === null) return short;
  return fill(id, short as Record<string, unknown>, partial);
}
