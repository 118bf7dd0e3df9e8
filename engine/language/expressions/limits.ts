import { Problem } from './problem.ts';

/** Text made by templates, in UTF-16 units: 64 Mi. */
const LONGEST_TEXT = 64 * 1024 * 1024;
/** Items of a list made by an expression (`range`, `*`, `product`). */
const LONGEST_LIST = 1_000_000;
/** Characters of a text that is taken apart into them. */
const MOST_CHARACTERS = 16 * 1024 * 1024;
/** Pieces that a text is put together of, such as the items of a list and the commas between them. */
const MOST_PIECES = 4_000_000;
/** Lists that `product` combines. */
export const MOST_FACTORS = 100;
/** Levels of brackets, operators and blocks that a template may nest. */
export const DEEPEST_SYNTAX = 250;
/** Levels of macros, includes and recursive loops that may be open at once. */
const DEEPEST_CALL = 100;
/** Levels of lists and maps in a value that an expression gives. */
export const DEEPEST_VALUE = 500;
/** Loop rounds, calls and items that one evaluation may go through. */
const MOST_STEPS = 2_000_000;
/** How long one regular expression may search, in milliseconds. */
export const REGEX_PATIENCE = 1_000;

/** What one evaluation has used up, so that no template can hang the controller. */
export interface Budget {
  steps: number;
  calls: number;
}

export function newBudget(): Budget {
  return { steps: 0, calls: 0 };
}

export function spend(budget: Budget, steps: number): void {
  budget.steps += steps;
  if (budget.steps > MOST_STEPS) {
    throw new Problem(`this takes more than ${MOST_STEPS.toLocaleString('en')} steps, which no template should`);
  }
}

/** Runs a macro, an include or a round of a recursive loop one level deeper. */
export function deeper<T>(budget: Budget, run: () => T): T {
  spend(budget, 1);
  budget.calls += 1;
  if (budget.calls > DEEPEST_CALL) {
    throw new Problem(`macros, includes and recursive loops nest deeper than ${DEEPEST_CALL} levels: one calls itself`);
  }
  try {
    return run();
  } finally {
    budget.calls -= 1;
  }
}

export function checkText(length: number): void {
  if (length > LONGEST_TEXT) throw new Problem('this text grows beyond 64 MiB');
}

export function checkCharacters(length: number): void {
  if (length > MOST_CHARACTERS)
    throw new Problem('this text is too long to be taken apart: it has more than 16 Mi characters');
}

export function checkList(length: number): void {
  if (length > LONGEST_LIST) {
    throw new Problem(`this list grows beyond ${LONGEST_LIST.toLocaleString('en')} items`);
  }
}

/** Joins texts, and stops before the result is too long to hold or takes too many pieces. */
export class TextBuilder {
  readonly #parts: string[] = [];
  #length = 0;

  add(text: string): void {
    this.#length += text.length;
    checkText(this.#length);
    this.#parts.push(text);
    if (this.#parts.length > MOST_PIECES) throw new Problem('this value is too large to be written as a text');
  }

  toString(): string {
    return this.#parts.join('');
  }
}
