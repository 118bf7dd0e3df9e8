import { Unknown } from '../values.ts';
import type { Expression } from './ast.ts';
import { type Truth, truthOf } from './compare.ts';
import { at, type Context } from './context.ts';
import { readBoolean } from './convert.ts';
import { evaluate, truth } from './evaluate.ts';
import type { Operand } from './operand.ts';
import { quoted } from './print.ts';
import { Problem } from './problem.ts';

/** Whether a condition holds. */
export function judge(node: Expression, context: Context): Truth {
  if (['and', 'or', 'not', 'comparison', 'test'].includes(node.kind)) return truth(node, context);
  const value = evaluate(node, context);
  at(node, context);
  return judgeValue(value);
}

/**
 * A text is true unless it is empty: so says Ansible up to 2.18, and from 2.19 on it is an error. Here it is an error
 * where the two readings would differ, that is where the text itself says no (`-e debug=false` gives the text).
 */
export function judgeValue(value: Operand): Truth {
  if (typeof value === 'string' && value !== '' && readBoolean(value) === false) {
    throw new Problem(`this condition is the text ${quoted(value)}, which would count as true`, {
      hint: 'Make a boolean of it with `| bool`.',
    });
  }
  return value instanceof Unknown ? value : truthOf(value);
}
