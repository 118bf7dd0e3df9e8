import { type Diagnostic, error, fail, ok, type Result } from '../language/diagnostics.ts';
import { renderTemplated, truthy } from '../language/render.ts';
import type { TaskSyntax } from '../language/syntax.ts';
import type { Scope, Templated } from '../language/templated.ts';
import { findUnknown, isMap, Unknown, type Value } from '../language/values.ts';
import { environments, type Frame, keyword } from './frame.ts';
import { identityFor, type Target, type Walk } from './walk_context.ts';

/** A task's keywords, rendered. */
export interface Settings {
  readonly target: Target;
  readonly noLog: boolean;
  readonly ignoreErrors: boolean;
  readonly ignoreUnreachable: boolean;
  readonly anyErrorsFatal: boolean;
  readonly runOnce: boolean;
  readonly checkMode: boolean | undefined;
  readonly timeoutMs: number | undefined;
  readonly until: { readonly retries: number; readonly delayMs: number } | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** Ansible's defaults for `until` without `retries` and `delay`. */
const RETRIES = 3;
const DELAY_S = 5;

/** Renders the keywords that say how and where a task runs; an Unknown among them makes the whole wait. */
export function settings(walk: Walk, task: TaskSyntax, frame: Frame, scope: Scope): Result<Settings | Unknown> {
  const problems: Diagnostic[] = [];
  let unknown: Unknown | undefined;

  function value(node: Templated | undefined): Value | undefined {
    if (node === undefined) return undefined;
    const rendered = renderTemplated(node, scope);
    if (!rendered.ok) {
      problems.push(...rendered.diagnostics);
      return undefined;
    }
    unknown ??= findUnknown(rendered.value);
    return rendered.value;
  }
  const flag = (node: Templated | undefined): boolean | undefined => {
    const rendered = value(node);
    if (rendered === undefined || rendered === null || findUnknown(rendered)) return undefined;
    return isTrue(rendered);
  };
  const text = (node: Templated | undefined): string | undefined => {
    const rendered = value(node);
    return rendered === undefined || rendered === null || findUnknown(rendered) ? undefined : String(rendered);
  };
  const number = (node: Templated | undefined): number | undefined => {
    const rendered = text(node);
    if (rendered === undefined) return undefined;
    if (!/^\d+(\.\d+)?$/.test(rendered)) {
      problems.push(error('type', `expected a number, got \`${rendered}\``, node?.span));
      return undefined;
    }
    return Number(rendered);
  };

  const { chain } = frame;
  const word = (name: Parameters<typeof keyword>[1]) => keyword(chain, name);
  const retries = number(task.retries);
  const delay = number(task.delay);
  const timeout = number(word('timeout'));
  const target = targetOf(walk, { flag, text, word, scope }, problems);
  const result: Settings = {
    target,
    noLog: flag(word('noLog')) ?? false,
    ignoreErrors: flag(word('ignoreErrors')) ?? false,
    ignoreUnreachable: flag(word('ignoreUnreachable')) ?? false,
    anyErrorsFatal: flag(word('anyErrorsFatal')) ?? false,
    runOnce: flag(word('runOnce')) ?? false,
    checkMode: flag(word('checkMode')),
    timeoutMs: timeout === undefined || timeout === 0 ? undefined : timeout * 1000,
    until:
      task.until === undefined && retries === undefined
        ? undefined
        : { retries: retries ?? RETRIES, delayMs: (delay ?? DELAY_S) * 1000 },
    environment: environmentOf(environments(chain), value, problems),
  };
  if (problems.length > 0) return fail(...problems);
  return ok(unknown ?? result);
}

interface Readers {
  flag(node: Templated | undefined): boolean | undefined;
  text(node: Templated | undefined): string | undefined;
  word(name: Parameters<typeof keyword>[1]): Templated | undefined;
  readonly scope: Scope;
}

/** Variables win over keywords, keywords over the command line (Ansible: "Controlling how Ansible behaves"). */
function targetOf(walk: Walk, read: Readers, problems: Diagnostic[]): Target {
  const { surroundings } = walk;
  const delegate = read.text(read.word('delegateTo'));
  const host = delegate ?? walk.host;
  const reach = read.text(read.word('connection'));
  if (reach !== undefined && reach !== 'local' && reach !== 'ssh' && reach !== 'smart') {
    problems.push(
      error('keyword', `there is no connection \`${reach}\``, read.word('connection')?.span, 'Use `ssh` or `local`.'),
    );
  }
  const variable = (name: string): Value | undefined => {
    if (delegate !== undefined) return undefined;
    const found = read.scope.lookup(name);
    return found?.ok && !(found.value instanceof Unknown) ? found.value : undefined;
  };
  const connection = [variable('ansible_connection'), reach].find((kind) => kind === 'local' || kind === 'ssh');
  const byVariable = variable('ansible_user') ?? variable('ansible_ssh_user');
  const askedUser = byVariable === undefined ? read.text(read.word('remoteUser')) : String(byVariable);
  // Who logs in anyway shares the connection that is there.
  const remoteUser = askedUser === surroundings.loginUser(host, connection, undefined) ? undefined : askedUser;
  const defaults = surroundings.becomeDefaults(host);
  const enabledBy = variable('ansible_become');
  const enabled = enabledBy === undefined ? (read.flag(read.word('become')) ?? defaults.enabled) : isTrue(enabledBy);
  const user = String(variable('ansible_become_user') ?? read.text(read.word('becomeUser')) ?? defaults.user);
  const method = String(variable('ansible_become_method') ?? read.text(read.word('becomeMethod')) ?? defaults.method);
  if (user.includes('\0')) {
    problems.push(error('keyword', 'the name of a user cannot hold a NUL character', read.word('becomeUser')?.span));
  }
  if (method !== 'sudo' && method !== 'su') {
    const span = read.word('becomeMethod')?.span;
    problems.push(error('keyword', `there is no become method \`${method}\``, span, 'Use `sudo` or `su`.'));
  }
  const login = surroundings.loginUser(host, connection, remoteUser);
  const identity = enabled
    ? identityFor(user, method === 'su' ? 'su' : 'sudo', login)
    : identityFor(login, 'sudo', login);
  return { host, connection, remoteUser, identity };
}

function isTrue(value: Value): boolean {
  return typeof value === 'string' ? /^(yes|true|on|1|y|t)$/i.test(value) : truthy(value);
}

function environmentOf(
  nodes: readonly Templated[],
  value: (node: Templated) => Value | undefined,
  problems: Diagnostic[],
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const node of nodes) {
    const rendered = value(node);
    if (rendered === undefined || rendered === null || rendered instanceof Unknown) continue;
    for (const map of Array.isArray(rendered) ? (rendered as readonly Value[]) : [rendered]) {
      if (!isMap(map)) {
        problems.push(error('type', '`environment` takes a map of names and values', node.span));
        continue;
      }
      for (const [name, inner] of Object.entries(map)) {
        if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
          problems.push(error('type', `\`${name}\` cannot be the name of an environment variable`, node.span));
        } else if (String(inner).includes('\0')) {
          problems.push(error('type', `the environment variable \`${name}\` cannot hold a NUL character`, node.span));
        } else if (!findUnknown(inner)) environment[name] = inner === null ? '' : String(inner);
      }
    }
  }
  return environment;
}
