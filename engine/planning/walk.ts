import { resolve } from 'node:path';
import type { Diagnostic } from '../language/diagnostics.ts';
import { evaluateAll, renderTemplated, truthy } from '../language/render.ts';
import type { BlockSyntax, TaskNode, TaskSyntax } from '../language/syntax.ts';
import type { Templated } from '../language/templated.ts';
import { Unknown, type Value, type ValueMap } from '../language/values.ts';
import type { AnyModule } from './contracts.ts';
import { type Site, waitingInstance, wrongInstance } from './dress.ts';
import { factsTask } from './facts_task.ts';
import { conditions, type Frame, inside, keyword, tags } from './frame.ts';
import { createHandlers, type HandlerCall } from './handlers.ts';
import type { Recorded, Situation } from './history.ts';
import type { Instance } from './instance.ts';
import { itemLabel, loopResult, loopVariables } from './loop_items.ts';
import { loopItems } from './loops.ts';
import { planInstance } from './plan_instance.ts';
import { dataLayer, templatedLayer } from './scope.ts';
import type { State } from './state.ts';
import { selected } from './tags.ts';
import { orMistakes } from './unreadable.ts';
import { taskScope } from './variables.ts';
import { loadVarsFiles } from './vars_files.ts';
import type { Flow, Unseen, Walk, WalkInput } from './walk_context.ts';

export interface WalkResult {
  /** What has not run yet, in the order it would run. */
  readonly instances: readonly Instance[];
  /** What has to be looked at before all of it is known. */
  readonly unseen: readonly Unseen[];
  /** Ids of `run_once` tasks whose result another host owes. */
  readonly waitingFor: readonly string[];
  readonly end: Situation;
  /** The world as it will be, by host. */
  readonly predicted: ReadonlyMap<string, State>;
  readonly failed: boolean;
  /** Mistakes in the playbook that no rescue catches. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Walks through a play on one host: what has run is taken from history, the rest is planned against the
 * observed state and its own predictions. Pure: the same input gives the same walk, so it is done again
 * after each look and each stretch, and there is one way through a play before, during and after it runs.
 */
export function walkPlay(input: WalkInput): WalkResult {
  const walk: Walk = {
    ...input,
    states: new Map(),
    unseen: new Map(),
    waitingFor: new Set(),
    facts: input.start.facts,
    variables: { ...input.start.variables },
    varsFiles: [],
    includedVars: [],
  };
  const walker = createWalker(walk);
  const flow = walker.run();
  return {
    instances: walker.instances,
    unseen: [...walk.unseen.values()],
    waitingFor: [...walk.waitingFor],
    end: { facts: walk.facts, variables: walk.variables },
    predicted: walk.states,
    failed: flow === 'failed',
    diagnostics: walker.diagnostics,
  };
}

function createWalker(walk: Walk) {
  const { play, surroundings } = walk;
  const instances: Instance[] = [];
  const diagnostics: Diagnostic[] = [];
  const top: Frame = { chain: [play], includeLayers: [], within: [], notify: [], rescued: false };
  const handlers = createHandlers(walk, top, runTask);

  function run(): Flow {
    const facts = factsTask(play, taskScope(walk, top));
    if (facts !== undefined && selected(['always', ...play.tags], surroundings.tags)) {
      const flow = runTask(facts, top);
      if (flow !== 'on') return flow;
    }
    const files = loadVarsFiles(walk, taskScope(walk, top));
    if (files.ok) walk.varsFiles = files.value;
    else {
      diagnostics.push(...files.diagnostics);
      if (!walk.keepGoing) return 'failed';
    }
    for (const section of play.sections) {
      const flow = runNodes(section.tasks, top);
      if (flow !== 'on') return flow;
      // What an earlier run owes is due at the end of the play, with all that notifies the same handlers now.
      if (section === play.sections.at(-1)) handlers.owe(walk.owed);
      const flushed = handlers.flush();
      if (flushed !== 'on') return flushed;
    }
    return 'on';
  }

  function runNodes(nodes: readonly TaskNode[], frame: Frame): Flow {
    for (const node of nodes) {
      const flow = node.kind === 'block' ? runBlock(node, frame) : runTask(node, inside(frame, node));
      if (flow !== 'on') return flow;
    }
    return 'on';
  }

  function runBlock(block: BlockSyntax, frame: Frame): Flow {
    const around = { ...inside(frame, block), notify: [...frame.notify, ...block.notify] };
    const rescues = block.rescue.length > 0;
    let flow = runNodes(block.block, { ...around, rescued: rescues || frame.rescued });
    if (flow === 'failed' && rescues) flow = runNodes(block.rescue, around);
    const always = runNodes(block.always, around);
    return always === 'on' ? flow : always;
  }

  /** A task, with all items of its loop. `frame` has the task as its innermost level. */
  function runTask(task: TaskSyntax, frame: Frame, handler?: HandlerCall): Flow {
    if (handler === undefined && !selected(tags(frame.chain), surroundings.tags)) return 'on';
    const module = surroundings.modules.find(task.module) as AnyModule;
    const site: Site = {
      task,
      module,
      frame,
      id: task.key + (handler?.suffix ?? ''),
      handler: handler !== undefined,
      own: {},
      item: undefined,
      waitsFor: handler?.waitsFor ?? [],
      dirs: [...new Set([task.dir, play.dir])],
    };
    if (task.loop === undefined) {
      const { flow, result } = runInstance(site);
      register(task, result);
      return flow;
    }
    return runLoop(task, task.loop, site);
  }

  function runLoop(task: TaskSyntax, loop: NonNullable<TaskSyntax['loop']>, site: Site): Flow {
    const scope = taskScope(walk, site.frame);
    const items = loopItems(loop, scope, site.dirs);
    if (!items.ok || items.value instanceof Unknown) {
      // A condition that is false without any item skips the task whatever its loop is (Ansible does likewise).
      const gate = evaluateAll(conditions(site.frame.chain), scope);
      if (gate.ok && gate.value === false) {
        const { flow, result } = runInstance(site);
        register(task, result);
        return flow;
      }
      const { flow, result } = items.ok
        ? settle(waitingInstance(walk, site, items.value as Unknown), site)
        : settle(wrongInstance(walk, site, items.diagnostics), site);
      register(task, result);
      return flow;
    }
    const results: Value[] = [];
    let flow: Flow = 'on';
    const all = items.value;
    for (const [index, item] of all.entries()) {
      const own = loopVariables(loop, all, index);
      const label = loop.label === undefined ? item : labelOf(loop.label, site, own);
      const one = runInstance({ ...site, own, id: `${site.id}#${index}`, item: itemLabel(label) });
      results.push(
        one.result instanceof Unknown
          ? one.result
          : { ...one.result, [loop.variable]: item, ansible_loop_var: loop.variable },
      );
      if (one.flow === 'end') return 'end';
      if (one.flow === 'failed') flow = 'failed';
    }
    register(task, loopResult(results));
    return flow;
  }

  function labelOf(label: Templated, site: Site, own: ValueMap): Value {
    const rendered = renderTemplated(label, taskScope(walk, site.frame, own));
    return rendered.ok ? rendered.value : null;
  }

  function register(task: TaskSyntax, result: ValueMap | Unknown): void {
    if (task.register !== undefined) walk.variables[task.register] = result;
  }

  function runInstance(site: Site): { flow: Flow; result: ValueMap | Unknown } {
    const done = walk.history.get(site.id);
    if (done !== undefined) return follow(done, undefined, site);
    if (isOnce(site)) {
      const shared = walk.shared.get(site.id);
      if (shared !== undefined) return follow(shared, undefined, site);
      if (!walk.shared.owner(walk.host)) {
        walk.waitingFor.add(site.id);
        return settle(waitingInstance(walk, site, new Unknown(`\`run_once\` on ${walk.batch[0]}`, true)), site);
      }
    }
    return settle(planInstance(walk, site), site);
  }

  function isOnce(site: Site): boolean {
    const once = keyword(site.frame.chain, 'runOnce');
    if (once === undefined) return false;
    const value = renderTemplated(once, taskScope(walk, site.frame));
    return value.ok && truthy(value.value);
  }

  function settle(instance: Instance, site: Site): { flow: Flow; result: ValueMap | Unknown } {
    const checked = handlers.check(instance, site);
    instances.push(checked);
    if (checked.status === 'fail' && checked.predicted.outcome === 'failed') diagnostics.push(...checked.diagnostics);
    return follow(checked.predicted, checked, site);
  }

  /** Goes on from what a task left behind, whether it has run or is only planned. */
  function follow(
    record: Recorded,
    planned: Instance | undefined,
    site: Site,
  ): { flow: Flow; result: ValueMap | Unknown } {
    const { result } = record;
    if (planned?.pending && site.module.name === 'setup') walk.facts = new Unknown('facts', true);
    if (record.facts !== undefined) {
      const known = walk.facts instanceof Unknown ? undefined : walk.facts;
      walk.facts = known === undefined ? record.facts : { ...known, ...record.facts };
    }
    Object.assign(walk.variables, record.variables);
    if (record.outcome === 'failed' || record.outcome === 'rescued') {
      if (record.outcome === 'rescued') {
        walk.variables.ansible_failed_result = result;
        walk.variables.ansible_failed_task = { name: planned?.name ?? site.task.module, action: site.task.module };
      }
      const goOn = walk.keepGoing && record.outcome === 'failed';
      return { flow: goOn ? 'on' : 'failed', result };
    }
    if (record.changed && record.outcome !== 'skipped' && !planned?.pending) {
      handlers.notify(site, planned?.status === 'provisional' ? [planned.name] : []);
    }
    if (record.include !== undefined && planned?.status !== 'provisional')
      return { flow: include(record, site), result };
    return { flow: steer(record, planned), result };
  }

  function steer(record: Recorded, planned: Instance | undefined): Flow {
    if (planned?.status === 'provisional') return 'on';
    switch (record.meta) {
      case 'flush_handlers':
        return handlers.flush();
      case 'end_play':
      case 'end_host':
      case 'end_batch':
        return 'end';
      case 'clear_facts':
        walk.facts = undefined;
        return 'on';
      default:
        return 'on';
    }
  }

  function include(record: Recorded, site: Site): Flow {
    const { kind, file } = record.include as NonNullable<Recorded['include']>;
    const find = () => surroundings.files.find(file, 'file', site.dirs, false)?.path ?? resolve(site.task.dir, file);
    const path = orMistakes(find);
    if (!path.ok) return wrong(path.diagnostics, site);
    const found = path.value;
    if (kind === 'vars') {
      const layer = surroundings.loadVars(found);
      if (!layer.ok) return wrong(layer.diagnostics, site);
      walk.includedVars = [templatedLayer(layer.value), ...walk.includedVars];
      return 'on';
    }
    const tasks = surroundings.loadTasks(found, `${site.id}/`, site.frame.within);
    if (!tasks.ok) return wrong(tasks.diagnostics, site);
    const { vars } = site.task;
    const layers = [dataLayer(site.own), ...(vars ? [templatedLayer(vars)] : [])];
    const outer = { ...site.frame, chain: site.frame.chain.slice(0, -1) };
    return runNodes(tasks.value, {
      ...outer,
      includeLayers: [...layers, ...outer.includeLayers],
      within: [...outer.within, found],
    });
  }

  function wrong(problems: readonly Diagnostic[], site: Site): Flow {
    const placed = problems.map((d) => ({ ...d, span: d.span ?? site.task.moduleSpan }));
    const failing = wrongInstance(walk, { ...site, id: `${site.id}!` }, placed);
    instances.push(failing);
    if (failing.predicted.outcome === 'failed') diagnostics.push(...placed);
    return walk.keepGoing ? 'on' : failing.predicted.outcome === 'ignored' ? 'on' : 'failed';
  }

  return { run, instances, diagnostics };
}
