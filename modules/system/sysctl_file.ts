import { lines } from '../../engine/resources/answer_text.ts';

interface Line {
  readonly text: string;
  /** `undefined`: a comment, an empty line, or nothing that sysctl reads. */
  readonly entry: { readonly key: string; readonly value: string } | undefined;
}

function readLines(text: string): readonly Line[] {
  return lines(text).map((raw) => {
    const line = raw.trim();
    const at = line.indexOf('=');
    if (line === '' || /^[#;]/.test(line) || at < 0) return { text: line, entry: undefined };
    return { text: line, entry: { key: line.slice(0, at).trim(), value: line.slice(at + 1).trim() } };
  });
}

/** What a file of sysctl.conf(5) says of a key: the last word counts. */
export function valueInFile(text: string, key: string): string | undefined {
  return readLines(text).findLast((line) => line.entry?.key === key)?.entry?.value;
}

/**
 * The file with this value, or with the key taken out. It is written as Ansible's module writes it: entries as
 * `key=value`, each key once, at its first place; comments and empty lines as they are.
 */
export function withValue(text: string, key: string, value: string | undefined): string {
  const done = new Set<string>();
  const result: string[] = [];
  for (const { text: line, entry } of readLines(text)) {
    if (entry === undefined) {
      result.push(line);
      continue;
    }
    if (done.has(entry.key)) continue;
    done.add(entry.key);
    if (entry.key !== key) result.push(`${entry.key}=${entry.value}`);
    else if (value !== undefined) result.push(`${key}=${value}`);
  }
  if (value !== undefined && !done.has(key)) result.push(`${key}=${value}`);
  return result.map((line) => `${line}\n`).join('');
}
