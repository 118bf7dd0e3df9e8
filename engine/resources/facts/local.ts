import { posix } from 'node:path';
import type { Value, ValueMap } from '../../language/values.ts';
import type { Sources } from './sources.ts';

export interface LocalFacts {
  readonly local: ValueMap;
  readonly warnings: readonly string[];
}

/** Facts that stand as JSON or INI in files of the host. Those that are programs are not run. */
export function localFacts(sources: Sources, index: number): LocalFacts {
  const local: Record<string, Value> = {};
  const warnings: string[] = [];
  for (const entry of sources.lines(`local${index}`)) {
    const path = entry.slice(1);
    const name = posix.basename(path, '.fact');
    if (entry.startsWith('x')) {
      warnings.push(`${path} is executable: local facts are read and not run`);
      continue;
    }
    const value = parseFact(sources.file(path) ?? '');
    if (value === undefined) warnings.push(`${path} is neither JSON nor INI`);
    local[name] = value ?? `error loading facts as JSON or ini - please check content: ${path}`;
  }
  return { local, warnings };
}

function parseFact(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return parseIni(text);
  }
}

/** Python's ConfigParser: sections, `name = value` or `name: value`, names in lower case, indented lines go on. */
function parseIni(text: string): ValueMap | undefined {
  const sections: Record<string, Record<string, string>> = {};
  let section: Record<string, string> | undefined;
  let last: string | undefined;
  for (const line of text.split('\n')) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const header = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (header !== undefined) {
      section = Object.hasOwn(sections, header) ? (sections[header] as Record<string, string>) : {};
      Object.defineProperty(sections, header, { value: section, enumerable: true, configurable: true, writable: true });
      last = undefined;
      continue;
    }
    if (section === undefined) return undefined;
    if (/^\s/.test(line) && last !== undefined) {
      section[last] += `\n${line.trim()}`;
      continue;
    }
    const [, name, value] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined || value === undefined) return undefined;
    last = name.toLowerCase();
    section[last] = value;
  }
  return sections;
}
