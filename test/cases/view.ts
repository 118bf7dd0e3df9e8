import { posix } from 'node:path';
import type { Result } from '../../engine/language/diagnostics.ts';
import type { Value } from '../../engine/language/values.ts';
import { keyOf, type LocalFile, type Ref, type View } from '../../engine/planning/contracts.ts';
import { Unreadable } from '../../engine/planning/unreadable.ts';
import type { Case } from './driver.ts';

/** What is known of one resource: its value or why it could not be read, and the aspects that were asked for. */
export type Known = { readonly aspects: readonly string[] } & (
  | { readonly value: unknown }
  | { readonly error: string }
);

/** 2024-01-02 03:04:05 UTC. */
export const NOW = Date.UTC(2024, 0, 2, 3, 4, 5);

/** What a module sees in a case: what was looked at, and the controller's files that the case names. */
export function fakeView(one: Case, seen: ReadonlyMap<string, Known>): View {
  const find = (ref: Ref): Known | undefined => {
    const known = seen.get(keyOf(ref));
    if (known === undefined || ('value' in known && known.value === null)) return known;
    return ref.aspects.every((a) => known.aspects.includes(a)) ? known : undefined;
  };
  return {
    user: one.user ?? 'root',
    now: NOW,
    environment: one.environment ?? {},
    get<V>(ref: Ref<V>): V | null {
      const known = find(ref as Ref);
      if (known === undefined) throw new Error(`${keyOf(ref as Ref)} [${ref.aspects}] was never asked for by looksAt`);
      if ('error' in known) throw new Unreadable(known.error);
      return known.value as V | null;
    },
    peek<V>(ref: Ref<V>): V | null | undefined {
      const known = find(ref as Ref);
      if (known !== undefined && 'error' in known) throw new Unreadable(known.error);
      return known?.value as V | null | undefined;
    },
    problem(ref: Ref): string | undefined {
      const known = find(ref);
      return known !== undefined && 'error' in known ? known.error : undefined;
    },
    local: (path) => localFile(one, path),
    render: (file) => ({ ok: true, value: substitute(new TextDecoder().decode(file.bytes()), one) }),
    evaluate: (expression): Result<Value> => ({ ok: true, value: (one.vars?.[expression] ?? null) as Value }),
  };
}

function substitute(text: string, one: Case): string {
  return text.replaceAll(/\{\{ *(\w+) *\}\}/g, (_, name: string) => String(one.vars?.[name]));
}

function localFile(one: Case, path: string): LocalFile | undefined {
  const files = Object.entries(one.local ?? {});
  const base = path.replace(/\/+$/, '');
  const inside = files.map(([p]) => p).filter((p) => p.startsWith(`${base}/`) && p !== `${base}/`);
  const own = files.find(([p]) => p === base || p === `${base}/`);
  if (own === undefined && inside.length === 0) return undefined;
  const link = linkTarget(own?.[1]);
  if (link !== undefined) return localFile(one, posix.join(posix.dirname(base), link));
  const { text, base64, mode } = expand(own?.[1]);
  const isDirectory = inside.length > 0 || own?.[0].endsWith('/') === true;
  return {
    path: base,
    kind: isDirectory ? 'directory' : 'file',
    mode: mode ?? (isDirectory ? 0o755 : 0o644),
    bytes: () => (base64 === undefined ? new TextEncoder().encode(text ?? '') : Buffer.from(base64, 'base64')),
    entries: () => entriesBelow(base, inside),
    links: () =>
      new Map(
        files.flatMap(([p, short]): [string, string][] => {
          const target = linkTarget(short);
          return target !== undefined && p.startsWith(`${base}/`) ? [[p.slice(base.length + 1), target]] : [];
        }),
      ),
  };
}

function linkTarget(short: unknown): string | undefined {
  return typeof short === 'object' ? (short as { link?: string } | null)?.link : undefined;
}

function entriesBelow(base: string, inside: readonly string[]): readonly string[] {
  const names = new Set<string>();
  for (const path of inside) {
    const parts = path
      .slice(base.length + 1)
      .replace(/\/$/, '')
      .split('/');
    parts.forEach((_, i) => {
      names.add(parts.slice(0, i + 1).join('/'));
    });
  }
  return [...names].sort();
}

function expand(short: unknown): { text?: string; base64?: string; mode?: number } {
  if (typeof short === 'string') return { text: short };
  const { text, base64, mode } = (short ?? {}) as { text?: string; base64?: string; mode?: string };
  return {
    ...(text !== undefined && { text }),
    ...(base64 !== undefined && { base64 }),
    ...(mode !== undefined && { mode: Number.parseInt(mode, 8) }),
  };
}
