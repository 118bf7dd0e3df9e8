/** The JSON objects of a journal, a line each; one that was cut off in the middle of a line is read up to there. */
export function journalLines(bytes: Uint8Array): readonly Readonly<Record<string, unknown>>[] {
  return new TextDecoder()
    .decode(bytes)
    .split('\n')
    .map(journalLine)
    .filter((line) => line !== undefined);
}

export function journalLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
