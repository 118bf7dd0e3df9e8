import { type Place, syntaxProblem } from './problem.ts';

export type TokenKind =
  | 'data' // text outside of tags
  | 'output_begin' // {{
  | 'output_end' // }}
  | 'block_begin' // {%
  | 'block_end' // %}
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'end';

export interface Token extends Place {
  readonly kind: TokenKind;
  /** The text of data, the value of a string, the digits of a number. */
  readonly text: string;
}

/** A token as a message shows it. */
export function described(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end of the template';
    case 'data':
      return 'text';
    case 'string':
      return 'a text in quotes';
    case 'integer':
    case 'float':
      return 'a number';
    default:
      return `\`${token.text}\``;
  }
}

/** Walks over tokens. */
export class Cursor {
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  #at = 0;

  /** `tokens` ends with one of kind `end`. */
  constructor(tokens: readonly Token[], end: Token) {
    this.#tokens = tokens;
    this.#end = end;
  }

  get current(): Token {
    return this.#tokens[this.#at] ?? this.#end;
  }

  get next(): Token {
    return this.#tokens[this.#at + 1] ?? this.#end;
  }

  /** The token that was taken last. */
  get previous(): Token {
    return this.#tokens[this.#at - 1] ?? this.current;
  }

  advance(): Token {
    const token = this.current;
    this.#at += 1;
    return token;
  }

  is(kind: TokenKind, text?: string): boolean {
    const token = this.current;
    return token.kind === kind && (text === undefined || token.text === text);
  }

  operator(text: string): boolean {
    return this.is('operator', text);
  }

  word(text: string): boolean {
    return this.is('name', text);
  }

  /** Takes the token if it is that one. */
  take(kind: TokenKind, text?: string): Token | undefined {
    return this.is(kind, text) ? this.advance() : undefined;
  }

  expect(kind: TokenKind, text: string | undefined, expected: string): Token {
    const token = this.take(kind, text);
    if (token !== undefined) return token;
    throw syntaxProblem(`expected ${expected}, found ${described(this.current)}`, this.current);
  }
}
