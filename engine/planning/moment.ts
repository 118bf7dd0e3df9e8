/** Milliseconds since 1970 as ISO 8601 has them, to the second: `2026-01-31T23:59:59Z`. */
export function moment(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
