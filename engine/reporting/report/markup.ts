import { printable, printableLines } from '../escape.ts';

const TEXT = Symbol('markup');

/**
 * Markup, HTML or XML: built only by the tag below, which escapes whatever it is given. What comes from a host is
 * hostile.
 */
export interface Markup {
  readonly [TEXT]: string;
}

type Hole = string | number | Markup | undefined | false | readonly Hole[];

/**
 * Each hole is a text, a list, or markup already; nothing stands for nothing. Attributes are to be quoted. Line ends of
 * the template itself are not written: a page of a thousand findings would have ten thousand texts without a word.
 */
export function markup(parts: TemplateStringsArray, ...holes: readonly Hole[]): Markup {
  let text = joined(parts[0]);
  for (const [i, hole] of holes.entries()) text += render(hole) + joined(parts[i + 1]);
  return { [TEXT]: text };
}

function joined(part: string | undefined): string {
  return (part ?? '').replace(/\n\s*/g, '');
}

/** A line end, where one is wanted. */
export const END: Markup = { [TEXT]: '\n' };

/** What is to be written out. */
export function textOf(built: Markup): string {
  return built[TEXT];
}

/** Of this program's own making, and markup already. */
export function trusted(text: string): Markup {
  return { [TEXT]: text };
}

/** A text of several lines, whose line ends stay. */
export function lines(text: string): Markup {
  return { [TEXT]: printableLines(text).map(escaped).join('\n') };
}

function render(hole: Hole): string {
  if (hole === undefined || hole === false) return '';
  if (typeof hole === 'object' && TEXT in hole) return hole[TEXT];
  if (typeof hole === 'object') return hole.map(render).join('');
  return escaped(printable(String(hole)));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What XML 1.0 cannot hold at all is replaced: halves of surrogate pairs, and two code points that are none. */
function escaped(text: string): string {
  return text
    .replace(/[\ud800-\udfff\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (char) => ENTITIES[char] as string);
}
