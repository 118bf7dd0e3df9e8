import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { error, fail, ok, type Result } from '../../engine/language/diagnostics.ts';
import { Unknown, type Value } from '../../engine/language/values.ts';
import type { Directive, DirectiveOutcome, View } from '../../engine/planning/contracts.ts';
import { assert as assertModule } from '../../modules/control/assert.ts';
import { debug } from '../../modules/control/debug.ts';
import { fail as failModule } from '../../modules/control/fail.ts';
import { include_tasks } from '../../modules/control/include_tasks.ts';
import { include_vars } from '../../modules/control/include_vars.ts';
import { meta } from '../../modules/control/meta.ts';
import { set_fact } from '../../modules/control/set_fact.ts';
import { bindParams } from '../cases/params.ts';

/** Expressions by their text; one that is not among them is undefined. */
type Known = Readonly<Record<string, Value | Result<Value>>>;

function run<P>(
  directive: Directive<P>,
  params: Readonly<Record<string, unknown>>,
  known: Known = {},
  verbosity?: number,
): DirectiveOutcome {
  const view = {
    evaluate(text: string): Result<Value> {
      if (!Object.hasOwn(known, text)) return fail(error('undefined', `\`${text}\` is undefined`));
      const value = known[text] as Value | Result<Value>;
      return typeof value === 'object' && value !== null && 'ok' in value
        ? (value as Result<Value>)
        : ok(value as Value);
    },
    ...(verbosity !== undefined && { verbosity }),
  } as View;
  return directive.run(bindParams(directive, params) as P, view);
}

describe('debug', () => {
  it('says hello where nothing is asked', () => {
    assert.deepEqual(run(debug, {}), { message: 'Hello world!', result: { msg: 'Hello world!' } });
  });

  it('says a message of any type', () => {
    assert.equal(run(debug, { msg: 'it is 5' }).message, 'it is 5');
    assert.equal(run(debug, { msg: ['a', 1] }).message, '[\n  "a",\n  1\n]');
    assert.deepEqual(run(debug, { msg: { a: null } }).result, { msg: { a: null } });
  });

  it('shows a variable by its name', () => {
    assert.deepEqual(run(debug, { var: 'x.y' }, { 'x.y': { a: 1 } }), {
      message: 'x.y: {\n  "a": 1\n}',
      result: { 'x.y': { a: 1 } },
    });
  });

  it('says so where it is not defined, and goes on', () => {
    assert.deepEqual(run(debug, { var: 'x' }), {
      message: 'x: VARIABLE IS NOT DEFINED!',
      result: { x: 'VARIABLE IS NOT DEFINED!' },
    });
  });

  it('fails where it cannot be computed', () => {
    assert.deepEqual(run(debug, { var: '1 / 0' }, { '1 / 0': fail(error('expression', 'division by zero')) }), {
      failed: 'division by zero',
    });
  });

  it('waits for what is not known yet', () => {
    const unknown = new Unknown('run it');
    assert.deepEqual(run(debug, { var: 'r.stdout' }, { 'r.stdout': unknown }), { unknown });
  });

  it('is silent below its verbosity', () => {
    assert.equal(run(debug, { msg: 'x', verbosity: 2 }, {}, 1).message, undefined);
    assert.equal(run(debug, { msg: 'x', verbosity: 2 }, {}, 1).result?.skipped, true);
    assert.equal(run(debug, { msg: 'x', verbosity: 2 }, {}, 2).message, 'x');
    assert.equal(run(debug, { msg: 'x', verbosity: 1 }).message, undefined);
  });
});

describe('assert', () => {
  it('passes where all hold', () => {
    const held = run(assertModule, { that: ['a', 'b'] }, { a: true, b: 'text' });
    assert.deepEqual(held, { message: 'All assertions passed', result: { msg: 'All assertions passed' } });
  });

  it('is quiet if asked, and says what it is told to', () => {
    assert.equal(run(assertModule, { that: ['a'], quiet: true }, { a: 1 }).message, undefined);
    assert.equal(run(assertModule, { that: ['a'], success_msg: ['fine', 'so'] }, { a: 1 }).message, 'fine\nso');
  });

  it('fails at the first that does not hold, with the condition', () => {
    const broken = run(assertModule, { that: ['a', 'b', 'c'], msg: 'Not here' }, { a: true, b: false, c: false });
    assert.deepEqual(broken, {
      failed: 'Not here (b)',
      result: { msg: 'Not here', assertion: 'b', evaluated_to: false },
    });
  });

  it('takes for false what Jinja takes for false', () => {
    for (const value of [null, 0, '', [], {}]) {
      assert.match(run(assertModule, { that: ['a'] }, { a: value as Value }).failed ?? '', /^Assertion failed/);
    }
  });

  it('fails where a condition cannot be computed', () => {
    assert.equal(run(assertModule, { that: ['nothing'] }).failed, '`nothing` is undefined');
  });

  it('waits for what is not known, unless another condition is false already', () => {
    const unknown = new Unknown('facts', true);
    assert.deepEqual(run(assertModule, { that: ['a', 'b'] }, { a: unknown, b: true }), { unknown });
    assert.match(run(assertModule, { that: ['a', 'b'] }, { a: unknown, b: false }).failed ?? '', /\(b\)/);
  });
});

describe('fail', () => {
  it('fails', () => {
    assert.deepEqual(run(failModule, {}).failed, 'Failed as requested from task');
    assert.deepEqual(run(failModule, { msg: 'no' }), { failed: 'no', result: { msg: 'no' } });
  });
});

describe('set_fact', () => {
  it('sets variables, with words for yes and no as booleans', () => {
    const given = { a: 'yes', b: 'False', c: 'yesterday', d: [1], e: 'on' };
    const variables = { a: true, b: false, c: 'yesterday', d: [1], e: 'on' };
    assert.deepEqual(run(set_fact, given), { variables, result: { ansible_facts: variables } });
  });

  it('hands on what is not known yet', () => {
    const unknown = new Unknown('run it');
    assert.equal(set_fact.acceptsUnknown, true);
    assert.equal(run(set_fact, { a: unknown }).variables?.a, unknown);
  });

  it('does not set how it is to be kept', () => {
    assert.deepEqual(run(set_fact, { a: 1, cacheable: true }).variables, { a: 1 });
  });

  it('refuses nothing at all and names that are none', () => {
    assert.match(run(set_fact, {}).failed ?? '', /sets nothing/);
    assert.match(run(set_fact, { 'a-b': 1 }).failed ?? '', /`a-b` cannot be a variable/);
    assert.match(run(set_fact, { '1a': 1 }).failed ?? '', /cannot be a variable/);
  });
});

describe('meta', () => {
  it('hands on what the engine can do', () => {
    for (const action of [
      'flush_handlers',
      'end_play',
      'end_host',
      'end_batch',
      'clear_facts',
      'clear_host_errors',
      'noop',
    ]) {
      assert.deepEqual(run(meta, { free_form: action }), { meta: action });
    }
  });

  it('says why it refuses the rest', () => {
    assert.match(run(meta, { free_form: 'refresh_inventory' }).failed ?? '', /the inventory is read once/);
    assert.match(run(meta, { free_form: 'reset_connection' }).failed ?? '', /one connection/);
  });
});

describe('includes', () => {
  it('of tasks name their file', () => {
    assert.deepEqual(run(include_tasks, { file: 'x.yml' }).include, { kind: 'tasks', file: 'x.yml' });
    assert.match(run(include_tasks, { file: 'x.yml', apply: { become: true } }).failed ?? '', /block around/);
  });

  it('of variables name their file', () => {
    assert.deepEqual(run(include_vars, { file: 'x.yml' }).include, { kind: 'vars', file: 'x.yml' });
    assert.match(run(include_vars, { dir: 'vars' }).failed ?? '', /one by one/);
    assert.match(run(include_vars, { file: 'x.yml', name: 'all' }).failed ?? '', /`name` is not supported/);
  });
});
