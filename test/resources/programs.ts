import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer } from '../../engine/transport/connection.ts';
import type { Sh } from '../../engine/transport/sh.ts';

const MARK = '\x1e-a-mark-of-the-tests-';
/** What the transport gives every program, for a shell on any host. */
export const PRELUDE = `LC_ALL=C; export LC_ALL; umask 022; rb_part() { printf '${MARK}%s\\n' "$1"; }\n`;

/** busybox's shell prefers its own applets to what is in PATH; hosts have GNU's tools. */
const GNU = ['awk', 'cp', 'crontab', 'date', 'find', 'grep', 'ip', 'sed', 'sha256sum', 'stat', 'timeout', 'xargs']
  .map((name) => `${name}() { /usr/bin/env ${name} "$@"; }\n`)
  .join('');

export type Shell = 'dash' | 'busybox';
export const SHELLS: readonly Shell[] = ['dash', 'busybox'];

/** Runs a program as the transport would, on this machine. Only for programs that look, or that work in a temporary directory. */
export function run(program: Sh, shell: Shell = 'dash', path = process.env.PATH ?? ''): Answer {
  const [command, args] = shell === 'dash' ? ['/bin/dash', ['-s']] : ['/bin/busybox', ['sh', '-s']];
  const ran = spawnSync(command as string, args as string[], {
    input: PRELUDE + (shell === 'busybox' ? GNU : '') + program.text,
    env: { PATH: path, HOME: '/nonexistent' },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (ran.error !== undefined) throw ran.error;
  return answerOf(ran.stdout, ran.stderr, ran.status ?? 255);
}

/** What a program that began with PRELUDE printed. */
export function answerOf(output: Buffer, stderr: Uint8Array, status: number): Answer {
  const pieces = split(output, Buffer.from(MARK));
  const parts = new Map<string, Uint8Array>();
  for (const piece of pieces.slice(1)) {
    const end = piece.indexOf('\n');
    parts.set(piece.subarray(0, end).toString(), piece.subarray(end + 1));
  }
  return { status, stdout: pieces[0] as Buffer, stderr, parts, ms: 0 };
}

function split(bytes: Buffer, mark: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, from)) {
    pieces.push(bytes.subarray(from, at));
    from = at + mark.length;
  }
  return [...pieces, bytes.subarray(from)];
}

/** An answer as a host would have given it. */
export function answer(parts: Readonly<Record<string, string | Uint8Array>>, more: Partial<Answer> = {}): Answer {
  const bytes = Object.entries(parts).map(([k, v]) => [k, typeof v === 'string' ? Buffer.from(v) : v] as const);
  return { status: 0, stdout: new Uint8Array(), stderr: new Uint8Array(), parts: new Map(bytes), ms: 0, ...more };
}

/**
 * What shellcheck says of these programs; empty: nothing. SC2154: variables that the transport sets.
 * SC3013: `-ef`, which POSIX has since 2024 and dash and ash have had long before.
 */
export function shellcheck(programs: Readonly<Record<string, Sh>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'runbook-shellcheck-'));
  try {
    const files = Object.entries(programs).map(([name, program]) => {
      const file = join(dir, name);
      writeFileSync(file, `${program.text}\n`);
      return file;
    });
    const checked = spawnSync('shellcheck', ['-s', 'sh', '-e', 'SC2154,SC3013', ...files], { encoding: 'utf8' });
    if (checked.error !== undefined) throw checked.error;
    return checked.stdout + checked.stderr;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
