import type { Ref } from '../../engine/planning/contracts.ts';
import { type LooseFilesValue, looseFiles } from '../../engine/resources/readings/loose_files.ts';

/** What the two checks share that go over all files of a host: with the same values they do it once. */
export interface LooseParams {
  readonly allow: readonly string[];
  readonly skip: readonly string[];
  readonly seconds: number;
}

export const LOOSE_PROPERTIES = {
  allow: {
    type: 'array',
    items: { type: 'string' },
    default: [],
    description: 'Paths that may be so, or patterns for them.',
  },
  skip: {
    type: 'array',
    items: { type: 'string' },
    default: ['/proc', '/sys', '/dev', '/run', '/var/lib/docker', '/var/lib/containerd', '/snap'],
    description: 'Directories that are not entered. Images of containers have files of their own.',
  },
  seconds: {
    type: 'integer',
    minimum: 1,
    maximum: 110,
    default: 60,
    description: 'How long the search may take; where it is cut off the check warns.',
  },
} as const;

export function looseOf({ skip, seconds }: LooseParams): Ref<LooseFilesValue> {
  return looseFiles(seconds, skip);
}

export const CUT = 'the search took too long or found too many: there may be more';
