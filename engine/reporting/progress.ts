import { type DefaultRenderer, Listr, type ListrTaskWrapper, type SimpleRenderer } from 'listr2';
import type { PlannedTask, TaskResult } from '../planning/plan.ts';
import { printable } from './escape.ts';

export interface Progress {
  started(task: PlannedTask): void;
  finished(result: TaskResult): void;
  close(): Promise<void>;
}

interface Row {
  readonly title: string;
  readonly hosts: Set<string>;
  readonly counts: Map<string, number>;
  draw: (title: string) => void;
  done: () => void;
  failed: boolean;
  readonly end: Promise<void>;
}

/** Rows that fit on a screen beside the prompt; more tasks than this share one row. */
const MOST_ROWS = 30;

/** One row a task, never one a host: how many hosts have done it, and how. Titles go through `mask`, then are cut. */
export function createProgress(
  plans: ReadonlyMap<string, readonly PlannedTask[]>,
  width: number,
  mask: (text: string) => string,
): Progress {
  const rows = new Map<string, Row>();
  for (const [host, tasks] of plans) {
    for (const task of tasks) {
      if (task.status !== 'change' && task.status !== 'provisional') continue;
      const row = rows.get(keyOf(task)) ?? newRow(mask(printable(task.name)));
      rows.set(keyOf(task), row);
      row.hosts.add(`${host} ${task.id}`);
    }
  }
  const shared = rows.size > MOST_ROWS ? mergeRows(rows) : undefined;
  const shown = shared === undefined ? [...rows.values()] : [shared];
  const list = new Listr<unknown, 'default', 'simple'>(
    shown.map((row) => ({
      title: titleOf(row, width),
      task: (_: unknown, wrapper: AnyWrapper) => follow(row, wrapper, width),
    })),
    {
      concurrent: false,
      exitOnError: false,
      renderer: 'default',
      registerSignalListeners: false,
      rendererOptions: { collapseErrors: false, showErrorMessage: false },
    },
  );
  const running = list.run().catch(() => undefined);

  return {
    started() {},
    finished({ task, outcome }) {
      const row = shared ?? rows.get(keyOf(task));
      if (row === undefined || !row.hosts.has(`${task.host} ${task.id}`)) return;
      row.counts.set(outcome, (row.counts.get(outcome) ?? 0) + 1);
      if (outcome === 'failed' || outcome === 'unreachable') row.failed = true;
      row.draw(titleOf(row, width));
      if (total(row) >= row.hosts.size) row.done();
    },
    async close() {
      for (const row of shown) row.done();
      await running;
    },
  };
}

type AnyWrapper = Pick<ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>, 'title' | 'skip'>;

async function follow(row: Row, wrapper: AnyWrapper, width: number): Promise<void> {
  row.draw = (title) => {
    wrapper.title = title;
  };
  row.draw(titleOf(row, width));
  await row.end;
  if (row.failed) throw new Error(row.title);
  if (total(row) === 0) wrapper.skip();
}

function keyOf(task: PlannedTask): string {
  return `${task.play}\n${task.name}\n${task.handler}`;
}

function newRow(title: string): Row {
  let done = (): void => {};
  const end = new Promise<void>((wake) => {
    done = wake;
  });
  return { title, hosts: new Set(), counts: new Map(), draw: () => {}, done, failed: false, end };
}

function mergeRows(rows: ReadonlyMap<string, Row>): Row {
  const [first] = rows.values();
  const hosts = new Set([...rows.values()].flatMap((row) => [...row.hosts]));
  return { ...(first as Row), title: `${rows.size} tasks`, hosts, counts: new Map() };
}

function total(row: Row): number {
  return [...row.counts.values()].reduce((sum, number) => sum + number, 0);
}

function titleOf(row: Row, width: number): string {
  const counts = [...row.counts].map(([outcome, number]) => `${number} ${outcome}`).join(', ');
  const tail = `  [${total(row)}/${row.hosts.size}]${counts === '' ? '' : `  ${counts}`}`;
  const room = Math.max(20, width - tail.length - 4);
  const title = row.title.length > room ? `${row.title.slice(0, room - 3)}...` : row.title;
  return `${title}${tail}`;
}
