import { readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { error, type Source, type Span, warning } from '../language/diagnostics.ts';
import { readSource, shownPath } from '../language/source.ts';
import { parseAddress } from './address.ts';
import { addHost, type Draft, setVariable } from './draft.ts';
import { readIni } from './read_ini.ts';
import { readYaml } from './read_yaml.ts';

/** What Ansible leaves out of a directory that serves as an inventory (INVENTORY_IGNORE_EXTS and manager.py). */
const IGNORED =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)$|~$/;

/**
 * Reads what one `-i` names into the draft: a file, a directory of files, or a list of hosts with a comma in it.
 * Gives the directory whose group_vars/ and host_vars/ belong to it.
 */
export function readInventorySource(draft: Draft, source: string): string | undefined {
  const kind = kindOf(source);
  if (kind === undefined && source.includes(',')) {
    readHostList(draft, source);
    return undefined;
  }
  if (kind === 'directory') {
    readDirectory(draft, resolve(source), []);
    return resolve(source);
  }
  readFile(draft, resolve(source), kind === undefined);
  return dirname(resolve(source));
}

/** `undefined` where there is nothing, or nothing that may be seen. A long list of hosts is too long for a name. */
function kindOf(path: string): 'file' | 'directory' | undefined {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'file';
  } catch {
    return undefined;
  }
}

function readDirectory(draft: Draft, path: string, above: readonly string[]): void {
  const listed = listDirectory(draft, path);
  if (above.includes(listed.real)) {
    draft.diagnostics.push(error('inventory', `${shownPath(path)} is a link to a directory that it stands in`));
    return;
  }
  for (const name of listed.names) {
    const inner = join(path, name);
    if (IGNORED.test(name)) {
      if (/^[^.].*\.ini$/.test(name)) draft.diagnostics.push(ignoredIni(inner));
    } else if (kindOf(inner) === 'directory') {
      readDirectory(draft, inner, [...above, listed.real]);
    } else {
      readFile(draft, inner, false);
    }
  }
}

function ignoredIni(path: string) {
  return warning(
    'inventory',
    `${shownPath(path)} is not read: Ansible leaves .ini files out of an inventory directory`,
    undefined,
    'Drop the extension, or name the file itself with `-i`.',
  );
}

function listDirectory(draft: Draft, path: string): { readonly real: string; readonly names: readonly string[] } {
  try {
    return { real: realpathSync(path), names: readdirSync(path).sort() };
  } catch (thrown) {
    const { message } = thrown as Error;
    draft.diagnostics.push(error('file', `${shownPath(path)} could not be read: ${message}`));
    return { real: path, names: [] };
  }
}

function readFile(draft: Draft, path: string, missing: boolean): void {
  const source = readSource(path, draft.opener);
  if (!source.ok) {
    const hint = 'To name hosts instead of a file, add a comma: `-i host1,`.';
    draft.diagnostics.push(
      ...source.diagnostics.map((each) => (missing ? { ...each, hint: each.hint ?? hint } : each)),
    );
    return;
  }
  const { text } = source.value;
  const extension = extname(path.replace(/\.age$/, '')).toLowerCase();
  if (text.startsWith('#!')) {
    draft.diagnostics.push(scriptError(source.value));
  } else if (extension === '.toml') {
    draft.diagnostics.push(error('inventory', `${source.value.path}: a TOML inventory is not supported`));
  } else if (/^\.(?:ya?ml|json)$/.test(extension) || (extension === '' && looksLikeYaml(text))) {
    readYaml(draft, source.value, path);
  } else {
    readIni(draft, source.value, path);
  }
}

function scriptError(source: Source) {
  const end = source.text.indexOf('\n');
  const span: Span = { source, start: 0, end: end === -1 ? source.text.length : end };
  return error(
    'inventory',
    'this is an inventory script, and scripts are not run',
    span,
    'Save what it gives: `ansible-inventory -i SCRIPT --list --yaml > inventory.yml`.',
  );
}

/** Without an extension Ansible tries YAML, then INI. The first line that says something tells them apart. */
function looksLikeYaml(text: string): boolean {
  const first = /^[ \t]*[^\s#;].*$/m.exec(text)?.[0].trim() ?? '';
  return /^---|^\{/.test(first) || /^(?:"[^"]*"|'[^']*'|[^\s=[\]'"#]+)[ \t]*:(?:\s|$)/.test(first);
}

/** `-i web1,web2:2222,`: hosts of the group `ungrouped`, without ranges. */
function readHostList(draft: Draft, list: string): void {
  const source: Source = { path: '--inventory', text: list };
  let start = 0;
  for (const part of list.split(',')) {
    const name = part.trim();
    const at = start + part.indexOf(name);
    start += part.length + 1;
    if (name === '') continue;
    const span: Span = { source, start: at, end: at + name.length };
    const address = parseAddress(name);
    if (address === undefined || (name.includes('[') && address.host.includes('['))) {
      const hint = 'Ranges work in inventory files, not in a list on the command line.';
      draft.diagnostics.push(
        error(
          'inventory',
          `\`${name}\` is neither a host name nor an address`,
          span,
          name.includes('[') ? hint : undefined,
        ),
      );
      continue;
    }
    const { host, isNew } = addHost(draft, address.host, 'ungrouped', { file: list, span });
    if (isNew && address.port !== undefined) {
      setVariable(host, '--inventory', 'ansible_port', { kind: 'literal', value: address.port, span });
    }
  }
}
