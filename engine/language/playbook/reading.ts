import type { Validators } from '../arguments/judge.ts';
import type { ModuleTable } from '../module_spec.ts';
import type { Opener } from '../opener.ts';
import type { YamlEntry, YamlMap } from '../yaml.ts';
import type { Problems } from './fields.ts';

/** What reading a tree of files needs to know: given on, never kept. */
export interface Reading {
  readonly modules: ModuleTable;
  readonly problems: Problems;
  /** Files being read, outermost first, as absolute paths: a file that comes again is a loop. */
  readonly chain: readonly string[];
  /** Directory of the file being read; relative imports start here. */
  readonly dir: string;
  /** Directory of the playbook, the second place that imports are looked for. */
  readonly playbookDir: string;
  /** Tasks may be notified: `listen` is allowed, blocks are not. */
  readonly handlers: boolean;
  /** Parameters that `module_defaults` give, by module; `unknown` where the play is not at hand. */
  readonly defaults: ReadonlyMap<string, ReadonlySet<string>> | 'unknown';
  /** Opens what is encrypted in the files. */
  readonly opener: Opener | undefined;
  /** What parameters are validated by; `undefined`: what was compiled ahead. */
  readonly validators: Validators | undefined;
}

/** The entries of a map by key. */
export type Fields = ReadonlyMap<string, YamlEntry>;

export function fieldsOf(map: YamlMap): Fields {
  return new Map(map.entries.map((entry) => [entry.key, entry]));
}
