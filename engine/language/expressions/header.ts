import { error, fail, ok, type Result, type Source } from '../diagnostics.ts';
import { didYouMean } from '../suggest.ts';
import type { RenderOptions } from '../templated.ts';

const MARK = '#jinja2:';
/** Jinja's names of the options that a template may set for itself. */
const SETTINGS: ReadonlyMap<string, keyof RenderOptions> = new Map([
  ['trim_blocks', 'trimBlocks'],
  ['lstrip_blocks', 'lstripBlocks'],
  ['newline_sequence', 'newline'],
  ['block_start_string', 'blockStart'],
  ['block_end_string', 'blockEnd'],
  ['variable_start_string', 'variableStart'],
  ['variable_end_string', 'variableEnd'],
  ['comment_start_string', 'commentStart'],
  ['comment_end_string', 'commentEnd'],
]);

/** A template's first line may be `#jinja2: trim_blocks: False, lstrip_blocks: True` (Ansible: `template`, notes). */
export function readHeader(
  source: Source,
  options: RenderOptions,
): Result<{ readonly from: number; readonly options: RenderOptions }> {
  if (!source.text.startsWith(MARK)) return ok({ from: 0, options });
  const end = source.text.indexOf('\n');
  const line = source.text.slice(MARK.length, end === -1 ? undefined : end);
  const span = { source, start: 0, end: MARK.length + line.length };
  const set: Record<string, unknown> = {};
  for (const pair of line.split(',')) {
    const [, name = '', text = ''] = /^\s*([^:]*?)\s*:\s*(.*?)\s*$/s.exec(pair) ?? [];
    const key = SETTINGS.get(name);
    if (key === undefined) {
      return fail(
        error(
          'template',
          `\`${name || pair.trim()}\` is no option of a template`,
          span,
          didYouMean(name, SETTINGS.keys()),
        ),
      );
    }
    const value = literal(text);
    const expected = key === 'trimBlocks' || key === 'lstripBlocks' ? 'boolean' : 'string';
    if (typeof value !== expected || value === '') {
      return fail(error('template', `\`${name}\` takes a ${expected}, and got \`${text}\``, span));
    }
    set[key] = value;
  }
  return ok({ from: end === -1 ? source.text.length : end + 1, options: { ...options, ...set } });
}

function literal(text: string): boolean | string | undefined {
  if (text === 'True' || text === 'False') return text === 'True';
  const quoted = /^(['"])(.*)\1$/s.exec(text)?.[2];
  return quoted?.replaceAll('\\n', '\n').replaceAll('\\r', '\r');
}
