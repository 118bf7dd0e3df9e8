import type { RecordedTask } from '../../recorded_task.ts';
import { countOf } from '../fold.ts';
import { type Markup, markup } from '../markup.ts';
import { labelOf, type Report, type ReportHost } from '../report.ts';
import { durationText } from '../words.ts';

interface Bar {
  readonly kind: string;
  readonly title: string;
  readonly from: number;
  readonly to: number;
}

/** Who did what when: a row of bars for each host. `undefined`: nothing took any time. */
export function timeline({ run, hosts, tasks }: Report): Markup | undefined {
  const rows = hosts.map((host) => ({
    host,
    bars: barsOf(
      host,
      tasks.filter((task) => task.host === host.host),
    ),
  }));
  const all = rows.flatMap(({ bars }) => bars);
  if (all.length === 0) return undefined;
  const start = Math.min(run.startedAt, ...all.map(({ from }) => from));
  const end = Math.max(run.finishedAt ?? start, ...all.map(({ to }) => to), start + 1);
  const percent = (ms: number): string => `${((100 * ms) / (end - start)).toFixed(2)}%`;
  const bar = ({ kind, title, from, to }: Bar): Markup =>
    markup`<rect class="${kind}" x="${percent(from - start)}" y="3" height="12" rx="2" width="${percent(Math.max(to - from, (end - start) / 400))}"><title>${title}, ${durationText(to - from)}, at ${durationText(from - start)}</title></rect>`;
  return markup`<div class="scroll" tabindex="0" role="group" aria-label="Hosts by time"><table class="timeline">
<thead><tr><th scope="col">Host</th><th scope="col"><span class="unseen">Time</span>${axis(end - start)}</th><th scope="col" class="number">At work</th></tr></thead>
<tbody>${rows.map(
    ({ host: { host, looks }, bars }) => markup`<tr data-host="${host}"><th scope="row">${host}</th>
<td><svg role="img" height="18" width="100%" aria-label="${looks.length} looks, ${bars.length - looks.length} tasks">${bars.map(bar)}</svg></td>
<td class="number">${durationText(bars.reduce((sum, { from, to }) => sum + to - from, 0))}</td></tr>`,
  )}</tbody></table></div>${slowest(tasks)}`;
}

function barsOf({ looks }: ReportHost, tasks: readonly RecordedTask[]): readonly Bar[] {
  return [
    ...looks.map(
      ({ at, ms, questions }): Bar => ({ kind: 'look', title: `look: ${questions} questions`, from: at - ms, to: at }),
    ),
    ...tasks.flatMap((task): readonly Bar[] => {
      const { at, ms = 0 } = task;
      const status = countOf(task);
      if (at === undefined || (status === 'ok' && ms === 0) || status === 'skipped') return [];
      return [{ kind: status, title: labelOf(task), from: at - ms, to: at }];
    }),
  ];
}

/** A mark at each round number of seconds, six at most. */
function axis(ms: number): Markup {
  const steps = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000];
  const step = steps.find((one) => ms / one <= 6) ?? Math.ceil(ms / 6 / 3_600_000) * 3_600_000;
  const marks = Array.from({ length: Math.floor(ms / step) + 1 }, (_, i) => i * step).filter((at) => at / ms < 0.95);
  return markup`<svg class="axis" height="18" width="100%" aria-hidden="true">${marks.map(
    (at) =>
      markup`<text x="${((100 * at) / ms).toFixed(2)}%" y="13">${at % 1000 === 0 ? `${at / 1000} s` : `${at} ms`}</text>`,
  )}</svg>`;
}

const MOST_SLOW = 5;

/** Each task once, on the host where it took longest. */
function slowest(tasks: readonly RecordedTask[]): Markup | undefined {
  const sorted = tasks.filter(({ ms = 0 }) => ms >= 100).sort((a, b) => (b.ms ?? 0) - (a.ms ?? 0));
  const slow = [...new Map([...sorted].reverse().map((task) => [labelOf(task), task])).values()]
    .sort((a, b) => (b.ms ?? 0) - (a.ms ?? 0))
    .slice(0, MOST_SLOW);
  if (slow.length === 0) return undefined;
  return markup`<h3>What took longest</h3><table class="plain"><tbody>${slow.map(
    (task) =>
      markup`<tr><td class="number">${durationText(task.ms ?? 0)}</td><td>${labelOf(task)}</td><td>${task.host}</td></tr>`,
  )}</tbody></table>`;
}
