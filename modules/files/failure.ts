import type { Wish } from '../../engine/planning/contracts.ts';

/** Why something cannot be done, and the parameter to blame. */
export interface Failure {
  readonly failed: string;
  readonly parameter?: string;
}

export function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'failed' in value;
}

export function failedWish(failure: Failure): Wish {
  const { failed, parameter } = failure;
  return { steps: [], failed: { message: failed, ...(parameter !== undefined && { parameter: [parameter] }) } };
}
