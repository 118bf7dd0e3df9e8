import type { ModuleTable } from '../language/module_spec.ts';
import type { AnyModule } from '../planning/contracts.ts';
import { evidence, type Finding } from '../planning/finding.ts';
import type { PlannedStep, PlannedTask } from '../planning/plan.ts';

/**
 * The tasks of an audit, each with what it comes to. What is no check says how the host is to be: it passes where
 * nothing is to be done, and fails where something is. Handlers only follow from others.
 */
export function audited(tasks: readonly PlannedTask[], modules: ModuleTable<AnyModule>): readonly PlannedTask[] {
  return tasks.map((task) => {
    const finding = task.finding ?? judge(task, modules);
    return finding === undefined ? task : { ...task, finding };
  });
}

function judge(task: PlannedTask, modules: ModuleTable<AnyModule>): Finding | undefined {
  const { status, caught, message } = task;
  if (task.handler || (status === 'fail' && caught !== undefined)) return undefined;
  if (status === 'fail') return { level: 'fail', summary: message ?? 'it fails' };
  const module = modules.find(task.module);
  const wants = module?.kind === 'module' && module.onlyTells !== true;
  switch (status) {
    case 'change':
      return unlike(task.steps);
    case 'ok':
      // A command that only reads, and has not been run.
      if (task.steps.length > 0 || !(wants || module?.name === 'assert')) return undefined;
      return { level: 'pass', summary: message ?? 'as the playbook wants it' };
    case 'provisional':
      if (task.steps.some((step) => step.kind === 'change')) return unlike(task.steps);
      // An assertion of what others have done is for an apply.
      return wants ? { level: 'warn', summary: `it cannot be judged before ${waited(task)} is done` } : undefined;
    case 'skip':
      return undefined;
  }
}

/** By kind and name alone: what stands in a file may be secret. */
function unlike(steps: readonly PlannedStep[]): Finding {
  const rows = steps.map((step): readonly string[] => {
    if (step.kind === 'action') return ['run', step.summary, ''];
    const { title, action, attributes, content } = step.change.ref.type.describe(step.change);
    const names = [...attributes.filter((one) => one.before !== one.after).map(({ name }) => name)];
    return [action, title, [...names, ...(content === undefined ? [] : ['content'])].join(', ')];
  });
  return {
    level: 'fail',
    summary: 'not as the playbook wants it',
    evidence: evidence(['would', 'what', 'differs in'], rows),
    remedy: 'Apply the playbook: `runbook plan` shows each change.',
  };
}

function waited({ waitsFor }: PlannedTask): string {
  return waitsFor.length === 0 ? 'an earlier task' : waitsFor.map((name) => `\`${name}\``).join(', ');
}
