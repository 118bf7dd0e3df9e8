import type { Target } from '../planning/walk_context.ts';
import { type Answer, TransportError } from '../transport/connection.ts';
import type { Sh } from '../transport/sh.ts';
import type { Execution, Held } from './execution.ts';
import { acts, guarded, type Piece } from './program.ts';
import { LOCKED, WAITED } from './store.ts';

/** What stands before the pieces in a shell: taking the lock and the run's place on the host, arming the access guard. */
interface Preamble {
  readonly questions: readonly Sh[];
  /** The first question is to run in the shell itself. */
  readonly entering: boolean;
  answered(question: number, answer: Answer): void;
  /**
   * Of all answers, those to the pieces behind them included: why the pieces were not begun, as another run has the
   * host, or as a TransportError that is thrown; `undefined`: they were.
   */
  judge(answers: readonly (Answer | null)[]): Held | undefined;
}

export function preambleOf(target: Target, pieces: readonly Piece[], store: Execution['store']): Preamble {
  const enter = pieces.some(acts) ? store?.entering(target) : undefined;
  const arming = pieces.some(guarded) ? store?.guarding(target) : undefined;
  const questions = [enter, arming?.sh].filter((question) => question !== undefined);
  const armingAt = enter === undefined ? 0 : 1;
  return {
    questions,
    entering: enter !== undefined,
    answered(question, answer) {
      if (question === armingAt) arming?.answered(answer);
    },
    judge(answers) {
      if (answers[armingAt] === null) arming?.answered(null);
      const held = enter === undefined ? undefined : judgeEntering(answers[0] as Answer);
      if (held !== undefined) return held;
      const unarmed = arming?.problem();
      if (unarmed !== undefined) throw unarmed;
      return undefined;
    },
  };
}

/** Nothing: the shell is the run's own. */
function judgeEntering(answer: Answer): Held | undefined {
  if (answer.status === 0) return undefined;
  if (answer.status === WAITED) return { holder: undefined };
  if (answer.status === LOCKED) return { holder: new TextDecoder().decode(answer.parts.get('holder')) };
  const why = new TextDecoder().decode(answer.stderr).trim();
  throw new TransportError(
    'no room',
    `the run's directory on the host cannot be made: ${why || `status ${answer.status}`}`,
    'Nothing was changed. It needs room and the right to write below /var/lib/runbook (others than root: their home).',
  );
}
