import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding, TaskFinding } from '../planning/finding.ts';
import type { HostRecap } from '../planning/plan.ts';
import type { RunHead } from './journal.ts';
import { journalLine } from './journal_lines.ts';

/** Where the controller keeps its journals, below where it is started. */
export const RECORDS = '.runbook';

/** What a piece of a run has done, or was about to do: the host has the rest under the same number. */
export interface EntryRecord {
  /** Number of the entry in the host's journal; the later, the higher. */
  readonly n: number;
  /** The task's instance in its run. */
  readonly task: string;
  readonly name: string;
  readonly user: string | null;
  readonly method: 'sudo' | 'su';
  readonly connection: 'ssh' | 'local' | undefined;
  readonly remoteUser: string | undefined;
  /** Something of it is secret. */
  readonly hidden: boolean;
  /** It is not taken back but done again, in the end. */
  readonly again: boolean;
  /** Line of the journal, from 1. */
  readonly line: number;
}

/** A run as the controller's journal tells it. */
export interface RunRecord {
  readonly head: RunHead;
  /** The journal's file and what stands in it. */
  readonly path: string;
  readonly text: string;
  /** What may have changed a host, by the host that it was done on, in order. */
  readonly entries: ReadonlyMap<string, readonly EntryRecord[]>;
  /** What an audit came to. */
  readonly findings: readonly TaskFinding[];
  /** Missing: it was cut off. */
  readonly recap: readonly HostRecap[] | undefined;
  readonly finishedAt: number | undefined;
  readonly end: string | undefined;
  /** Hosts that it was kept from changing, and those that took back what it did. */
  readonly refused: ReadonlySet<string>;
  readonly reverted: ReadonlySet<string>;
}

/** All runs there are, newest first. What is no journal is passed over. */
export function readRecords(root: string): readonly RunRecord[] {
  return ids(root).flatMap((id) => readRecord(root, id) ?? []);
}

function ids(root: string): readonly string[] {
  try {
    return readdirSync(join(root, 'runs')).sort().reverse();
  } catch {
    return [];
  }
}

function readRecord(root: string, id: string): RunRecord | undefined {
  const path = join(root, 'runs', id, 'journal.jsonl');
  try {
    return parseRecord(path, readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** `undefined`: no journal, or one that does not say whose. */
export function parseRecord(path: string, text: string): RunRecord | undefined {
  const lines = text.split('\n').map(journalLine) as readonly (Line | undefined)[];
  const head = lines.find((line) => line?.type === 'run') as (RunHead & Line) | undefined;
  if (head === undefined || typeof head.id !== 'string') return undefined;
  const finished = lines.find((line) => line?.type === 'run-finished');
  const hostsOf = (type: string) => new Set(lines.flatMap((line) => (line?.type === type ? String(line.host) : [])));
  return {
    head: { ...head, playbooks: head.playbooks ?? [], inventory: head.inventory ?? [] },
    path,
    text,
    entries: entriesOf(lines),
    findings: lines.flatMap((line) => (isFinding(line) ? [line] : [])),
    recap: finished?.recap as readonly HostRecap[] | undefined,
    finishedAt: finished?.at as number | undefined,
    end: lines.find((line) => line?.type === 'end')?.kind as string | undefined,
    refused: hostsOf('host-refused'),
    reverted: hostsOf('host-reverted'),
  };
}

type Line = { readonly type: string; readonly [key: string]: unknown };

function isFinding(line: Line | undefined): line is Line & TaskFinding {
  return line?.type === 'finding' && typeof (line.finding as Finding | undefined)?.level === 'string';
}

function entriesOf(lines: readonly (Line | undefined)[]): ReadonlyMap<string, readonly EntryRecord[]> {
  const found = new Map<string, EntryRecord[]>();
  for (const [i, line] of lines.entries()) {
    if (line?.type !== 'intend' || !Array.isArray(line.tasks)) continue;
    for (const task of line.tasks) {
      const {
        id,
        name,
        user,
        method,
        connection,
        remoteUser,
        delegate,
        entries = [],
        again = [],
        hidden = false,
      } = task;
      const host = String(delegate ?? line.host);
      const known = found.get(host) ?? [];
      found.set(host, known);
      for (const n of entries)
        known.push({
          ...{ n, task: id, name, user, method, connection, remoteUser, hidden },
          again: again.includes(n),
          line: i + 1,
        });
    }
  }
  // Tasks of several hosts on one come in no certain order.
  for (const known of found.values()) known.sort((a, b) => a.n - b.n);
  return found;
}

/** Hosts on which another run has taken this one back, and which run; an undo that was undone itself does not count. */
export function undoneOn(run: RunRecord, all: readonly RunRecord[]): ReadonlyMap<string, RunRecord> {
  const undone = new Map<string, RunRecord>();
  for (const other of all) {
    const whole = other.end === 'applied' || other.end === 'refused';
    if (other.head.undoes !== run.head.id || !whole) continue;
    const again = undoneOn(other, all);
    for (const { host, failed, unreachable } of other.recap ?? []) {
      const done = failed === 0 && !unreachable && !other.refused.has(host) && !other.reverted.has(host);
      if (done && !again.has(host)) undone.set(host, other);
    }
  }
  return undone;
}

type RunOutcome = 'ok' | 'failed' | 'interrupted' | 'reverted' | 'refused' | 'undone' | 'warned';

export function outcomeOf(run: RunRecord, all: readonly RunRecord[]): RunOutcome {
  const undone = undoneOn(run, all);
  if (run.entries.size > 0 && [...run.entries.keys()].every((host) => undone.has(host))) return 'undone';
  if (run.reverted.size > 0) return 'reverted';
  if (run.recap === undefined || run.end === 'interrupted') return 'interrupted';
  if (run.recap.some((host) => host.failed > 0 || host.unreachable)) return 'failed';
  if (run.findings.some(({ finding }) => finding.level === 'fail')) return 'failed';
  if (run.findings.some(({ finding }) => finding.level === 'warn')) return 'warned';
  return run.end === 'refused' ? 'refused' : 'ok';
}

/**
 * Removes all but the newest `keep` of the runs that changed something, as many that did not, and as many audits. One that was cut off
 * stays: it may have to be finished or undone.
 */
export function pruneRecords(root: string, keep: number): void {
  if (ids(root).length <= keep) return; // and none of them has to be read
  const kept = { changing: 0, idle: 0, audit: 0 };
  for (const run of readRecords(root)) {
    const kind = run.head.command ?? (run.entries.size > 0 ? 'changing' : 'idle');
    kept[kind] += 1;
    const many = kept[kind] > keep;
    if (many && run.end !== undefined) rmSync(join(root, 'runs', run.head.id), { recursive: true, force: true });
  }
}

/** A run by its id or a beginning of it that fits no other; without one, the last that changed something for good. */
export function chooseRun(
  all: readonly RunRecord[],
  name: string | undefined,
): { readonly run: RunRecord } | { readonly problem: string; readonly hint: string } {
  const listed = 'List them with `runbook history`.';
  if (name === undefined) {
    const last = all.find((run) => run.entries.size > 0 && run.head.undoes === undefined);
    if (last !== undefined) return { run: last };
    return {
      problem: 'there is no run that has changed anything',
      hint: `Runs are kept in ${RECORDS}/ where they were started.`,
    };
  }
  const fitting = all.filter(({ head }) => head.id.startsWith(name));
  const [only, other] = fitting;
  if (only === undefined) return { problem: `there is no run \`${name}\``, hint: listed };
  if (other === undefined) return { run: only };
  return {
    problem: `\`${name}\` may be ${fitting.length} runs, such as ${only.head.id} and ${other.head.id}`,
    hint: listed,
  };
}
