import { renderTemplated, truthy } from '../language/render.ts';
import type { PlaySyntax, TaskSyntax } from '../language/syntax.ts';
import type { Scope } from '../language/templated.ts';
import { findUnknown } from '../language/values.ts';

/** `gather_facts`: the task that Ansible puts in front of a play. */
export function factsTask(play: PlaySyntax, scope: Scope): TaskSyntax | undefined {
  const wanted = renderTemplated(play.gatherFacts, scope);
  if (wanted.ok && findUnknown(wanted.value) === undefined && !truthy(wanted.value)) return undefined;
  const { span } = play;
  return {
    kind: 'task',
    key: 'facts',
    name: { kind: 'literal', value: 'Gathering Facts', span },
    module: 'setup',
    args: { kind: 'map', entries: [], span },
    notify: [],
    listen: [],
    when: [],
    tags: ['always'],
    environment: [],
    dir: play.dir,
    span,
    moduleSpan: span,
  };
}
