import type { PlaySyntax } from '../language/syntax.ts';

/** A play with the hosts it is for, in the batches they are done in. */
export interface RunPlay {
  /** Its place in the run. */
  readonly index: number;
  readonly syntax: PlaySyntax;
  /** Where each host has a play of its own. */
  readonly syntaxOf?: (host: string) => PlaySyntax;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly batches: readonly (readonly string[])[];
}

/** A play as one host sees it. */
export interface HostPlay extends Omit<RunPlay, 'syntaxOf' | 'batches'> {
  readonly batch: readonly string[];
}

export function playOf({ syntaxOf, batches, ...play }: RunPlay, host: string): HostPlay {
  const batch = batches.find((one) => one.includes(host)) ?? play.hosts;
  return { ...play, batch, syntax: syntaxOf?.(host) ?? play.syntax };
}
