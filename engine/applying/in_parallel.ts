import PQueue from 'p-queue';

/** Does a job for every item, so many at once; rejects with the first bug after all have ended. */
export function inParallel<T>(items: Iterable<T>, forks: number, job: (item: T) => Promise<void>): Promise<void> {
  return inParallelWithRests(items, forks, async (item) => {
    await job(item);
    return undefined;
  });
}

/** What is left of a job and only waited for: it takes the place of no other. */
export type Rest = () => Promise<void>;

/** As `inParallel`, where jobs may leave a rest. */
export async function inParallelWithRests<T>(
  items: Iterable<T>,
  forks: number,
  job: (item: T) => Promise<Rest | undefined>,
): Promise<void> {
  const queue = new PQueue({ concurrency: forks });
  const ends = await Promise.allSettled(
    [...items].map(async (item) => {
      const rest = await queue.add(() => job(item));
      await rest?.();
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
