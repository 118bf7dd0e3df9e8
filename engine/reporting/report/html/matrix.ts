import type { TaskGroup, TaskRow } from '../groups.ts';
import { END, type Markup, markup } from '../markup.ts';
import { labelOf, type ReportHost } from '../report.ts';
import { SIGNS, VERDICTS } from '../words.ts';

/** Names of so many hosts stand upright over their columns. */
const MOST_UPRIGHT = 8;

/** Tasks by hosts: a sign for each, which leads to what there is to say. */
export function matrix(rows: readonly TaskRow[], hosts: readonly ReportHost[], label: string): Markup {
  const slim = hosts.length > MOST_UPRIGHT && ' slim';
  return markup`<div class="scroll" tabindex="0" role="group" aria-label="${label}"><table class="matrix${slim}">
<thead><tr><th scope="col"><span class="unseen">${label}</span></th>${hosts.map(
    ({ host, verdict, trouble }) =>
      markup`<th scope="col" class="host${trouble && ` ${verdict}`}" data-host="${host}" title="${host}: ${VERDICTS[verdict]}"><span>${host}</span></th>`,
  )}</tr></thead>
<tbody>${rows.map((row) => rowMarkup(row, hosts))}</tbody></table></div>`;
}

function rowMarkup({ task, groups }: TaskRow, hosts: readonly ReportHost[]): Markup {
  const byHost = new Map(groups.flatMap((group) => group.hosts.map((host): [string, TaskGroup] => [host, group])));
  const label = labelOf(task);
  return markup`<tr><th scope="row" title="${label}">${label}</th>${hosts.map((host) => cell(host, byHost.get(host.host)))}</tr>${END}`;
}

function cell({ host, trouble }: ReportHost, group: TaskGroup | undefined): Markup {
  if (group === undefined) return markup`<td data-host="${host}"${trouble && markup` class="out"`}></td>`;
  const { status, anchor } = group;
  return markup`<td data-host="${host}"><a class="cell ${status}" href="#${anchor}" aria-label="${host}: ${status}">${SIGNS[status]}</a></td>`;
}
