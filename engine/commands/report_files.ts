import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import type { RunRecord } from '../applying/records.ts';
import { type Diagnostic, error, fail, ok, type Result } from '../language/diagnostics.ts';
import type { KeptRun } from '../reporting/report/fold.ts';
import { FORMATS, type ReportFormat } from '../reporting/report/formats.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { replaceFile } from '../vault/replace_file.ts';
import { VERSION } from '../version.ts';
import { pastRuns } from './kept_run.ts';

interface ReportFile {
  readonly path: string;
  readonly format: ReportFormat;
}

/** The files that `--report` names, as far as can be told before they are needed. */
export function reportFiles(paths: readonly string[]): Result<readonly ReportFile[]> {
  const files: ReportFile[] = [];
  const problems: Diagnostic[] = [];
  for (const path of paths) {
    const format = extname(path).slice(1).toLowerCase();
    if (!isFormat(format)) {
      const endings = Object.keys(FORMATS).map((name) => `.${name}`);
      const hint = `Its name says what it is: it ends in ${endings.slice(0, -1).join(', ')} or ${endings.at(-1)}.`;
      problems.push(error('option', `--report ${path}: there is no such kind of report`, undefined, hint));
      continue;
    }
    const obstacle = obstacleAt(path, format);
    if (obstacle === undefined) files.push({ path, format });
    else problems.push(obstacle);
  }
  return problems.length > 0 ? fail(...problems) : ok(files);
}

function isFormat(name: string): name is ReportFormat {
  return Object.hasOwn(FORMATS, name);
}

function obstacleAt(path: string, format: ReportFormat): Diagnostic | undefined {
  const cannot = (why: string): Diagnostic => error('file', `no report can be written to ${path}: ${why}`);
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    const folder = dirname(stat === undefined ? path : realpathSync(path));
    if (!statSync(folder).isDirectory()) return cannot(`${folder} is not a directory`);
    accessSync(folder, constants.W_OK | constants.X_OK);
    if (stat === undefined || (stat.isFile() && (stat.size === 0 || FORMATS[format].test(headOf(path))))) {
      return undefined;
    }
    // A slip of the fingers must not cost a file.
    const hint = 'Remove it, or name another file.';
    return error('option', `${path} is there and is no report`, undefined, hint);
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    return cannot(code === 'ENOENT' ? `${dirname(path)} is not there` : message);
  }
}

const HEAD_BYTES = 4096;

function headOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(HEAD_BYTES);
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

/** Writes all of them, each whole or not at all and for nobody else to read. Tells of those that could not be. */
export async function writeReports(
  files: readonly ReportFile[],
  run: KeptRun,
  all: readonly RunRecord[],
  secrets: Secrets,
): Promise<readonly Diagnostic[]> {
  const { foldReport } = await import('../reporting/report/fold.ts');
  const { withTrend } = await import('../reporting/report/trend.ts');
  const { maskReport } = await import('../reporting/report/mask_report.ts');
  const { WRITERS } = await import('../reporting/report/write.ts');
  const folded = foldReport(run, VERSION);
  const report = maskReport(withTrend(folded, pastRuns(folded.run, all)), secrets.mask);
  return files.flatMap(({ path, format }) => {
    try {
      replaceFile(path, WRITERS[format](report), 0o600);
      process.stderr.write(`Report: ${path}\n`);
      return [];
    } catch (thrown) {
      return [error('file', `the report ${path} could not be written: ${(thrown as Error).message}`)];
    }
  });
}
