import type { Unknown } from '../values.ts';
import { article, not, type Truth, truthOf } from './compare.ts';
import { type Dict, entryOf, isDict, isList, type Operand, typeName } from './operand.ts';
import { Problem } from './problem.ts';
import { type Routine, type Routines, shallow } from './routine.ts';

/** Tests of what a task registered (Ansible: plugins/test/core.py). */
function result(name: string, judge: (registered: Dict) => Truth): Routine<Truth> {
  return shallow('', (input) => {
    if (isDict(input)) return judge(input);
    throw new Problem(`the test \`${name}\` takes what a task registered, and got ${article(typeName(input))}`);
  });
}

function flag(registered: Dict, name: string): Truth {
  return truthOf(entryOf(registered, name) ?? false);
}

function isChanged(registered: Dict): Truth {
  if (entryOf(registered, 'changed') !== undefined) return flag(registered, 'changed');
  const items: Operand = entryOf(registered, 'results') ?? [];
  if (!isList(items)) return false;
  let unknown: Unknown | undefined;
  for (const item of items) {
    const truth = isDict(item) ? flag(item, 'changed') : false;
    if (truth === true) return true;
    if (truth !== false) unknown ??= truth;
  }
  return unknown ?? false;
}

const isFailed = (registered: Dict) => flag(registered, 'failed');
const failed = result('failed', isFailed);
const succeeded = result('succeeded', (registered) => not(isFailed(registered)));
const changed = result('changed', isChanged);
const skipped = result('skipped', (registered) => flag(registered, 'skipped'));

export const resultTests: Routines<Truth> = {
  failed,
  failure: failed,
  succeeded,
  success: succeeded,
  successful: succeeded,
  changed,
  change: changed,
  skipped,
  skip: skipped,
  unreachable: result('unreachable', (registered) => flag(registered, 'unreachable')),
  reachable: result('reachable', (registered) => not(flag(registered, 'unreachable'))),
  // Tasks do not run in the background here: what has registered something has started and finished.
  started: result('started', (registered) => truthOf(entryOf(registered, 'started') ?? true)),
  finished: result('finished', (registered) => truthOf(entryOf(registered, 'finished') ?? true)),
};
