import { type Diagnostic, error, type Result, type Span } from '../diagnostics.ts';
import type { YamlNode } from '../yaml.ts';

/**
 * Tells a tab that indents for what it is. YAML forbids it (1.2.2, 6.1); the library reads some of them as
 * indented by one column, or tells of what stands behind them: mistakes that are not the user's.
 */
export function tellTabs(read: Result<YamlNode>): Result<YamlNode> {
  if (read.ok) {
    const found = findTab(read.value);
    return found === undefined ? read : { ok: false, diagnostics: [found] };
  }
  return { ok: false, diagnostics: read.diagnostics.map((told) => (told.span && tabBefore(told.span)) ?? told) };
}

function findTab(node: YamlNode): Diagnostic | undefined {
  if (node.kind === 'scalar') return undefined;
  if (node.kind === 'list') return first(node.items, findTab);
  return first(node.entries, ({ keySpan, value }) => tabBefore(keySpan) ?? findTab(value));
}

function first<T>(items: readonly T[], find: (item: T) => Diagnostic | undefined): Diagnostic | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The tab among the indentation of what begins here. */
function tabBefore({ source, start }: Span): Diagnostic | undefined {
  const lineStart = source.text.lastIndexOf('\n', start - 1) + 1;
  const indentation = source.text.slice(lineStart, start);
  const tab = indentation.indexOf('\t');
  if (tab === -1 || !/^[\s-]*$/.test(indentation)) return undefined;
  const at = lineStart + tab;
  return error(
    'yaml',
    'a tab stands where YAML wants spaces',
    { source, start: at, end: at + 1 },
    'Indent with spaces.',
  );
}
