import { count } from '../../../language/count.ts';
import type { Evidence, Measure } from '../../../planning/finding.ts';
import type { TaskFailure } from '../../../planning/plan.ts';
import { hostsText } from '../../hosts_text.ts';
import type { RecordedStep, RecordedTask } from '../../recorded_task.ts';
import type { TaskGroup } from '../groups.ts';
import { END, lines, type Markup, markup } from '../markup.ts';
import { labelOf } from '../report.ts';
import { prose, SIGNS } from '../words.ts';
import { diffMarkup } from './diff.ts';

/** A finding or a task, to be opened: what it is in its head, all there is to know in its body. */
export function card(group: TaskGroup, all: number): Markup {
  const { anchor, status, task, hosts } = group;
  const { finding, play, module } = task;
  const says = finding?.summary ?? headline(task);
  const where = hostsText(hosts, all, false);
  return markup`<details class="card ${status}" id="${anchor}" data-status="${status}" data-hosts="${hosts.join(' ')}"${open(group)}>
<summary><span class="badge ${status}"><span aria-hidden="true">${SIGNS[status]}</span> ${status}</span>
<span class="what"><span class="name">${labelOf(task)}</span>${says && markup`<span class="says">${prose(says)}</span>`}</span>
<span class="where">${where}</span></summary>
<div class="body">
${where !== hosts.join(', ') && markup`<ul class="hosts" aria-label="Hosts">${hosts.map((host) => markup`<li>${host}</li>`)}</ul>`}
${finding && findingBody(finding)}
${task.failure && failureBody(task.failure)}
${task.message !== undefined && markup`<pre class="text">${lines(task.message)}</pre>`}
${task.waitsFor && task.waitsFor.length > 0 && markup`<p class="note">Known only after ${task.waitsFor.map((name) => `“${name}”`).join(', ')}; what is shown is the best guess.</p>`}
${task.warnings?.map((text) => markup`<p class="note">Warning: ${text}</p>`)}
${task.steps.length > 0 && markup`<ul class="steps">${task.steps.map((step) => stepMarkup(step, task))}</ul>`}
<p class="origin">${task.handler && 'handler, '}<code>${module}</code> at <code>${task.place}</code> in ${play}${task.delegate !== undefined && `, done on ${task.delegate}`}</p>
</div></details>${END}`;
}

/** What needs an eye is open from the start. */
function open({ status }: TaskGroup): Markup | undefined {
  return ['fail', 'warn', 'failed', 'changed', 'pending'].includes(status) ? markup` open` : undefined;
}

function headline({ failure, steps, outcome }: RecordedTask): string | undefined {
  if (failure !== undefined) return failure.message.split('\n', 1)[0];
  if (outcome === 'ignored' || outcome === 'rescued') return `failed (${outcome})`;
  if (outcome === 'unreachable') return 'the host was lost';
  const [first, ...others] = steps.map(stepTitle);
  return first === undefined || others.length === 0 ? first : `${first} and ${count(others.length, 'step')} more`;
}

function findingBody({ evidence, remedy, reference, measures }: NonNullable<RecordedTask['finding']>): Markup {
  return markup`${evidence && evidence.rows.length > 0 && evidenceTable(evidence)}
${measures && measures.length > 0 && markup`<ul class="measures">${measures.map((measure) => markup`<li>${measure.name} <b>${measureText(measure)}</b></li>`)}</ul>`}
${remedy !== undefined && markup`<p class="remedy"><b>What to do</b> ${prose(remedy)}</p>`}
${reference !== undefined && markup`<p class="reference"><b>Reference</b> ${link(reference)}</p>`}`;
}

function evidenceTable({ columns, rows, more }: Evidence): Markup {
  return markup`<div class="scroll" tabindex="0" role="group" aria-label="Evidence"><table class="evidence">
<thead><tr>${columns.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => markup`<tr>${columns.map((_, i) => markup`<td>${row[i]}</td>`)}</tr>`)}</tbody>
</table></div>${more !== undefined && more > 0 && markup`<p class="note">${count(more, 'more row')} left out.</p>`}`;
}

/** Only a link where it is one, whole, over TLS. */
function link(reference: string): Markup | string {
  return /^https:\/\/[^\s<>"']+$/.test(reference)
    ? markup`<a href="${reference}" rel="noreferrer noopener">${reference}</a>`
    : reference;
}

export function measureText({ value, unit }: Pick<Measure, 'value' | 'unit'>): string {
  if (unit === 'bytes') return bytesText(value);
  const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 }).format(Number(value));
  if (unit === 'count') return number;
  return unit === '%' ? `${number} %` : `${number} ${unit === 'days' ? 'days' : 's'}`;
}

function bytesText(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10), units.length - 1);
  return `${(value / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

function failureBody({ message, command, status, stderr, stdout, left, hint }: TaskFailure): Markup {
  const output = (name: string, text: string | undefined): Markup | undefined =>
    text === undefined || text.trim() === ''
      ? undefined
      : markup`<dt>${name}</dt><dd><pre class="text">${lines(text)}</pre></dd>`;
  const more = message.includes('\n') && markup`<pre class="text failure">${lines(message)}</pre>`;
  return markup`${more}<dl class="failure">
${output('command', command)}${status !== undefined && markup`<dt>exit status</dt><dd>${status}</dd>`}
${output('stderr', stderr)}${output('stdout', stdout)}${output('state', left)}${hint !== undefined && markup`<dt>hint</dt><dd>${prose(hint)}</dd>`}</dl>`;
}

function stepTitle(step: RecordedStep): string {
  return 'run' in step ? step.run : `${step.action} ${step.title}`;
}

const ACTIONS = { create: '+', change: '~', remove: '−' } as const;

function stepMarkup(step: RecordedStep, { noLog }: RecordedTask): Markup {
  if ('run' in step) {
    return markup`<li><p class="step"><span class="sign run" aria-label="runs">&gt;</span> <code>${noLog ? '(hidden: no_log)' : step.run}</code></p></li>`;
  }
  const { action, title, access, secret, attributes, content } = step;
  return markup`<li><p class="step"><span class="sign ${action}" role="img" aria-label="${action}">${ACTIONS[action]}</span> <code>${title}</code>${access && markup` <span class="access">access</span>`}</p>
${secret && markup`<p class="note">(hidden: ${noLog ? 'no_log' : 'secret'})</p>`}
${attributes.length > 0 && markup`<ul class="attributes">${attributes.map((attribute) => markup`<li>${attributeMarkup(attribute)}</li>`)}</ul>`}
${content && contentMarkup(content)}</li>`;
}

function attributeMarkup({
  name,
  before,
  after,
}: {
  name: string;
  before?: string | undefined;
  after?: string | undefined;
}): Markup {
  const old = before !== undefined && markup`<del>${before}</del>`;
  const now = after !== undefined && markup`<ins>${after}</ins>`;
  return markup`<span class="attribute">${name}</span> ${old}${before !== undefined && after !== undefined && ' → '}${now}`;
}

function contentMarkup(content: NonNullable<Exclude<RecordedStep, { run: string }>['content']>): Markup {
  if (content.kind === 'opaque') {
    return markup`<ul class="attributes"><li>${attributeMarkup({ name: 'content', before: content.before, after: content.after })}</li></ul>`;
  }
  const { before, after } = content;
  const sizes = `${count(before.length, 'character')} → ${count(after.length, 'character')} (too different to show)`;
  return diffMarkup(before, after) ?? markup`<p class="note">content: ${sizes}</p>`;
}
