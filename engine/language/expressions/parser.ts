import type { Expression } from './ast.ts';
import { DEEPEST_SYNTAX } from './limits.ts';
import { type Place, syntaxProblem } from './problem.ts';
import type { Cursor } from './tokens.ts';

/** What parsing an expression and parsing statements share. */
export interface Parser {
  readonly cursor: Cursor;
  /** How deep the brackets and blocks are nested just now. */
  depth: number;
  /** Filters and tests that are used, to be checked for their names. */
  readonly uses: Use[];
  /** An expression within another: in brackets, as an argument. */
  readonly expression: (parser: Parser) => Expression;
}

interface Use {
  readonly kind: 'filter' | 'test';
  readonly name: string;
  readonly place: Place;
}

/** From the start of a node to the token that was taken last. */
export function from(start: Place, parser: Parser): Place {
  return { start: start.start, end: parser.cursor.previous.end };
}

/** Parses something one level deeper. */
export function nested<T>(parser: Parser, parse: () => T): T {
  parser.depth += 1;
  checkDepth(parser.depth, parser);
  try {
    return parse();
  } finally {
    parser.depth -= 1;
  }
}

/** A chain such as `a + b + c` is as deep a tree as it has links. */
export function checkDepth(depth: number, parser: Parser): void {
  if (depth > DEEPEST_SYNTAX) {
    throw syntaxProblem(`this nests deeper than ${DEEPEST_SYNTAX} levels`, parser.cursor.current);
  }
}
