import { batchesOf } from '../applying/batches.ts';
import type { RunPlay } from '../applying/run_play.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { applyLimit } from '../inventory/limit.ts';
import { selectHosts } from '../inventory/patterns.ts';
import { type Diagnostic, error, ok, type Result, warning } from '../language/diagnostics.ts';
import { renderTemplated } from '../language/render.ts';
import type { Inherited, Playbook, PlaySyntax, TaskNode } from '../language/syntax.ts';
import type { Scope } from '../language/templated.ts';
import { findUnknown, type Value } from '../language/values.ts';

/** The plays of all playbooks with their hosts: patterns rendered, `--limit` applied, batches cut. */
export function resolvePlays(
  playbooks: readonly Playbook[],
  inventory: Inventory,
  scope: Scope,
  limit: string | undefined,
): Result<readonly RunPlay[]> {
  const problems: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  const plays: RunPlay[] = [];
  for (const [index, syntax] of playbooks.flatMap((playbook) => playbook.plays).entries()) {
    const hosts = hostsOf(syntax, inventory, scope, limit);
    const batches = hosts.ok ? batchesOf(syntax, hosts.value, scope) : hosts;
    if (!hosts.ok || !batches.ok) {
      problems.push(...(hosts.ok ? [] : hosts.diagnostics), ...(batches.ok ? [] : batches.diagnostics));
      continue;
    }
    warnings.push(...(hosts.warnings ?? []));
    plays.push({ index, syntax, name: nameOf(syntax, scope), hosts: hosts.value, batches: batches.value });
  }
  if (problems.length > 0) return { ok: false, diagnostics: problems };
  if (plays.every((play) => play.hosts.length === 0)) {
    const span = plays[0]?.syntax.hosts.span;
    const hint =
      limit === undefined ? 'Check `hosts` and the inventory.' : `Check \`hosts\`, the inventory and --limit ${limit}.`;
    return { ok: false, diagnostics: [error('inventory', 'no host is left to run on', span, hint)] };
  }
  return ok(plays, warnings);
}

function hostsOf(
  play: PlaySyntax,
  inventory: Inventory,
  scope: Scope,
  limit: string | undefined,
): Result<readonly string[]> {
  const rendered = renderTemplated(play.hosts, scope);
  if (!rendered.ok) return rendered;
  if (findUnknown(rendered.value) !== undefined) {
    return { ok: false, diagnostics: [error('inventory', '`hosts` cannot depend on a host', play.hosts.span)] };
  }
  const parts = Array.isArray(rendered.value) ? (rendered.value as readonly Value[]) : [rendered.value];
  const found = selectHosts(inventory, parts.map(String).join(','));
  if (!found.ok) {
    return { ok: false, diagnostics: found.diagnostics.map((d) => ({ ...d, span: d.span ?? play.hosts.span })) };
  }
  const warnings = (found.warnings ?? []).map((d) => warning(d.code, d.message, d.span ?? play.hosts.span, d.hint));
  if (limit === undefined) return ok(found.value, warnings);
  const limited = applyLimit(inventory, found.value, limit);
  return limited.ok ? ok(limited.value, [...warnings, ...(limited.warnings ?? [])]) : limited;
}

function nameOf(play: PlaySyntax, scope: Scope): string {
  const node = play.name ?? play.hosts;
  const rendered = renderTemplated(node, scope);
  return rendered.ok ? String(rendered.value) : '';
}

/** Whether any task may run on a host that its play does not name. */
export function delegates(playbooks: readonly Playbook[]): boolean {
  const any = (node: TaskNode): boolean => {
    if (node.delegateTo !== undefined) return true;
    if (node.kind === 'block') return [...node.block, ...node.rescue, ...node.always].some(any);
    // What an include brings is not known before it is read.
    return node.module === 'include_tasks';
  };
  const inPlay = (play: PlaySyntax & Inherited): boolean =>
    play.delegateTo !== undefined ||
    play.handlers.some(any) ||
    play.sections.some((section) => section.tasks.some(any));
  return playbooks.some((playbook) => playbook.plays.some(inPlay));
}
