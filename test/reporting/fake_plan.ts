import type { Diff, ResourceType } from '../../engine/planning/contracts.ts';
import type { PlannedStep, PlannedTask, TaskResult } from '../../engine/planning/plan.ts';
import { LOGIN } from '../../engine/transport/connection.ts';
import { sh } from '../../engine/transport/sh.ts';

/** A change that describes itself as told. */
export function change(diff: Partial<Diff> & { title: string }, access = false): PlannedStep {
  const type: ResourceType<string> = {
    name: 'fake',
    collect: () => sh`true`,
    parse: () => [],
    transition: () => sh`true`,
    describe: () => ({ action: 'change', attributes: [], ...diff }),
    access: () => access,
  };
  return {
    kind: 'change',
    change: { ref: { type, id: diff.title, aspects: [] }, before: null, after: 'x', options: {} },
  };
}

export function action(summary: string): PlannedStep {
  return { kind: 'action', summary, script: sh`true`, disturbs: 'nothing', changed: true, result: () => ({}) };
}

const source = { path: 'play.yml', text: '- hosts: all\n  tasks:\n    - name: x\n' };

export function task(host: string, name: string, more: Partial<PlannedTask> = {}): PlannedTask {
  return {
    id: `0.tasks.${name}`,
    host,
    play: 'Play',
    name,
    module: 'copy',
    handler: false,
    identity: LOGIN,
    status: 'change',
    steps: [],
    waitsFor: [],
    open: false,
    caught: undefined,
    warnings: [],
    noLog: false,
    result: {},
    span: { source, start: source.text.indexOf('name'), end: source.text.length },
    ...more,
  };
}

export function result(of: PlannedTask, more: Partial<TaskResult> = {}): TaskResult {
  return { task: of, outcome: 'changed', result: {}, ms: 1234, ...more };
}
