import { type Answer, TransportError } from '../transport/connection.ts';
import type { Sh } from '../transport/sh.ts';
import { armGuard } from './guard_questions.ts';
import { answerText, type GuardedHost, type GuardOptions } from './guarded_host.ts';

/** What arms the access guard of a host, to be asked in the entered shell. */
export interface Arming {
  readonly sh: Sh;
  /** `null`: it was not asked. */
  answered(answer: Answer | null): void;
  /** Why it is not armed, once it was answered. */
  problem(): TransportError | undefined;
}

/** `armed` is called once it is. */
export function armingOf(guard: GuardedHost, options: GuardOptions, armed: () => void): Arming {
  const { target } = guard;
  let problem: TransportError | undefined;
  if (guard.state === 'idle') guard.state = 'asked';
  const users = [...new Set([options.loginUser(target), ...(target.identity.user === 'root' ? ['root'] : [])])];
  return {
    sh: armGuard(options.run, users, options.timeoutS),
    answered(answer) {
      if (answer === null) {
        if (guard.state === 'asked') guard.state = 'idle';
      } else if (answer.status !== 0) {
        const why = answerText(answer.stderr) || `status ${answer.status}`;
        const hint = 'Nothing was changed. --no-guard goes without it.';
        problem = new TransportError('no room', `the access guard cannot be armed: ${why}`, hint);
      } else if (guard.state === 'asked') {
        guard.state = 'armed';
        armed();
      }
    },
    problem: () => problem,
  };
}
