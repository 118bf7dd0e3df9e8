import { moment } from '../planning/moment.ts';
import type { UnfinishedRun } from './unfinished.ts';

/** Who has the host: `holder` is what the host says, and not trusted. */
export function heldBy(holder: string): { readonly message: string; readonly hint: string } {
  const note = noteOf(holder);
  const who =
    note === undefined ? 'another run' : `the run of ${note.playbooks} by ${note.by}, begun at ${note.since},`;
  return {
    message: `${who} is at work on this host`,
    hint: 'Nothing was changed. Wait for it to end, or give --lock-timeout SECONDS to wait here.',
  };
}

function noteOf(holder: string): { playbooks: string; by: string; since: string } | undefined {
  try {
    const { playbooks, by, startedAt } = JSON.parse(holder);
    return { playbooks: [playbooks].flat().map(String).join(', '), by: String(by), since: since(Number(startedAt)) };
  } catch {
    return undefined;
  }
}

/** What an unfinished run has left, and what this one does about it. */
export function leftBehind(run: UnfinishedRun, plays: readonly string[]): string {
  const { note, begun, reverted, owed } = run;
  const handlers = [...owed].filter(([play]) => plays.includes(play)).flatMap(([, names]) => names);
  const others = [...owed.keys()].filter((play) => !plays.includes(play));
  const parts = [
    `the run of ${note.playbooks.join(', ')} by ${note.by} at ${since(note.startedAt)} did not come to its end here`,
    ...(begun.length > 0 ? [`it was cut off in ${quoted(begun)}`] : []),
    ...(reverted ? ['the access guard has put back there what lets people in'] : []),
    ...(handlers.length > 0 ? [`its handlers run now: ${quoted(handlers)}`] : []),
    ...(others.length > 0 ? [`to run its handlers, apply it again: ${quoted(others)}`] : []),
  ];
  return parts.join('; ');
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function since(at: number): string {
  return Number.isNaN(new Date(at).getTime()) ? 'an unknown time' : moment(at);
}
