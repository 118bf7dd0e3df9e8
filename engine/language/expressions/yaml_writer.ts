import type { TextBuilder } from './limits.ts';

const BREAK = /[\n\x85\u2028\u2029]/;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '0'],
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\v', 'v'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['\x1b', 'e'],
  ['"', '"'],
  ['\\', '\\'],
  ['\x85', 'N'],
  ['\xa0', '_'],
  ['\u2028', 'L'],
  ['\u2029', 'P'],
]);
/** What stands in double quotes as it is. */
const UNESCAPED = /^[\x20\x21\x23-\x5b\x5d-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/u;

/** Lays YAML out on lines, as libyaml does (emitter.c). */
export class YamlWriter {
  flowLevel = 0;
  /** Nothing but indentation and indicators such as `- ` is on the line so far. */
  atIndention = true;
  readonly #out: TextBuilder;
  readonly #step: number;
  readonly #width: number;
  #column = 0;
  #indent = -1;
  #afterSpace = true;

  constructor(out: TextBuilder, options: { readonly indent: number; readonly width: number }) {
    this.#out = out;
    this.#step = options.indent >= 2 && options.indent <= 9 ? options.indent : 2;
    this.#width = options.width > this.#step * 2 ? options.width : 80;
  }

  indicator(text: string, needsSpace: boolean, after: { space?: boolean; indention?: boolean } = {}): void {
    const shown = needsSpace && !this.#afterSpace ? ` ${text}` : text;
    this.#afterSpace = after.space ?? false;
    this.atIndention = this.atIndention && (after.indention ?? false);
    this.#write(shown);
  }

  /** Runs one level deeper; `indentless`: a list in a map stands below its key. */
  indented(indentless: boolean, run: () => void): void {
    const before = this.#indent;
    if (before < 0) this.#indent = 0;
    else if (!indentless) this.#indent = before + this.#step;
    run();
    this.#indent = before;
  }

  openFlow(bracket: string): void {
    this.indicator(bracket, true, { space: true });
    this.flowLevel += 1;
    this.#indents.push(this.#indent);
    this.#indent = this.#flowIndent();
  }

  readonly #indents: number[] = [];

  #flowIndent(): number {
    return this.#indent < 0 ? this.#step : this.#indent + this.#step;
  }

  flowItem(first: boolean): void {
    if (!first) this.indicator(',', false);
    if (this.#column > this.#width) this.newLine();
  }

  closeFlow(bracket: string): void {
    this.#indent = this.#indents.pop() ?? -1;
    this.flowLevel -= 1;
    this.indicator(bracket, false);
  }

  /** Whether the line is as long as it should be. */
  get isWide(): boolean {
    return this.#column > this.#width;
  }

  newLine(): void {
    const indent = Math.max(0, this.#indent);
    if (!this.atIndention || this.#column > indent || (this.#column === indent && !this.#afterSpace)) this.#break('\n');
    if (this.#column < indent) {
      this.#afterSpace = true;
      this.#write(' '.repeat(indent - this.#column));
    }
  }

  finish(): void {
    if (this.#column > 0) this.#break('\n');
  }

  /** Text without quotes, folded at single spaces where it may be split. */
  plain(text: string, split: boolean): void {
    this.#scalar(() => {
      if (text === '') return;
      if (!this.#afterSpace) this.#write(' ');
      this.#afterSpace = false;
      this.atIndention = false;
      for (const run of text.split(/( +)/)) {
        const folds = run === ' ' && split && this.#column > this.#width;
        if (folds) this.newLine();
        else this.#write(run);
        if (folds) this.#afterSpace = false;
        if (folds) this.atIndention = false;
      }
    });
  }

  singleQuoted(text: string, split: boolean): void {
    this.#scalar(() => {
      this.indicator("'", true);
      const runs = text.split(/( +|[\n\x85\u2028\u2029]+)/);
      runs.forEach((run, index) => {
        const isEdge =
          runs.slice(0, index).every((each) => each === '') || (index >= runs.length - 2 && runs.at(-1) === '');
        if (BREAK.test(run)) this.#breaks(run);
        else if (run === ' ' && split && !isEdge && this.#column > this.#width) this.newLine();
        else this.#write(run.replaceAll("'", "''"));
      });
      this.indicator("'", false);
    });
  }

  #breaks(run: string): void {
    if (run.startsWith('\n')) this.#break('\n');
    for (const each of run) this.#break(each);
    this.newLine();
  }

  doubleQuoted(text: string, split: boolean): void {
    this.#scalar(() => {
      this.indicator('"', true);
      const all = Array.from(text);
      let afterSpace = false;
      all.forEach((character, index) => {
        const isInside = index > 0 && index < all.length - 1;
        if (character === ' ' && split && !afterSpace && isInside && this.#column > this.#width) {
          this.newLine();
          if (all[index + 1] === ' ') this.#write('\\');
        } else {
          this.#write(UNESCAPED.test(character) ? character : escaped(character));
        }
        afterSpace = character === ' ';
      });
      this.indicator('"', false);
    });
  }

  /** A scalar's further lines stand one level deeper. */
  #scalar(run: () => void): void {
    const before = this.#indent;
    this.#indent = this.#flowIndent();
    run();
    this.#indent = before;
  }

  #write(text: string): void {
    this.#column += Array.from(text).length;
    this.#out.add(text);
  }

  #break(text: string): void {
    this.#afterSpace = true;
    this.atIndention = true;
    this.#column = 0;
    this.#out.add(text);
  }
}

function escaped(character: string): string {
  const short = ESCAPES.get(character);
  if (short !== undefined) return `\\${short}`;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
