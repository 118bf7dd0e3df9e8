import type { Ref, ResourceType } from '../planning/contracts.ts';

/**
 * A kind of question whose answer nobody sets: what listens, how full disks are, what a table holds.
 * `derived`: which changes on the host may alter the answer.
 */
export function readingType<V>(
  reading: Pick<ResourceType<V>, 'name' | 'collect' | 'parse' | 'derived' | 'record'>,
): ResourceType<V> {
  return {
    ...reading,
    transition: () => {
      throw new Error(`${reading.name} is looked at and never set`);
    },
    describe: ({ ref }: { readonly ref: Ref<V> }) => ({
      title: `${reading.name} ${ref.id}`,
      action: 'change',
      attributes: [],
    }),
  };
}
