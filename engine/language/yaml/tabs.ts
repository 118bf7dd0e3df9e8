import { type Diagnostic, error } from '../diagnostics.ts';
import type { YamlNode } from '../yaml.ts';

/**
 * A key that a tab indents: YAML forbids it (1.2.2, 6.1), and the library reads some of them as indented by one
 * column, which then tells of a mistake that is not the user's.
 */
export function findTab(node: YamlNode): Diagnostic | undefined {
  if (node.kind === 'scalar') return undefined;
  if (node.kind === 'list') return node.items.map(findTab).find((found) => found !== undefined);
  for (const { keySpan, value } of node.entries) {
    const { source, start } = keySpan;
    const lineStart = source.text.lastIndexOf('\n', start - 1) + 1;
    const tab = source.text.slice(lineStart, start).search(/^[ -]*\t[\s-]*$/);
    const at = source.text.indexOf('\t', lineStart);
    if (tab !== -1) {
      return error(
        'yaml',
        'a tab stands where YAML wants spaces',
        { source, start: at, end: at + 1 },
        'Indent with spaces.',
      );
    }
    const inner = findTab(value);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
