import type { PlaySyntax } from '../language/syntax.ts';

/** A play with the hosts it is for, in the batches they are done in. */
export interface RunPlay {
  /** Its place in the run. */
  readonly index: number;
  readonly syntax: PlaySyntax;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly batches: readonly (readonly string[])[];
}
