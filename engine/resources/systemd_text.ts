/**
 * A word of a list in a unit file (systemd.syntax(7), "Quoting"): specifiers are taken for what they are, and nothing
 * ends the line.
 */
export function unitWord(word: string): string {
  const text = word
    .replaceAll('%', '%%')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t');
  return /^[\w./:=@+,-]+$/.test(text) ? text : `"${text}"`;
}

/** A word of a command line (systemd.service(5), "Command lines"): variables are taken for what they are too. */
export function commandWord(word: string): string {
  return unitWord(word).replaceAll('$', '$$$$');
}

/** The rest of a line as it is: a description, a directory. */
export function unitLine(text: string): string {
  return text.replaceAll('%', '%%').replaceAll(/[\n\r]+/g, ' ');
}
