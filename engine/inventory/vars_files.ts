import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Diagnostic, error, type Result, type Span, warning } from '../language/diagnostics.ts';
import type { Opener } from '../language/opener.ts';
import { isEncryptedFile, shownPath, statOf } from '../language/source.ts';
import type { VarLayer } from '../language/templated.ts';

/**
 * Tried in this order, and only the first that is there is read (Ansible's find_vars_files). Each may have `.age`
 * behind it.
 */
const EXTENSIONS: readonly string[] = ['', '.yml', '.yaml', '.json'];

export interface VarsFiles {
  /** The variables of a group or host from `DIRECTORY/group_vars` or `host_vars`, in the order they are merged. */
  layers(directory: string, kind: 'group_vars' | 'host_vars', name: string): readonly VarLayer[];
}

/**
 * Reads each file once, and only those of groups and hosts that are asked for; an encrypted one only when one of its
 * variables is. Mistakes go to `diagnostics`.
 */
export function openVarsFiles(
  loadVars: (path: string, origin: string) => Result<VarLayer>,
  diagnostics: Diagnostic[],
  opener: Opener | undefined,
): VarsFiles {
  const load = (path: string, kind: 'group_vars' | 'host_vars'): readonly VarLayer[] => {
    if (opener !== undefined && isEncryptedFile(path, opener)) return [lockedLayer(path, loadVars)];
    return loadNow(path, kind, loadVars, diagnostics);
  };
  const listings = new Map<string, ReadonlySet<string>>();
  const known = new Map<string, readonly VarLayer[]>();
  return {
    layers(directory, kind, name) {
      const root = join(directory, kind);
      const names = listings.get(root) ?? listNames(root, diagnostics);
      listings.set(root, names);
      if (names.size === 0) return [];
      const found = EXTENSIONS.flatMap((extension) => [name + extension, `${name}${extension}.age`]).filter((each) =>
        names.has(each),
      );
      const [first, ...rest] = found;
      if (first === undefined) return [];
      const path = join(root, first);
      const layers = known.get(path);
      if (layers !== undefined) return layers;
      diagnostics.push(...rest.map((other) => shadowed(join(root, other), path)));
      const loaded = filesOf(path, diagnostics).flatMap((file) => load(file, kind));
      known.set(path, loaded);
      return loaded;
    },
  };
}

function listNames(root: string, diagnostics: Diagnostic[]): ReadonlySet<string> {
  try {
    return new Set(readdirSync(root));
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') {
      diagnostics.push(warning('inventory', `${shownPath(root)} is not a directory, so nothing is read from it`));
    } else if (code !== 'ENOENT') {
      diagnostics.push(error('file', `${shownPath(root)} could not be read: ${message}`));
    }
    return new Set();
  }
}

function shadowed(path: string, by: string): Diagnostic {
  return warning(
    'inventory',
    `${shownPath(path)} is not read, because ${shownPath(by)} is there`,
    undefined,
    'Ansible reads only the first of NAME (a file or a directory), NAME.yml, NAME.yaml and NAME.json.',
  );
}

/** The file itself, or the files of the directory in the order of their names, those of directories in it included. */
function filesOf(path: string, diagnostics: Diagnostic[], depth = 0): readonly string[] {
  const stat = statOf(path);
  if (stat === undefined || !stat.isDirectory()) return [path];
  if (depth > 16) {
    diagnostics.push(error('inventory', `${shownPath(path)} is nested too deeply: is it a link to a parent?`));
    return [];
  }
  return [...listNames(path, diagnostics)].sort().flatMap((name) => {
    const inner = join(path, name);
    const extension = extname(name.replace(/\.age$/, ''));
    if (name.startsWith('.') || name.endsWith('~') || !EXTENSIONS.includes(extension)) return [];
    if (!statOf(inner)?.isDirectory()) return [inner];
    return extension === '' ? filesOf(inner, diagnostics, depth + 1) : [];
  });
}

function loadNow(
  path: string,
  kind: 'group_vars' | 'host_vars',
  loadVars: (path: string, origin: string) => Result<VarLayer>,
  diagnostics: Diagnostic[],
): readonly VarLayer[] {
  const loaded = loadVars(path, shownPath(path));
  if (!loaded.ok) {
    diagnostics.push(...loaded.diagnostics);
    return [];
  }
  diagnostics.push(...(loaded.warnings ?? []));
  const priority = kind === 'group_vars' ? loaded.value.entries.get('ansible_group_priority') : undefined;
  if (priority !== undefined) diagnostics.push(latePriority(priority.span));
  return [loaded.value];
}

/** Opened when it is first asked for a variable: hosts that are not in the run need no password. */
function lockedLayer(path: string, loadVars: (path: string, origin: string) => Result<VarLayer>): VarLayer {
  const origin = shownPath(path);
  let loaded: Result<VarLayer> | undefined;
  const open = (): Result<VarLayer> => {
    loaded ??= loadVars(path, origin);
    return loaded;
  };
  return {
    origin,
    get entries() {
      const layer = open();
      return layer.ok ? layer.value.entries : new Map();
    },
    get problems() {
      const layer = open();
      return layer.ok ? [] : layer.diagnostics;
    },
  };
}

function latePriority(span: Span): Diagnostic {
  return warning(
    'inventory',
    '`ansible_group_priority` has no effect in group_vars',
    span,
    'Set it in the inventory file, among the variables of the group.',
  );
}
