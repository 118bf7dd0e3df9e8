import type { Diagnostic, Result } from '../../engine/language/diagnostics.ts';
import { positionOf } from '../../engine/language/print_diagnostics.ts';

/** `2:5 warning message | hint`, a line each. */
export function told(result: Result<unknown>): readonly string[] {
  return (result.ok ? (result.warnings ?? []) : result.diagnostics).map(tell);
}

function tell({ severity, message, hint, span }: Diagnostic): string {
  const at = span === undefined ? '' : `${positionOf(span).line}:${positionOf(span).column} `;
  return `${at}${severity === 'warning' ? 'warning: ' : ''}${message}${hint === undefined ? '' : ` | ${hint}`}`;
}
