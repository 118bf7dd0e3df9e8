import { Unknown } from '../values.ts';
import { TextBuilder } from './limits.ts';
import { isDict, isList, type Operand, Undefined, unknownIn } from './operand.ts';
import { textOf } from './print.ts';

/** What a template has written so far. */
export class Output {
  readonly #text = new TextBuilder();
  /** The first piece, kept as it is: it may stay the only one. */
  #first: Operand | undefined;
  #pieces = 0;
  /** An Unknown that was written: the whole text is unknown then. */
  #unknown: Unknown | undefined;

  /** Text between tags. */
  text(text: string): void {
    if (text === '') return;
    this.#settle();
    this.#pieces += 1;
    this.#text.add(text);
  }

  /** The value of a `{{ }}`. */
  value(operand: Operand): void {
    if (operand instanceof Undefined && !operand.lenient) throw operand.problem();
    this.#settle();
    this.#pieces += 1;
    if (this.#pieces === 1) this.#first = operand;
    else this.#write(operand);
  }

  /** All of it as a text. None prints as nothing, as Ansible has it. */
  toText(): string | Unknown {
    this.#settle();
    return this.#unknown ?? this.#text.toString();
  }

  /**
   * The one value that was written, if it was only one and `accepts` it; the text otherwise. Nothing written is
   * the empty text.
   */
  toValue(accepts: (operand: Operand) => boolean): Operand {
    const only = this.#pieces === 1 ? this.#first : undefined;
    return only !== undefined && accepts(only) ? only : this.toText();
  }

  #settle(): void {
    const first = this.#first;
    if (first === undefined) return;
    this.#first = undefined;
    this.#write(first);
  }

  #write(operand: Operand): void {
    if (operand === null) return;
    const unknown = unknownIn(operand);
    if (unknown !== undefined) this.#unknown ??= unknown;
    else this.#text.add(textOf(operand));
  }
}

/** What keeps its type even where statements stand around it: `{% if x %}{{ list }}{% endif %}`. */
export function keepsType(operand: Operand): boolean {
  return typeof operand === 'boolean' || isList(operand) || isDict(operand) || operand instanceof Unknown;
}
