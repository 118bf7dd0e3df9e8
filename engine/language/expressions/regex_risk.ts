/** Steps of backtracking that take no noticeable time. */
const FEW_STEPS = 1e8;

interface Risk {
  /** Repetitions without a near end. */
  readonly loops: number;
  /** Whether something is repeated that has several ways to match the same text: the steps may double with each character. */
  readonly nested: boolean;
}

const risks = new Map<string, Risk>();

/** Whether a search in a text of that length may take very long. A guess, and rather once too often than never. */
export function backtracks(pattern: string, length: number): boolean {
  let risk = risks.get(pattern);
  if (risk === undefined) {
    risk = riskOf(pattern);
    if (risks.size > 500) risks.clear();
    risks.set(pattern, risk);
  }
  // Each repetition may begin anywhere: the steps grow with the length to the power of their number.
  return risk.nested || length ** (risk.loops + 1) > FEW_STEPS;
}

const PIECE = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\{(\d*),?(\d*)\}|[\s\S]/g;

function riskOf(pattern: string): Risk {
  /** For each open group, whether it has several ways. */
  const open: boolean[] = [];
  let closed = false;
  let before = '';
  let loops = 0;
  let nested = false;
  for (const [piece, least, most] of pattern.matchAll(PIECE)) {
    const repeats = piece === '*' || piece === '+' || (most !== undefined && (most === '' || Number(most) > 10));
    if (repeats && !(most === '' && !piece.includes(',') && Number(least) <= 10)) {
      loops += 1;
      nested ||= closed;
      open.fill(true);
    }
    if (piece === '|' || (piece === '?' && before !== '(')) open.fill(true);
    if (piece === '(') open.push(false);
    closed = piece === ')' && open.pop() === true;
    before = piece;
  }
  return { loops, nested };
}
