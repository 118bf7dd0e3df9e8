import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ExpressionCase, readCases, run, scopeOf } from './expression_cases.ts';

const { vars, templates, cases } = readCases();
const scope = scopeOf(vars);

function check(one: ExpressionCase): void {
  const outcome = run(one, scope, templates);
  if (one.fails) {
    assert.ok(outcome.problems, `should fail, and gave ${JSON.stringify(outcome)}`);
    return;
  }
  assert.equal(outcome.problems, undefined);
  if (one.value !== undefined) assert.deepEqual(outcome.value, one.value);
  if (one.text !== undefined) assert.equal(outcome.text, one.text);
}

describe('expressions and templates give what Ansible gives', () => {
  it('has cases', () => assert.ok(cases.length > 1000, `only ${cases.length} cases were found`));

  it('in every case', () => {
    const wrong: string[] = [];
    for (const one of cases) {
      try {
        check(one);
      } catch (thrown) {
        wrong.push(`test/cases/expressions.yml:${one.line}: ${one.source}\n${(thrown as Error).message}`);
      }
    }
    assert.equal(wrong.length, 0, `${wrong.length} cases differ\n\n${wrong.join('\n\n')}`);
  });
});
