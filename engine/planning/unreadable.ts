import { type Diagnostic, fail, ok, type Result } from '../language/diagnostics.ts';

/** It is there and cannot be read: the task's failure, not a bug. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** A file of the user's that the task needs is wrong: a mistake like any other in the playbook, not a bug. */
export class Mistaken extends Error {
  override readonly name = 'Mistaken';
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(({ message }) => message).join('; '));
    this.diagnostics = diagnostics;
  }
}

/** What it gives, or the mistakes that it met. */
export function orMistakes<T>(read: () => T): Result<T> {
  try {
    return ok(read());
  } catch (thrown) {
    if (thrown instanceof Mistaken) return fail(...thrown.diagnostics);
    throw thrown;
  }
}
