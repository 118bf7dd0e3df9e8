import { join } from 'node:path';
import type { Controller } from './controller.ts';

/** What the tokens of ssh_config(5) stand for. */
export interface Tokens {
  /** `%h`: the address. */
  readonly host: string;
  /** `%n`: the host as it was asked for. */
  readonly original: string;
  /** `%p`. */
  readonly port: number;
  /** `%r`: the remote user. */
  readonly user: string;
  /** `%k`: HostKeyAlias, or the host as it was asked for. */
  readonly hostKeyAlias: string | undefined;
  readonly controller: Controller;
}

export type Expanded = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

/** `%h`, `%n`, `%p`, `%r` and `%%`, in a ProxyCommand. */
export function expandCommand(text: string, tokens: Tokens): Expanded {
  return replaceTokens(text, commandTokens(tokens));
}

/** Tokens, `${VARIABLE}` and a leading `~`, in the path of a key, an agent or a known_hosts file. */
export function expandPath(text: string, tokens: Tokens): Expanded {
  const { controller } = tokens;
  const variables = replaceVariables(text, controller);
  if (!variables.ok) return variables;
  const expanded = replaceTokens(variables.text, {
    ...commandTokens(tokens),
    d: controller.home,
    i: String(controller.uid),
    k: tokens.hostKeyAlias ?? tokens.original,
    L: controller.hostName.split('.')[0] ?? '',
    l: controller.hostName,
    u: controller.userName,
  });
  return expanded.ok ? { ok: true, text: expandTilde(expanded.text, controller) } : expanded;
}

export function expandTilde(path: string, controller: Controller): string {
  if (path === '~') return controller.home;
  return path.startsWith('~/') ? join(controller.home, path.slice(2)) : path;
}

function commandTokens({ host, original, port, user }: Tokens): Readonly<Record<string, string>> {
  return { '%': '%', h: host, n: original, p: String(port), r: user };
}

function replaceTokens(text: string, values: Readonly<Record<string, string>>): Expanded {
  let unknown: string | undefined;
  const expanded = text.replace(/%(.?)/gs, (all, token: string) => {
    const value = Object.hasOwn(values, token) ? values[token] : undefined;
    if (value === undefined) unknown ??= all;
    return value ?? '';
  });
  if (unknown === undefined) return { ok: true, text: expanded };
  return { ok: false, problem: `\`${unknown}\` is not honoured; \`%%\` stands for a percent sign` };
}

function replaceVariables(text: string, controller: Controller): Expanded {
  let missing: string | undefined;
  const expanded = text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_all, name: string) => {
    const value = controller.environment[name];
    if (value === undefined) missing ??= name;
    return value ?? '';
  });
  if (missing === undefined) return { ok: true, text: expanded };
  return { ok: false, problem: `the environment variable \`${missing}\` is not set` };
}
