import { createHash } from 'node:crypto';
import { count } from '../../../language/count.ts';
import { type TaskGroup, taskRows } from '../groups.ts';
import { END, lines, type Markup, markup, textOf, trusted } from '../markup.ts';
import type { Command, Counts, Report, ReportHost } from '../report.ts';
import { durationText, prose, SIGNS, timeMarkup, verdictMarkup } from '../words.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from './assets.ts';
import { card } from './cards.ts';
import { matrix } from './matrix.ts';
import { timeline } from './timeline.ts';
import { trendMarkup } from './trend.ts';

/** One file with all it needs: it asks nobody for anything, and runs no script but its own. */
export function htmlReport(report: Report): string {
  const title = `${NAMES[report.run.command]} of ${report.run.playbooks.join(', ')}`;
  return `<!doctype html>\n${textOf(markup`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="generator" content="runbook ${report.version}">
<title>${title}</title>
${END}<style>${trusted(PAGE_STYLE)}</style>${END}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
${head(report, title)}
${sections(report)}
<footer><p>Written by runbook ${report.version}. Everything on this page is in this one file.</p></footer>
<script>${trusted(PAGE_SCRIPT)}</script>
</body>
</html>${END}`)}`;
}

const NAMES: Readonly<Record<Command, string>> = { plan: 'Plan', apply: 'Apply', audit: 'Audit' };

const POLICY = [
  "default-src 'none'",
  `script-src '${digest(PAGE_SCRIPT)}'`,
  `style-src '${digest(PAGE_STYLE)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** As CSP 3 names a script or a style by what stands in it. */
function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}

function head({ run, hosts }: Report, title: string): Markup {
  const took = run.finishedAt === undefined ? undefined : durationText(run.finishedAt - run.startedAt);
  const fact = (name: string, value: string | Markup | undefined): Markup | undefined =>
    value === undefined ? undefined : markup`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return markup`<header class="top"><div class="bar"><p class="brand">runbook</p>
<fieldset class="switch"><legend class="unseen">Theme</legend>${['auto', 'light', 'dark'].map(
    (name, i) =>
      markup`<label><input type="radio" name="theme" id="theme-${name}" value="${name}"${i === 0 && markup` checked`}><span>${name}</span></label>`,
  )}</fieldset></div>
<h1>${title} ${verdictMarkup(run.verdict)}</h1>
${run.ended !== undefined && markup`<p class="ended">${run.ended}</p>`}
<dl class="facts">${fact('When', timeMarkup(run.startedAt))}${fact('Took', took)}${fact('Hosts', String(hosts.length))}${fact('By', run.by)}${fact(
    'Commit',
    run.git && markup`<code>${run.git.commit.slice(0, 12)}</code>${run.git.dirty && ' and changes of its own'}`,
  )}${fact('Takes back', run.undoes)}${fact('Run', markup`<code>${run.id}</code>`)}</dl></header>`;
}

/** In the order they are shown in: what is worst comes first. */
const STATUSES: readonly (keyof Counts)[] = [
  ...(['fail', 'failed', 'warn', 'changed', 'pending', 'excused', 'pass', 'ok', 'skipped'] as const),
];

interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

function sections(report: Report): Markup {
  const { hosts, tasks, totals, warnings, trend } = report;
  const rows = taskRows(tasks);
  const groups = rows.flatMap((row) => row.groups).sort(byStatus);
  const findings = groups.filter(({ task }) => task.finding !== undefined);
  const others = groups.filter(({ task }) => task.finding === undefined);
  const acting = others.filter(({ status }) => !CALM.has(status));
  const idle = others.filter(({ status }) => CALM.has(status));
  const cards = (list: readonly TaskGroup[]): Markup => {
    const calm = list.filter(({ status }) => CALM.has(status));
    const loud = list.filter(({ status }) => !CALM.has(status));
    return markup`${cardList(loud, hosts.length)}${cardList(calm, hosts.length, ' quiet')}`;
  };
  const time = timeline(report);
  const all: readonly (Section | undefined)[] = [
    problems(hosts, warnings),
    rows.length > 0
      ? {
          id: 'matrix',
          title: findings.length > 0 ? 'Hosts and checks' : 'Hosts and tasks',
          body: matrix(
            findings.length > 0 ? rows.filter(({ groups: [group] }) => group?.task.finding) : rows,
            hosts,
            'Checks by hosts',
          ),
        }
      : undefined,
    findings.length > 0 ? { id: 'findings', title: 'Findings', body: cards(findings) } : undefined,
    acting.length > 0 ? { id: 'changes', title: TITLES[report.run.command], body: cards(acting) } : undefined,
    trend && { id: 'trend', title: 'Trend', body: trendMarkup(trend) },
    time && { id: 'timeline', title: 'Timeline', body: time },
    idle.length > 0
      ? {
          id: 'tasks',
          title: 'In order and skipped',
          body: markup`<details class="more"><summary>${count(idle.length, 'task')} that had nothing to do</summary>${cards(idle)}</details>`,
        }
      : undefined,
  ];
  const shown = all.filter((section) => section !== undefined);
  return markup`<div class="tools" role="search" aria-label="Filters">${statusFilter(totals)}
<div class="row"><label class="scripted search"><span class="unseen">Search</span><input type="search" id="search" placeholder="Search (press /)" autocomplete="off" spellcheck="false"></label>
${hosts.length > 1 && markup`<label class="scripted"><span class="unseen">Host</span><select id="host"><option value="">all hosts</option>${hosts.map(({ host }) => markup`<option>${host}</option>`)}</select></label>`}
<fieldset class="switch"><legend class="unseen">Diffs</legend><label><input type="radio" name="diff" id="unified" checked><span>unified</span></label><label><input type="radio" name="diff" id="split"><span>side by side</span></label></fieldset>
<button type="button" class="scripted" id="expand" aria-pressed="false">open all</button>
<output class="scripted" id="shown" for="search host"></output></div>
<nav aria-label="Sections">${shown.map(({ id, title }) => markup`<a href="#${id}">${title}</a>`)}</nav></div>
<main id="main" tabindex="-1">${shown.map(
    ({ id, title, body }) => markup`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${body}</section>`,
  )}${shown.length === 0 && markup`<p class="note">There was nothing to do.</p>`}</main>`;
}

/** What needs no eye. */
const CALM: ReadonlySet<keyof Counts> = new Set(['pass', 'ok', 'skipped']);

/** Of more cards than this only those in sight are laid out. */
const MANY = 100;

function cardList(list: readonly TaskGroup[], hosts: number, kind = ''): Markup | undefined {
  if (list.length === 0) return undefined;
  return markup`<div class="cards${kind}${list.length > MANY && ' many'}">${list.map((group) => card(group, hosts))}</div>`;
}

const TITLES: Readonly<Record<Command, string>> = {
  plan: 'What would change',
  apply: 'What changed',
  audit: 'What could not be judged',
};

function byStatus(a: TaskGroup, b: TaskGroup): number {
  return STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status);
}

/** The numbers, which are switches too. They work without the script. */
function statusFilter(totals: Counts): Markup {
  return markup`<fieldset class="statuses"><legend class="unseen">Show</legend>${STATUSES.filter(
    (status) => totals[status] > 0,
  ).map(
    (status) =>
      markup`<label class="${status}"><input type="checkbox" id="show-${status}" checked><b>${totals[status]}</b> <span><span aria-hidden="true">${SIGNS[status]}</span> ${status}</span></label>`,
  )}</fieldset>`;
}

function problems(hosts: readonly ReportHost[], warnings: Report['warnings']): Section | undefined {
  const out = hosts.filter(({ trouble }) => trouble !== undefined);
  if (out.length === 0 && warnings.length === 0) return undefined;
  const body = markup`<ul class="problems">${out.map(
    ({ host, verdict, trouble }) =>
      markup`<li data-host="${host}">${verdictMarkup(verdict)} <b>${host}</b> ${trouble && prose(trouble.message)}${trouble?.hint !== undefined && markup`<p class="note">${prose(trouble.hint)}</p>`}${trouble?.log && markup`<pre class="text">${lines(trouble.log.join('\n'))}</pre>`}</li>`,
  )}${warnings.map(({ host, message }) => markup`<li data-host="${host}"><span class="badge warn">warning</span> ${host !== undefined && markup`<b>${host}</b> `}${prose(message)}</li>`)}</ul>`;
  return { id: 'problems', title: 'Problems', body };
}
