import { htmlReport } from './html/page.ts';
import { junitReport } from './junit.ts';
import { markdownReport } from './markdown.ts';
import type { Report } from './report.ts';

/** How each kind of file is written, by its ending. */
export const WRITERS = {
  html: htmlReport,
  json: (report: Report) => `${JSON.stringify(report, null, 2)}\n`,
  xml: junitReport,
  md: markdownReport,
} as const satisfies Readonly<Record<string, (report: Report) => string>>;
