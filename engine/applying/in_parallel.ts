import PQueue from 'p-queue';

/** Does a job for every item, so many at once; rejects with the first bug after all have ended. */
export async function inParallel<T>(items: Iterable<T>, forks: number, job: (item: T) => Promise<void>): Promise<void> {
  const queue = new PQueue({ concurrency: forks });
  const ends = await Promise.allSettled([...items].map((item) => queue.add(() => job(item))));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
