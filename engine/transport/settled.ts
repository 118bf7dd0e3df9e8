import type { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import type { Ended } from './link.ts';

/** How long to read on after a program has ended: a daemon that it started may hold its streams open for ever. */
const DRAIN_MS = 250;

/** When a child process or an SSH channel is over, and how. */
export function settled(source: EventEmitter, streams: readonly Readable[]): Promise<Ended> {
  return new Promise((resolve) => {
    let ended: Ended = { status: null, signal: null };
    const done = () => resolve(ended);
    source.once('exit', (status: unknown, signal: unknown) => {
      ended = {
        status: typeof status === 'number' ? status : null,
        signal: typeof signal === 'string' ? signal : null,
      };
      const timer = setTimeout(() => {
        for (const stream of streams) stream.destroy();
        done();
      }, DRAIN_MS);
      source.once('close', () => clearTimeout(timer));
    });
    source.once('close', done);
  });
}
