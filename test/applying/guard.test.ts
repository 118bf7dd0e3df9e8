import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GUARD_PROGRAM } from '../../engine/applying/guard_program.ts';
import { armGuard, beatGuard, disarmGuard, readGuard, revertGuard } from '../../engine/applying/guard_questions.ts';
import { quote } from '../../engine/transport/sh.ts';
import { shellcheck } from '../resources/programs.ts';

const RUN = '2026-11-24T120000Z-0123abcd';

describe('the access guard', () => {
  it('writes programs that shellcheck passes', () => {
    const { text, attachments } = armGuard(RUN, ['admin', 'root'], 60);
    // The program stands in it as one quoted word, and is checked by itself.
    const arm = { text: text.replace(quote(GUARD_PROGRAM.text), () => 'PROGRAM'), attachments };
    assert.ok(arm.text.length < 4_000);
    const findings = shellcheck({
      program: GUARD_PROGRAM,
      arm,
      beat: beatGuard(RUN, 1),
      disarm: disarmGuard(RUN),
      revert: revertGuard(RUN, "it's a reason"),
      read: readGuard(RUN),
    });
    assert.equal(findings, '');
  });
});
