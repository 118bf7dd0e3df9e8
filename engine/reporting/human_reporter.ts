import { findingsOf, isBad } from '../planning/finding.ts';
import { isPending } from '../planning/pending.ts';
import type { PlannedTask, RunEvent } from '../planning/plan.ts';
import { printable } from './escape.ts';
import { hostsText } from './hosts_text.ts';
import type { Progress } from './progress.ts';
import { recapText } from './recap_text.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { resultLines } from './result_text.ts';
import { createStyle } from './style.ts';

/** For people: the plan as diffs, then calm progress, then a recap. */
export function createHumanReporter(options: ReporterOptions): Reporter {
  const style = createStyle(options.color);
  const plans = new Map<string, readonly PlannedTask[]>();
  const unreachable: { host: string; message: string; hint: string | undefined }[] = [];
  let startedAt = 0;
  let applying = false;
  let hosts = 0;
  /** Loaded with the plan, drawn once it is being applied. */
  let createProgress: typeof import('./progress.ts').createProgress | undefined;
  let progress: Progress | undefined;
  /** What is said while progress is drawn waits until it is done, in order. */
  let waiting: string[] = [];

  const print = (text: string): void => {
    if (progress === undefined) options.out.write(text);
    else waiting.push(text);
  };

  function sayUnreachable(): void {
    const same = new Map<string, string[]>();
    for (const { host, message, hint } of unreachable.splice(0)) {
      const text = [message, ...(hint === undefined ? [] : [hint])].map(printable).join('\n    ');
      same.set(text, [...(same.get(text) ?? []), host]);
    }
    for (const [text, names] of same) {
      const who = printable(hostsText(names, hosts, options.verbosity > 0));
      print(`${style.bad('unreachable')}: ${style.place(who)}\n    ${text}\n`);
    }
  }

  return {
    event(event: RunEvent) {
      switch (event.type) {
        case 'run-started':
          startedAt = event.at;
          hosts = event.hosts.length;
          return;
        case 'planned':
          plans.set(event.host, event.tasks);
          return;
        case 'host-unreachable':
          unreachable.push({ host: event.host, message: event.message, hint: event.hint });
          return;
        case 'host-refused':
          print(`${style.bad('refused')}: ${printable(event.host)}: ${printable(event.message)}\n`);
          if (event.hint !== undefined) print(`  ${printable(event.hint)}\n`);
          return;
        case 'host-reverted':
          print(`${style.bad('reverted')}: ${printable(event.host)}: ${printable(event.message)}\n`);
          for (const line of event.log) print(`  ${style.faint(printable(line))}\n`);
          if (event.hint !== undefined) print(`  ${printable(event.hint)}\n`);
          return;
        case 'warning': {
          const who = event.host === undefined ? '' : `${printable(event.host)}: `;
          print(`${style.change('warning')}: ${who}${printable(event.message)}\n`);
          return;
        }
        case 'apply-started':
          applying = true;
          progress = createProgress?.(plans, options.width, options.secrets.mask);
          return;
        case 'task-started':
          progress?.started(event.task);
          return;
        case 'task-finished': {
          if (!applying) return;
          progress?.finished(event.result);
          // With rows on the screen, what changed is told by them.
          if (progress !== undefined && event.result.outcome === 'changed' && options.verbosity === 0) return;
          const lines = resultLines(event.result, style, options.verbosity);
          if (lines.length > 0) print(`${lines.join('\n')}\n`);
          return;
        }
        case 'run-finished':
          if (!applying) return;
          waiting.push(`\n${recapText(event.recap, style, options.verbosity, event.at - startedAt)}`);
          return;
        default:
          return;
      }
    },

    async planned() {
      sayUnreachable();
      const tasks = [...plans.values()].flat();
      const busy = tasks.some(isPending);
      const talks = tasks.some(
        ({ status, message, warnings, finding }) =>
          status === 'fail' ||
          warnings.length > 0 ||
          isBad(finding) ||
          (status === 'ok' && message !== undefined && options.command === 'plan'),
      );
      if (plans.size === 0) return;
      if (options.command === 'audit') {
        const { auditText } = await import('./audit_text.ts');
        print(auditText(findingsOf(tasks), [...plans.keys()], { style, verbosity: options.verbosity }));
        return;
      }
      if (!busy && !talks && options.verbosity === 0) {
        const { quietSummary } = await import('./quiet_summary.ts');
        print(`${quietSummary(plans.size, style)}\n`);
        return;
      }
      const { planText } = await import('./plan_text.ts');
      const { verbosity, command, width, secrets } = options;
      print(planText(plans, { style, verbosity, command, width, mask: secrets.mask }));
      if (busy && options.command === 'apply' && options.terminal) {
        ({ createProgress } = await import('./progress.ts'));
      }
    },

    async close() {
      await progress?.close();
      progress = undefined;
      sayUnreachable();
      for (const text of waiting) options.out.write(text);
      waiting = [];
    },
  };
}
