import { execFile } from 'node:child_process';
import { dirname } from 'node:path';

export interface GitState {
  readonly commit: string;
  /** A file that git knows differs from the commit. */
  readonly dirty: boolean;
}

/** What the repository of a file has checked out; `undefined` where there is none, or no git. Nothing is written. */
export function gitState(file: string): Promise<GitState | undefined> {
  const options = ['--no-optional-locks', '-c', 'core.fsmonitor=false', '-C', dirname(file)];
  const words = [...options, 'status', '--porcelain=v2', '--branch', '--untracked-files=no'];
  return new Promise((done) => {
    execFile('git', words, { timeout: 5_000, maxBuffer: 16 * 1024 * 1024 }, (fault, stdout) => {
      const commit = /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(stdout)?.[1];
      done(fault || commit === undefined ? undefined : { commit, dirty: /^[^#\n]/m.test(stdout) });
    });
  });
}
