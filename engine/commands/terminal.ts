/** Colour on a terminal, none in a pipe; NO_COLOR (no-color.org) and `--color` decide otherwise. */
export function wantsColor(
  options: { readonly color?: 'always' | 'never' | 'auto' },
  stream: NodeJS.WriteStream,
): boolean {
  if (options.color === 'always') return true;
  if (options.color === 'never') return false;
  if (process.env.NO_COLOR !== undefined && process.env.NO_COLOR !== '') return false;
  return stream.isTTY === true && process.env.TERM !== 'dumb';
}
