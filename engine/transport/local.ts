import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { TransportError } from './connection.ts';
import type { Link, RemoteProcess } from './link.ts';
import { settled } from './settled.ts';

/** How long programs may take to see that nothing more comes. */
const GRACE_MS = 1_000;

/** This machine: programs are child processes, in sessions of their own so that a Ctrl-C reaches only us. */
export function openLocal(host: string): Link {
  const running = new Set<ChildProcessWithoutNullStreams>();
  let closed: string | undefined;
  return {
    host,
    user: whoWeAre(),
    exec(command) {
      return new Promise((resolve, reject) => {
        if (closed !== undefined) return reject(new TransportError('lost', closed));
        const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: 'pipe', detached: true });
        child.once('error', (error) => reject(new TransportError('lost', `cannot start a shell: ${error.message}`)));
        child.once('spawn', () => {
          running.add(child);
          child.once('exit', () => running.delete(child));
          resolve(remoteProcess(child));
        });
      });
    },
    failure: () => closed,
    async close() {
      closed ??= `the connection to ${host} was closed`;
      for (const child of running) child.stdin.end();
      for (let waited = 0; running.size > 0 && waited < GRACE_MS; waited += 10) await delay(10);
      for (const child of running) killGroup(child);
    },
  };
}

function remoteProcess(child: ChildProcessWithoutNullStreams): RemoteProcess {
  child.stdin.on('error', () => {}); // EPIPE: `ended` tells
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended: settled(child, [child.stdout, child.stderr]),
    destroy() {
      child.stdin.destroy();
      killGroup(child);
      child.stdout.resume();
      child.stderr.resume();
    },
  };
}

function killGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has just gone, or is another user's by now (sudo): closing its stdin ends it.
  }
}

function whoWeAre(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`; // no passwd(5) entry, as in a container
  }
}
