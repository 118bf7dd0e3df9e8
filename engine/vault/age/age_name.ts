/** `secrets.yml.age` counts as `secrets.yml`. */
export function isAgeName(path: string): boolean {
  return path.endsWith('.age');
}
