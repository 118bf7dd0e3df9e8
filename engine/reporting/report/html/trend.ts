import { type Markup, markup } from '../markup.ts';
import type { Series, Trend, TrendRun, Turn } from '../report.ts';
import { timeMarkup } from '../words.ts';
import { measureText } from './cards.ts';

/** So many plots of a check are shown; the rest is behind a click. */
const MOST_PLOTS = 12;

/** What became of things over the last runs. */
export function trendMarkup({ runs, since, better, worse, series }: Trend): Markup {
  const checks = [...new Set(series.map(({ check }) => check))];
  return markup`${runsChart(runs)}
${
  since &&
  markup`<p class="note">Compared with the run of ${timeMarkup(since.startedAt)}:</p>
<div class="turns">${turns('Worse', worse, 'fail')}${turns('Better', better, 'pass')}</div>`
}
${checks.map((check) => markup`<h3>${check}</h3>${plots(series.filter((one) => one.check === check))}`)}`;
}

function plots(series: readonly Series[]): Markup {
  const rest = series.slice(MOST_PLOTS);
  return markup`<ul class="plots">${series.slice(0, MOST_PLOTS).map(plot)}</ul>${
    rest.length > 0 &&
    markup`<details class="more"><summary>${rest.length} more</summary><ul class="plots">${rest.map(plot)}</ul></details>`
  }`;
}

const BAR = 18;
const GAP = 6;
const HEIGHT = 84;

/** A bar for each run: what passes at the bottom, what fails on top. */
function runsChart(runs: readonly TrendRun[]): Markup {
  const most = Math.max(1, ...runs.map((run) => total(run)));
  const width = runs.length * (BAR + GAP);
  const bars = runs.map((run, i) => {
    let y = HEIGHT;
    const rects = KINDS.map((kind) => {
      const height = (HEIGHT * run[kind]) / most;
      y -= height;
      return (
        height > 0 &&
        markup`<rect class="${kind}" x="${i * (BAR + GAP)}" y="${y.toFixed(1)}" width="${BAR}" height="${height.toFixed(1)}"></rect>`
      );
    });
    return markup`<g><title>${dayText(run.startedAt)}: ${wordsOf(run)}</title><rect class="base" x="${i * (BAR + GAP)}" y="${HEIGHT}" width="${BAR}" height="2"></rect>${rects}</g>`;
  });
  const last = runs.at(-1);
  return markup`<figure class="runs"><svg role="img" width="${width}" height="${HEIGHT + 2}" viewBox="0 0 ${width} ${HEIGHT + 2}" aria-label="The last ${runs.length} runs; this one: ${last && wordsOf(last)}">${bars}</svg>
<figcaption>${runs.length} runs, from ${dayText(runs[0]?.startedAt)} to this one at the right.</figcaption></figure>`;
}

function dayText(at: number | undefined): string {
  const date = new Date(at ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10);
}

const KINDS = ['pass', 'changed', 'warn', 'fail', 'failed'] as const;

function total(run: TrendRun): number {
  return KINDS.reduce((sum, kind) => sum + run[kind], 0);
}

function wordsOf(run: TrendRun): string {
  const told = KINDS.filter((kind) => run[kind] > 0).map((kind) => `${run[kind]} ${kind}`);
  return told.length === 0 ? 'nothing' : told.join(', ');
}

function turns(title: string, list: readonly Turn[], kind: 'pass' | 'fail'): Markup {
  if (list.length === 0) return markup`<section><h3>${title}</h3><p class="note">Nothing.</p></section>`;
  return markup`<section><h3>${title} <span class="badge ${kind}">${list.length}</span></h3><ul>${list.map(
    ({ host, check, from, to, summary }) =>
      markup`<li data-host="${host}"><b>${host}</b> ${check}: <span class="badge ${from}">${from}</span> → <span class="badge ${to}">${to}</span><br><span class="note">${summary}</span></li>`,
  )}</ul></section>`;
}

const PLOT = { width: 180, height: 44, pad: 4 };

function plot({ host, name, unit, points }: Series): Markup {
  const known = points.filter(({ at, value }) => Number.isFinite(at) && Number.isFinite(value));
  const values = known.map(({ value }) => value);
  const times = known.map(({ at }) => at);
  // A share is told from empty to full; others between their least and their most.
  const low = unit === '%' ? Math.min(0, ...values) : Math.min(...values);
  const high = unit === '%' ? Math.max(100, ...values) : Math.max(...values);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const { width, height, pad } = PLOT;
  const x = (at: number): number => pad + ((width - 2 * pad) * (at - from)) / (to - from || 1);
  const y = (value: number): number =>
    high === low ? height / 2 : height - pad - ((height - 2 * pad) * (value - low)) / (high - low);
  const path = known.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined) return markup``;
  const told = `${measureText({ value: first.value, unit })} → ${measureText({ value: last.value, unit })}`;
  return markup`<li data-host="${host}"><p><b>${name}</b> <span class="value">${measureText({ value: last.value, unit })}</span></p><p class="note">${host}</p>
<svg role="img" viewBox="0 0 ${width} ${height}" aria-label="${told} over ${known.length} runs"><title>${told}</title><polyline points="${path}"></polyline><circle cx="${x(last.at).toFixed(1)}" cy="${y(last.value).toFixed(1)}" r="3"></circle></svg>
<p class="note">${told}</p></li>`;
}
