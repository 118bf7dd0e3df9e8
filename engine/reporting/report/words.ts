import { moment } from '../../planning/moment.ts';
import { type Markup, markup } from './markup.ts';
import type { Counts, Verdict } from './report.ts';

/** A sign for each status, for whoever does not see colours. */
export const SIGNS: Readonly<Record<keyof Counts, string>> = {
  pass: '✓',
  warn: '!',
  fail: '✕',
  ok: '✓',
  changed: '●',
  pending: '○',
  failed: '✕',
  excused: '⊘',
  skipped: '–',
};

export const VERDICTS: Readonly<Record<Verdict, string>> = {
  ok: 'in order',
  changed: 'changed',
  pending: 'changes pending',
  warn: 'warnings',
  fail: 'checks fail',
  refused: 'refused',
  unreachable: 'unreachable',
  failed: 'failed',
  reverted: 'reverted',
  interrupted: 'interrupted',
};

export function verdictMarkup(verdict: Verdict): Markup {
  return markup`<span class="badge ${verdict}">${VERDICTS[verdict]}</span>`;
}

export function timeMarkup(at: number): Markup {
  const iso = Number.isNaN(new Date(at).getTime()) ? '' : moment(at);
  return markup`<time datetime="${iso}">${iso.replace('T', ' ').replace('Z', ' UTC')}</time>`;
}

/** `0.4 s`, `2 min 5 s`. */
export function durationText(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Words of this program or its playbooks, in which backticks mark what is to be typed. */
export function prose(text: string): Markup {
  return markup`${text.split('\n').map((line, i) => markup`${i > 0 && '\n'}${inline(line)}`)}`;
}

function inline(line: string): Markup {
  const parts = line.split('`');
  if (parts.length % 2 === 0) return markup`${line}`;
  return markup`${parts.map((part, i) => (i % 2 === 0 ? part : markup`<code>${part}</code>`))}`;
}
