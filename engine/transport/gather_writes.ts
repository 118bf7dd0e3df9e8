import type { Duplex } from 'node:stream';

/**
 * Lets a stream send in one piece what is written to it in one go. The SSH library writes each packet in three parts
 * (length, content, tag), and each would go over the network, and wake the server, by itself.
 */
export function gatherWrites(stream: Duplex): void {
  const write = stream.write.bind(stream) as (...words: unknown[]) => boolean;
  let gathering = false;
  stream.write = (...words: unknown[]): boolean => {
    if (!gathering) {
      gathering = true;
      stream.cork();
      process.nextTick(() => {
        gathering = false;
        stream.uncork();
      });
    }
    return write(...words);
  };
}
