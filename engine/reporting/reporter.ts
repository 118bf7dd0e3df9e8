import type { RunCommand, RunEvent } from '../planning/plan.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { createHumanReporter } from './human_reporter.ts';
import { createJsonReporter } from './json_reporter.ts';

/** Shows a run to somebody. Everything it knows, it knows from the events. */
export interface Reporter {
  event(event: RunEvent): void;
  /** All hosts are planned: shows the plan, whole, before a question is asked about it. */
  planned(): Promise<void>;
  close(): Promise<void>;
}

/** Is given whole lines: no secret is cut in two. */
interface Writer {
  write(text: string): unknown;
}

export interface ReporterOptions {
  readonly out: Writer;
  /** Masked in whatever is written. */
  readonly secrets: Pick<Secrets, 'mask' | 'maskJson'>;
  readonly json: boolean;
  readonly color: boolean;
  /** `out` is a terminal: progress may be drawn on it. */
  readonly terminal: boolean;
  readonly verbosity: number;
  readonly width: number;
  readonly command: RunCommand;
}

export function createReporter(options: ReporterOptions): Reporter {
  const { mask, maskJson } = options.secrets;
  const hide = options.json ? maskJson : mask;
  const masked: ReporterOptions = { ...options, out: { write: (text) => options.out.write(hide(text)) } };
  return options.json ? createJsonReporter(masked) : createHumanReporter(masked);
}
