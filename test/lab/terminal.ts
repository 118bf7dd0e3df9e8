import { spawn } from 'node:child_process';
import type { Command } from './controllers.ts';

/** What is typed when the program has printed something that matches, each once and in this order. */
export interface Turn {
  readonly when: RegExp;
  /** `\r` is the Enter key, `\x03` Ctrl-C. */
  readonly type: string;
}

export interface Session {
  /** Exit status; 124 when it did not end in time. */
  readonly code: number;
  /** All that stood on the screen, control sequences included. */
  readonly screen: string;
  /** How many turns were taken. */
  readonly turns: number;
}

/** Runs a program at a terminal of its own (by script(1)) and answers it. */
export function atTerminal(command: Command, turns: readonly Turn[], timeoutMs = 120_000): Promise<Session> {
  const line = command.argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const env = { TERM: 'xterm-256color', COLUMNS: '120', LINES: '40', ...command.env, SHELL: '/bin/sh' };
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], {
      cwd: command.cwd,
      env,
      detached: true,
    });
    let screen = '';
    let seen = 0; // what was printed before the last turn answers no other
    let taken = 0;
    let timedOut = false;
    child.stdin.on('error', () => {}); // it may have ended meanwhile
    child.stdout.on('data', (bytes: Buffer) => {
      screen += bytes.toString();
      const turn = turns[taken];
      if (turn?.when.test(screen.slice(seen)) !== true) return;
      seen = screen.length;
      taken++;
      child.stdin.write(turn.type);
    });
    const timer = setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, timeoutMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: timedOut ? 124 : (code ?? 128), screen, turns: taken });
    });
  });
}
