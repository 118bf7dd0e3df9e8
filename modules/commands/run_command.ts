import { posix } from 'node:path';
import type { ValueMap } from '../../engine/language/values.ts';
import type { Action, Ref, View, Wish } from '../../engine/planning/contracts.ts';
import { hasGlob } from '../../engine/resources/fnmatch.ts';
import { glob } from '../../engine/resources/glob.ts';
import { path } from '../../engine/resources/path.ts';
import type { Answer } from '../../engine/transport/connection.ts';
import { content, type Sh, sh } from '../../engine/transport/sh.ts';

/** What `command` and `shell` have in common. */
export interface CommandParams {
  readonly chdir?: string | null;
  readonly creates?: string | null;
  readonly removes?: string | null;
  readonly stdin?: string | null;
  readonly stdin_add_newline: boolean;
  readonly strip_empty_ends: boolean;
}

type Guards = Pick<CommandParams, 'chdir' | 'creates' | 'removes'>;

/** Where a guard is looked for: a path where it can be one, since an earlier task may be known to make it. */
function guard(given: string, chdir: string | null | undefined): Ref<unknown> {
  const full = chdir ? posix.join(chdir, given) : given;
  return full.startsWith('/') && !hasGlob(full) ? (path(full) as Ref<unknown>) : (glob(full) as Ref<unknown>);
}

export function guardRefs({ creates, removes, chdir }: Guards): readonly Ref[] {
  return [creates, removes].flatMap((one) => (one ? [guard(one, chdir)] : []));
}

/** Why the command need not run, in Ansible's words. */
export function spared({ creates, removes, chdir }: Guards, view: View): { msg: string; stdout: string } | undefined {
  if (creates && view.get(guard(creates, chdir)) !== null) {
    return { msg: `Did not run command since '${creates}' exists`, stdout: `skipped, since ${creates} exists` };
  }
  if (removes && view.get(guard(removes, chdir)) === null) {
    const stdout = `skipped, since ${removes} does not exist`;
    return { msg: `Did not run command since '${removes}' does not exist`, stdout };
  }
  return undefined;
}

export interface Command {
  /** As registered: words, or a text for a shell. */
  readonly cmd: readonly string[] | string;
  /** Runs it in place of the shell it stands in. */
  readonly exec: Sh;
  /** What it is told to read; `undefined`: nothing. */
  readonly stdin?: string | undefined;
  readonly chdir?: string | null | undefined;
  readonly strip: boolean;
}

/** The wish of a task that runs a command unless its guards spare it. */
export function commandWish(params: CommandParams, view: View, cmd: Command['cmd'], exec: Sh): Wish {
  const reason = spared(params, view);
  if (reason !== undefined) return { steps: [], result: sparedResult(cmd, reason) };
  const { chdir, stdin, stdin_add_newline, strip_empty_ends } = params;
  const input = stdin ? `${stdin}${stdin_add_newline ? '\n' : ''}` : undefined;
  return { steps: [commandAction({ cmd, exec, chdir, stdin: input, strip: strip_empty_ends }, view)] };
}

function sparedResult(cmd: Command['cmd'], { msg, stdout }: { msg: string; stdout: string }): ValueMap {
  const none = { stderr: '', stderr_lines: [], start: null, end: null, delta: null };
  return { cmd, rc: 0, msg, stdout, stdout_lines: [stdout], ...none };
}

export function commandAction(command: Command, view: View): Action {
  return {
    kind: 'action',
    summary: `run: ${shown(command.cmd)}`,
    script: commandProgram(command, view),
    disturbs: 'everything',
    changed: true,
    result: (answer) => commandResult(command, answer),
    failed: (answer) => failure(command, answer),
  };
}

/** A script's first line stands for it. */
function shown(cmd: Command['cmd']): string {
  if (typeof cmd !== 'string')
    return cmd.map((word) => (/^[\w./:@%+,=~$-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
  const [first = '', ...more] = cmd.trim().split('\n');
  return more.length === 0 ? first : `${first} ... (${more.length + 1} lines)`;
}

/**
 * The command runs in a subshell of its own, in the locale of the login (the transport's is C) unless the task
 * sets one; what it prints comes before the first part, when it began and ended in parts after it.
 */
function commandProgram({ exec, stdin, chdir }: Command, view: View): Sh {
  const locale = view.environment.LC_ALL === undefined ? sh`unset LC_ALL\n` : sh``;
  const run = sh`(${locale}${exec})`;
  const fed = stdin === undefined ? run : sh`${content(new TextEncoder().encode(stdin))} | ${run}`;
  const move = chdir ? sh`CDPATH='' cd -- ${chdir} || { rb_part chdir; exit 1; }\n` : sh``;
  return sh`${move}rb_began=$(date '+%F %T.%6N')
${fed}
rb_status=$?
rb_part times
printf '%s\\n' "$rb_began"
date '+%F %T.%6N'
exit "$rb_status"`;
}

function failure({ cmd }: Command, answer: Answer): string | undefined {
  const stderr = decode(answer.stderr);
  if (answer.parts.has('chdir')) return `Unable to change directory before execution: ${stderr.trim()}`;
  if (answer.status === 0) return undefined;
  const missing = typeof cmd !== 'string' && answer.status === 127 && /exec: .*not found/.test(stderr);
  return missing ? `there is no command \`${cmd[0]}\` on the host` : 'non-zero return code';
}

function commandResult({ cmd, strip }: Command, answer: Answer): ValueMap {
  const text = (bytes: Uint8Array) => (strip ? decode(bytes).replace(/[\r\n]+$/, '') : decode(bytes));
  const [stdout, stderr] = [text(answer.stdout), text(answer.stderr)];
  const outputs = { stdout, stdout_lines: splitLines(stdout), stderr, stderr_lines: splitLines(stderr) };
  return { cmd, rc: answer.status, msg: '', ...outputs, ...times(answer) };
}

function times(answer: Answer): ValueMap {
  const [start, end] = decode(answer.parts.get('times')).split('\n');
  const took = Date.parse(`${end}Z`) - Date.parse(`${start}Z`);
  if (!start || !end || Number.isNaN(took)) return { start: null, end: null, delta: null };
  return { start, end, delta: duration(took) };
}

/** As Python prints a timedelta: `0:00:01.250000`. */
function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  const pad = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const micros = String(Math.round((seconds % 1) * 1e6)).padStart(6, '0');
  return `${Math.floor(seconds / 3600)}:${pad((seconds / 60) % 60)}:${pad(seconds % 60)}.${micros}`;
}

/** What is not UTF-8 becomes U+FFFD. */
function decode(bytes: Uint8Array | undefined): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** Python's `str.splitlines`, with which Ansible makes `stdout_lines`. */
function splitLines(text: string): readonly string[] {
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
