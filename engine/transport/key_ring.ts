import { createHostKeyStore, type HostKeyStore } from './host_key_store.ts';
import type { KeyFile, KeyParser } from './key_file.ts';
import { readKeyFile } from './key_file.ts';

export type AskPassphrase = (keyFile: string) => Promise<string | undefined>;

/**
 * What the hosts of a run share: each key file is read once, its passphrase asked once and its key decrypted once
 * (a second of CPU for each); known_hosts files are read once.
 */
export interface KeyRing {
  readonly hostKeys: HostKeyStore;
  /** A key file, read when first asked for. */
  file(path: string, parse: KeyParser): Promise<KeyFile>;
  /** One question to the user at a time, whichever host it is for. */
  inTurn<T>(question: () => Promise<T>): Promise<T>;
}

export function createKeyRing(): KeyRing {
  const files = new Map<string, Promise<KeyFile>>();
  let turn: Promise<unknown> = Promise.resolve();
  return {
    hostKeys: createHostKeyStore(),
    file(path, parse) {
      let file = files.get(path);
      if (file === undefined) {
        file = readKeyFile(path, parse);
        files.set(path, file);
      }
      return file;
    },
    inTurn(question) {
      const answer = turn.then(question);
      turn = answer.catch(() => {});
      return answer;
    },
  };
}
