import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer } from '../../engine/transport/connection.ts';
import type { Sh } from '../../engine/transport/sh.ts';

export type ShellName = 'dash' | 'busybox';
export const SHELLS: readonly ShellName[] = ['dash', 'busybox'];

/** busybox puts its own tools before those of the system; on a Debian host only the shell could ever be its own. */
const TOOLS =
  'stat head cp chown chmod mv rm rmdir mkdir mktemp sync cat ln touch realpath timeout find tar lsattr chattr sha1sum sha256sum';
const ONLY_THE_SHELL = TOOLS.split(' ')
  .map((tool) => `${tool}() { "$(which_tool ${tool})" "$@"; }`)
  .join('\n');
const WHICH =
  'which_tool() { for d in /usr/bin /bin /usr/sbin /sbin; do [ -x "$d/$1" ] && printf %s "$d/$1" && return; done; }';

/** Runs a program as the batch does: LC_ALL=C, umask 022, no stdin, parts set apart by a mark nobody can guess. */
export function runProgram(
  program: Sh,
  shell: ShellName = 'dash',
  options: { readonly uid?: number; readonly timeout?: number } = {},
): Answer {
  const mark = `<part ${randomBytes(12).toString('hex')}> `;
  const stage = mkdtempSync(join(tmpdir(), 'rb-stage-'));
  try {
    for (const { name, bytes } of program.attachments) writeFileSync(join(stage, name), bytes, { mode: 0o600 });
    const text = [
      'umask 022',
      ...(shell === 'busybox' ? [WHICH, ONLY_THE_SHELL] : []),
      `rb_part() { printf '%s%s\\n' '${mark}' "$1"; }`,
      `(\n${program.text}\n) </dev/null`,
    ].join('\n');
    const begun = Date.now();
    const ran = spawnSync(shell === 'dash' ? 'dash' : 'busybox', shell === 'dash' ? [] : ['sh'], {
      input: text,
      env: { PATH: process.env.PATH, LC_ALL: 'C', RB_STAGE: stage },
      maxBuffer: 1 << 30,
      ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
      ...(options.timeout !== undefined && { timeout: options.timeout }),
    });
    return { ...split(ran.stdout, mark), status: ran.status ?? 255, stderr: ran.stderr, ms: Date.now() - begun };
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function split(out: Buffer, mark: string): Pick<Answer, 'stdout' | 'parts'> {
  const parts = new Map<string, Uint8Array>();
  let at = out.indexOf(mark);
  const stdout = out.subarray(0, at < 0 ? out.length : at);
  while (at >= 0) {
    const name = at + mark.length;
    const end = out.indexOf('\n', name);
    const next = out.indexOf(mark, end);
    parts.set(out.subarray(name, end).toString(), out.subarray(end + 1, next < 0 ? out.length : next));
    at = next;
  }
  return { stdout, parts };
}
