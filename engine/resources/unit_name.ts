/** Whose systemd manages the unit: the host's, the acting user's, or all users' (only what is enabled). */
export type UnitScope = 'system' | 'user' | 'global';

/** systemd.unit(5). */
const SUFFIX = /\.(service|socket|target|device|mount|automount|swap|timer|path|slice|scope)$/;

/** `nginx` is short for `nginx.service`, as for systemctl(1). */
export function fullUnitName(name: string): string {
  return SUFFIX.test(name) ? name : `${name}.service`;
}

/** systemd.unit(5): up to 255 letters, digits and `:-_.\`, with `@` before an instance; no patterns, no paths. */
export function isUnitName(name: string): boolean {
  return name.length <= 255 && /^[A-Za-z0-9:_.\\-]+(@[A-Za-z0-9:_.\\@-]*)?$/.test(name) && /^[^.@]/.test(name);
}

/** `getty@.service`: what instances are made from. It can be enabled and not be started. */
export function isTemplate(name: string): boolean {
  return name.includes('@.');
}

export function unitId(name: string, scope: UnitScope): string {
  return scope === 'system' ? fullUnitName(name) : `${scope}/${fullUnitName(name)}`;
}

export function splitUnitId(id: string): { readonly scope: UnitScope; readonly name: string } {
  if (id.startsWith('user/')) return { scope: 'user', name: id.slice(5) };
  if (id.startsWith('global/')) return { scope: 'global', name: id.slice(7) };
  return { scope: 'system', name: id };
}

/** As a person would write it: `unit ssh`, `unit app (user)`. */
export function unitTitle(id: string): string {
  const { scope, name } = splitUnitId(id);
  return `unit ${name.replace(/\.service$/, '')}${scope === 'system' ? '' : ` (${scope})`}`;
}
