/**
 * The text of a crontab, edited as Ansible's `cron` edits it, so that both manage the same entries:
 * a job is the line below `#Ansible: NAME`, a variable is a line `NAME="value"`.
 */

const MARK = '#Ansible: ';

/** Lines of a table; the last line may lack its newline. */
export function readTable(text: string): readonly string[] {
  const all = text.split(/\r\n|\n|\r/);
  return all.at(-1) === '' ? all.slice(0, -1) : all;
}

export function writeTable(table: readonly string[]): string {
  const text = table.join('\n').replace(/[\r\n]+$/, '');
  return text === '' ? '' : `${text}\n`;
}

/** Empty but for blank lines. */
export function isBlank(table: readonly string[]): boolean {
  return table.every((line) => line.trim() === '');
}

function isMark(line: string | undefined): boolean {
  return line?.startsWith(MARK) === true;
}

/** The line of a named job, `undefined` if there is none. */
function findJob(table: readonly string[], name: string): string | undefined {
  const at = table.findIndex((line, i) => line === MARK + name && hasJob(table, i));
  return at < 0 ? undefined : table[at + 1];
}

/** A mark that stands last or right above another one has lost its job. (Ansible takes the other mark for it.) */
function hasJob(table: readonly string[], at: number): boolean {
  return at + 1 < table.length && !isMark(table[at + 1]);
}

/** The table with this job under this name, or the very same table if it has it already. */
export function withJob(table: readonly string[], name: string, job: string): readonly string[] {
  const found = findJob(table, name);
  if (found === job) return table;
  if (found !== undefined) return replaceJob(table, name, [MARK + name, job]);
  const whole = table.filter((line) => line !== MARK + name);
  return adopted(whole, name, job) ?? [...whole, MARK + name, job];
}

/** A line that is this very job but has no name, or the name that a job without one once got, is given the name. */
function adopted(table: readonly string[], name: string, job: string): readonly string[] | undefined {
  for (const [i, line] of table.entries()) {
    if (line !== job) continue;
    if (!isMark(table[i - 1])) return [...table.slice(0, i), MARK + name, ...table.slice(i)];
    if (table[i - 1] === `${MARK}None`) return [...table.slice(0, i - 1), MARK + name, ...table.slice(i)];
  }
  return undefined;
}

/** The table without this job, or the very same table if it has no such job. */
export function withoutJob(table: readonly string[], name: string): readonly string[] {
  return table.includes(MARK + name) ? replaceJob(table, name, []) : table;
}

function replaceJob(table: readonly string[], name: string, by: readonly string[]): readonly string[] {
  return table.flatMap((line, i) => {
    if (line === MARK + name) return hasJob(table, i) ? by : [];
    return i > 0 && table[i - 1] === MARK + name && !isMark(line) ? [] : [line];
  });
}

/** Where a new variable goes: on top, or beside another one. */
export interface VariablePlace {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** The table with this variable, the very same if it has it already; `undefined`: the one to go beside is not there. */
export function withVariable(
  table: readonly string[],
  name: string,
  value: string,
  place: VariablePlace,
): readonly string[] | undefined {
  const line = `${name}="${value}"`;
  const first = table.find((one) => one.startsWith(`${name}=`));
  if (first === line) return table;
  if (first !== undefined) return table.map((one) => (one.startsWith(`${name}=`) ? line : one));
  const beside = place.after ?? place.before;
  if (beside === undefined) return [line, ...table];
  const index = table.findIndex((one) => one.startsWith(`${beside}=`));
  if (index < 0) return undefined;
  const at = place.after === undefined ? index : index + 1;
  return [...table.slice(0, at), line, ...table.slice(at)];
}

export function withoutVariable(table: readonly string[], name: string): readonly string[] {
  const rest = table.filter((one) => !one.startsWith(`${name}=`));
  return rest.length === table.length ? table : rest;
}

export function jobNames(table: readonly string[]): readonly string[] {
  return table.filter(isMark).map((line) => line.slice(MARK.length));
}

export function variableNames(table: readonly string[]): readonly string[] {
  return table.filter((line) => /^\S+=/.test(line)).map((line) => line.slice(0, line.indexOf('=')));
}
