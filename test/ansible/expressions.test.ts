import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { plain, type Value } from '../../engine/language/values.ts';
import { type ExpressionCase, readCases } from '../language/expression_cases.ts';

/** What expressions.py says of a case. */
interface Answer {
  readonly value?: Value;
  readonly text?: string;
  readonly error?: string;
}

const program = (process.env.PATH ?? '')
  .split(delimiter)
  .map((directory) => join(directory, 'ansible'))
  .find((path) => existsSync(path));
const skip = program === undefined && process.env.CI !== 'true' ? 'ansible is not installed' : false;
const { vars, templates, cases } = readCases();

function question(one: ExpressionCase): unknown {
  const data = { vars: JSON.parse(JSON.stringify(vars)), [one.kind]: one.source };
  if (one.kind === 'expr') return { ...data, prints: one.text !== undefined };
  if (one.kind === 'yaml') return data;
  const options = { trim_blocks: true, lstrip_blocks: false, newline_sequence: '\n', ...one.options };
  return { ...data, options, files: templates };
}

function askAnsible(): readonly Answer[] {
  assert.ok(program, 'ansible must be installed in CI');
  // The interpreter that ansible itself runs on has its modules.
  const python =
    readFileSync(program, 'utf8')
      .split('\n')[0]
      ?.replace(/^#!\s*/, '') ?? '';
  const output = execFileSync(python, [join(import.meta.dirname, 'expressions.py')], {
    input: JSON.stringify(cases.map(question)),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return JSON.parse(output) as Answer[];
}

function check(one: ExpressionCase, answer: Answer | undefined): void {
  assert.ok(answer, 'there is no answer');
  if (one.fails) {
    assert.ok(answer.error, `Ansible gives ${JSON.stringify(answer)}`);
    return;
  }
  assert.equal(answer.error, undefined);
  if (one.value !== undefined) assert.deepEqual(answer.value, plain(one.value));
  if (one.text !== undefined) assert.equal(answer.text, one.text);
}

describe('what test/cases/expressions.yml says is what Ansible says', { skip }, () => {
  let answers: readonly Answer[] = [];
  before(() => {
    answers = askAnsible();
  });

  it('in every case', () => {
    const wrong: string[] = [];
    cases.forEach((one, index) => {
      try {
        check(one, answers[index]);
      } catch (thrown) {
        wrong.push(`test/cases/expressions.yml:${one.line}: ${one.source}\n${(thrown as Error).message}`);
      }
    });
    assert.equal(wrong.length, 0, `${wrong.length} cases differ\n\n${wrong.join('\n\n')}`);
  });
});
