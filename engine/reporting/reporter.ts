import type { RunEvent } from '../planning/plan.ts';
import { createHumanReporter } from './human_reporter.ts';
import { createJsonReporter } from './json_reporter.ts';

/** Shows a run to somebody. Everything it knows, it knows from the events. */
export interface Reporter {
  event(event: RunEvent): void;
  /** All hosts are planned: shows the plan, whole, before a question is asked about it. */
  planned(): Promise<void>;
  close(): Promise<void>;
}

export interface ReporterOptions {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream;
  readonly json: boolean;
  readonly color: boolean;
  /** `out` is a terminal: progress may be drawn on it. */
  readonly terminal: boolean;
  readonly verbosity: number;
  readonly width: number;
  readonly command: 'plan' | 'apply';
}

export function createReporter(options: ReporterOptions): Reporter {
  return options.json ? createJsonReporter(options) : createHumanReporter(options);
}
