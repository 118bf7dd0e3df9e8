import type { Finding } from '../../../engine/planning/finding.ts';
import type { RecordedTask } from '../../../engine/reporting/recorded_task.ts';
import type { KeptEvent, KeptRun } from '../../../engine/reporting/report/fold.ts';
import type { PastRun } from '../../../engine/reporting/report/trend.ts';

export const START = Date.UTC(2026, 10, 24, 6, 0, 0);

export function recorded(host: string, name: string, more: Partial<RecordedTask> = {}): RecordedTask {
  return {
    ...{ id: `0.tasks.${name}`, host, play: 'Monthly audit', name, module: 'copy', handler: false },
    ...{ place: 'audit.yml:7', outcome: 'ok', noLog: false, steps: [], ...more },
  };
}

/** A check as an audit keeps it. */
export function checked(host: string, name: string, finding: Finding): RecordedTask {
  return recorded(host, name, { module: `check_${name.split(' ')[0]}`, finding });
}

/** A run whose events are told briefly: it looked at each host once and went through. */
export function kept(
  command: 'plan' | 'apply' | 'audit',
  tasks: readonly RecordedTask[],
  more: { readonly hosts?: readonly string[]; readonly events?: readonly KeptEvent[]; readonly end?: string } = {},
): KeptRun {
  const hosts = more.hosts ?? [...new Set(tasks.map(({ host }) => host))];
  const playbooks = ['playbooks/monthly-audit.yml'];
  const events: readonly KeptEvent[] = [
    { type: 'run-started', command, playbooks, hosts, at: START },
    ...hosts.map(
      (host, i): KeptEvent => ({ type: 'host-looked', host, ms: 300 + i, questions: 24, at: START + 500 + 7 * i }),
    ),
    ...(more.events ?? []),
    { type: 'run-finished', recap: [], at: START + 4_200 },
    {
      type: 'end',
      kind: more.end ?? (command === 'apply' ? 'applied' : `${command === 'plan' ? 'plann' : 'audit'}ed`),
      at: START + 4_210,
    },
  ];
  const head = { id: '2026-11-24T060000Z-0a1b2c3d', by: 'ops@control', playbooks, startedAt: START };
  return { head, events, tasks };
}

/** The run some days before, of the same tasks as they are told to have been. */
export function earlier(days: number, tasks: readonly RecordedTask[]): PastRun {
  const startedAt = START - days * 86_400_000;
  return {
    id: `${new Date(startedAt).toISOString().slice(0, 10)}T060000Z-00000000`,
    startedAt,
    command: 'audit',
    tasks,
  };
}
