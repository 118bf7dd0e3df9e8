import type { Finding } from '../../engine/planning/finding.ts';

export type Level = Finding['level'];

const ORDER: readonly Level[] = ['pass', 'warn', 'fail'];

export function worst(levels: Iterable<Level>): Level {
  let most = 0;
  for (const level of levels) most = Math.max(most, ORDER.indexOf(level));
  return ORDER[most] as Level;
}

/** What a number comes to that should be small: from `warn` on a warning, from `fail` on a failure; 0: never. */
export function levelFrom(number: number, warn: number, fail: number): Level {
  if (fail > 0 && number >= fail) return 'fail';
  return warn > 0 && number >= warn ? 'warn' : 'pass';
}

/** A threshold as a parameter. */
export function threshold(value: number, description: string) {
  return { type: 'integer', minimum: 0, default: value, description } as const;
}

/** Rows of evidence, the worst first; `pass` rows only where nothing is worse. */
export function worstRows<T extends { readonly level: Level }>(rows: readonly T[]): readonly T[] {
  const bad = rows.filter(({ level }) => level !== 'pass');
  const shown = bad.length > 0 ? bad : rows;
  return [...shown].sort((a, b) => ORDER.indexOf(b.level) - ORDER.indexOf(a.level));
}
