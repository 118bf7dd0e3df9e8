import { accessSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, error, type Span } from '../language/diagnostics.ts';
import type { Controller } from './controller.ts';
import type { SshRoute } from './inventory.ts';
import type { SshSettings } from './ssh_config.ts';
import { type Expanded, expandCommand, expandPath, expandTilde, type Tokens } from './ssh_expand.ts';
import type { SshOption } from './ssh_options.ts';
import * as read from './ssh_values.ts';

/** One SSH login on the way: the host itself, or a jump. */
export interface Hop {
  /** As ssh(1) would be told it; ssh_config is asked for this name. */
  readonly name: string;
  /** What variables and the command line say, the first counting; an identity file adds to the others. */
  readonly options: readonly SshOption[];
  readonly password: string | undefined;
  /** What the command line says, after the options of the host and before ssh_config. */
  readonly acceptNewHostKeys: boolean;
  readonly timeoutSeconds: number | undefined;
}

export interface RouteContext {
  readonly controller: Controller;
  readonly diagnostics: Diagnostic[];
  readonly warnings: Diagnostic[];
  /** The host of the inventory that all this is for. */
  readonly host: string;
  readonly span: Span | undefined;
}

const CONNECT_TIMEOUT_SECONDS = 10;
/** Where nothing else is said, a connection whose other end is gone is noticed after a minute. */
const KEEP_ALIVE = { seconds: 15, count: 4 };
/** Those of ssh(1) that can be used, the likeliest first: a server may allow only three attempts. */
const DEFAULT_KEYS: readonly string[] = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** An option and where it comes from: `config` values are what `ssh -G` printed, expanded and without quotes. */
interface Setting {
  readonly value: string;
  readonly option: SshOption | undefined;
}

interface Settings {
  first(key: string): Setting | undefined;
  all(key: string): readonly Setting[];
}

/** The route of one login, its jumps included. What is wrong goes to the context's diagnostics. */
export async function resolveHop(hop: Hop, context: RouteContext, above: readonly string[] = []): Promise<SshRoute> {
  const settings = await askConfig(hop, context);
  const user = readUser(settings, context);
  const port = setting(settings, context, 'port', (text) => read.parseCount(text, 1, 65535)) ?? 22;
  const tokens: Tokens = {
    host: hop.name,
    original: hop.name,
    port,
    user,
    hostKeyAlias: settings.first('hostkeyalias')?.value,
    controller: context.controller,
  };
  const address = readAddress(settings, context, tokens);
  const full: Tokens = { ...tokens, host: address };
  const proxy = await readProxy(hop, settings, context, full, above);
  return {
    kind: 'ssh',
    address,
    port,
    user,
    ...readIdentity(settings, context, full),
    password: hop.password,
    hostKeys: {
      files: readKnownHosts(settings, context, full),
      alias: full.hostKeyAlias,
      unknown: readHostKeyPolicy(hop, settings, context),
    },
    ...proxy,
    ...readTimes(hop, settings, context),
    compression: setting(settings, context, 'compression', read.parseYesNo) ?? false,
  };
}

async function askConfig(hop: Hop, context: RouteContext): Promise<Settings> {
  const { options } = hop;
  const find = (key: string): string | undefined => options.find((option) => option.key === key)?.value;
  const port = read.parseCount(find('port') ?? '', 1, 65535);
  const user = find('user');
  let config: SshSettings = new Map();
  if (read.isSafeHostName(hop.name)) {
    const file = find('configfile');
    const answer = await context.controller.sshConfig.settingsFor({
      host: hop.name,
      user,
      port,
      configFile: file === undefined ? undefined : expandTilde(file, context.controller),
    });
    if (answer.ok) config = answer.value;
    else context.diagnostics.push(...answer.diagnostics);
    if (answer.ok) context.warnings.push(...(answer.warnings ?? []));
  }
  const all = (key: string): readonly Setting[] => [
    ...options.filter((option) => option.key === key).map((option) => ({ value: option.value, option })),
    ...(config.get(key) ?? []).map((value) => ({ value, option: undefined })),
  ];
  return { all, first: (key) => all(key)[0] };
}

function setting<T>(
  settings: Settings,
  context: RouteContext,
  key: string,
  parse: (text: string) => T | undefined,
): T | undefined {
  const found = settings.first(key);
  if (found === undefined) return undefined;
  const value = parse(found.value);
  if (value === undefined) refuse(context, found, key, `\`${found.value}\` is not valid`);
  return value;
}

function refuse(context: RouteContext, { option }: Setting, key: string, problem: string): void {
  const origin = option === undefined ? `ssh_config for ${context.host}` : `\`${option.origin}\` of ${context.host}`;
  context.diagnostics.push(
    error('inventory', `${origin}: ${key}: ${problem}`, option === undefined ? context.span : option.span),
  );
}

function readUser(settings: Settings, context: RouteContext): string {
  const found = settings.first('user');
  const user = found === undefined ? context.controller.userName : found.value;
  if (!read.isSafeUserName(user)) {
    refuse(context, found ?? { value: user, option: undefined }, 'user', `\`${user}\` is not a user name`);
  }
  return user;
}

function readAddress(settings: Settings, context: RouteContext, tokens: Tokens): string {
  const found = settings.first('hostname');
  let address = found === undefined ? tokens.host : found.value;
  if (found?.option !== undefined) {
    address = address.replaceAll(/%[%h]/g, (token) => (token === '%h' ? tokens.host : '%'));
  }
  if (!read.isSafeHostName(address)) {
    const message = `${context.host}: \`${address}\` is neither a host name nor an address`;
    context.diagnostics.push(error('inventory', message, found?.option?.span ?? context.span));
  }
  return address;
}

/** Expands a path of an option; what `ssh -G` printed of `userknownhostsfile` is expanded already. */
function expand(context: RouteContext, found: Setting, key: string, text: string, tokens: Tokens): string {
  return accept(context, found, key, expandPath(text, tokens));
}

function accept(context: RouteContext, found: Setting, key: string, expanded: Expanded): string {
  if (expanded.ok) return expanded.text;
  refuse(context, found, key, expanded.problem);
  return '';
}

function readIdentity(settings: Settings, context: RouteContext, tokens: Tokens) {
  const files = settings.all('identityfile').flatMap((found) => {
    const text = found.value;
    if (text.toLowerCase() === 'none') return [];
    const file = expand(context, found, 'identityfile', text, tokens);
    // ssh_config may name keys that not every machine has, or whose private half only the agent has; a variable
    // names the key that is meant.
    return found.option !== undefined || isReadable(file) || isReadable(`${file}.pub`) ? [file] : [];
  });
  const defaults = DEFAULT_KEYS.map((name) => join(context.controller.home, '.ssh', name)).filter(isReadable);
  return {
    keyFiles: settings.all('identityfile').length === 0 ? defaults : [...new Set(files)],
    identitiesOnly: setting(settings, context, 'identitiesonly', read.parseYesNo) ?? false,
    agent: readAgent(settings, context, tokens),
  };
}

function isReadable(file: string): boolean {
  try {
    accessSync(file);
    return true;
  } catch {
    return false;
  }
}

/** IdentityAgent: a socket's path, `$VARIABLE`, `SSH_AUTH_SOCK` or `none`. */
function readAgent(settings: Settings, context: RouteContext, tokens: Tokens): string | undefined {
  const { environment } = context.controller;
  const found = settings.first('identityagent');
  const value = found === undefined ? 'SSH_AUTH_SOCK' : found.value;
  if (value === 'none') return undefined;
  if (value === 'SSH_AUTH_SOCK') return environment.SSH_AUTH_SOCK || undefined;
  if (value.startsWith('$') && !value.startsWith('${')) return environment[value.slice(1)] || undefined;
  return found === undefined ? undefined : expand(context, found, 'identityagent', value, tokens);
}

function readKnownHosts(settings: Settings, context: RouteContext, tokens: Tokens): readonly string[] {
  const { home } = context.controller;
  const ssh = join(home, '.ssh');
  const user = knownHostsFiles(settings.first('userknownhostsfile'), context, 'userknownhostsfile', tokens);
  const global = knownHostsFiles(settings.first('globalknownhostsfile'), context, 'globalknownhostsfile', tokens);
  return [
    // The first one takes new keys: with `none` they are kept nowhere, and never in the system's file.
    ...(user === undefined
      ? [join(ssh, 'known_hosts'), join(ssh, 'known_hosts2')]
      : user.length === 0
        ? ['/dev/null']
        : user),
    ...(global ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']),
  ];
}

function knownHostsFiles(found: Setting | undefined, context: RouteContext, key: string, tokens: Tokens) {
  if (found === undefined) return undefined;
  const words = found.option === undefined ? found.value.split(' ') : read.manyWords(found.value);
  const files = words.filter((word) => word !== '' && word !== 'none');
  return found.option === undefined ? files : files.map((word) => expand(context, found, key, word, tokens));
}

/** The host's own options, then the command line, then ssh_config; an unknown key is refused if nothing says else. */
function readHostKeyPolicy(hop: Hop, settings: Settings, context: RouteContext): 'ask' | 'accept-new' {
  const key = 'stricthostkeychecking';
  if (settings.first(key)?.option === undefined && hop.acceptNewHostKeys) return 'accept-new';
  return setting(settings, context, key, read.parseHostKeyPolicy) ?? 'ask';
}

function readTimes(hop: Hop, settings: Settings, context: RouteContext) {
  const given = settings.first('connecttimeout');
  const line = given?.option === undefined ? hop.timeoutSeconds : undefined;
  const parseTimeout = (text: string): number | undefined => (text === 'none' ? 0 : read.parseSeconds(text));
  const seconds = line ?? setting(settings, context, 'connecttimeout', parseTimeout);
  const alive = setting(settings, context, 'serveraliveinterval', read.parseSeconds) ?? KEEP_ALIVE.seconds;
  const count = setting(settings, context, 'serveralivecountmax', (text) => read.parseCount(text, 1, 1_000_000));
  return {
    // ssh(1) takes 0 for the system's own timeout of minutes: nobody wants to wait for that.
    connectTimeoutMs: (seconds || CONNECT_TIMEOUT_SECONDS) * 1000,
    keepAliveMs: alive * 1000,
    keepAliveMax: count ?? KEEP_ALIVE.count,
  };
}

/** ProxyJump or ProxyCommand: the one that is said first. */
async function readProxy(
  hop: Hop,
  settings: Settings,
  context: RouteContext,
  tokens: Tokens,
  above: readonly string[],
) {
  const none = { jumps: [] as readonly SshRoute[], proxyCommand: undefined };
  const jump = settings.first('proxyjump');
  const command = settings.first('proxycommand');
  if (command !== undefined && (jump === undefined || rank(hop, command) < rank(hop, jump))) {
    if (command.value.trim().toLowerCase() === 'none') return none;
    const expanded = expandCommand(command.value, tokens);
    return { ...none, proxyCommand: accept(context, command, 'proxycommand', expanded) };
  }
  if (jump === undefined || jump.value.toLowerCase() === 'none') return none;
  return { ...none, jumps: await resolveJumps(hop, jump, context, [...above, hop.name]) };
}

/** ssh_config comes after all options. */
function rank(hop: Hop, { option }: Setting): number {
  return option === undefined ? hop.options.length : hop.options.indexOf(option);
}

/**
 * `-J a,b`: as ssh(1) does it, `b` is reached through `a`; what ssh_config says of the way to `a` counts, of the way
 * to `b` not. Options given for the host do not count for its jumps.
 */
async function resolveJumps(hop: Hop, found: Setting, context: RouteContext, above: readonly string[]) {
  const jumps: SshRoute[] = [];
  for (const [index, text] of found.value.split(',').entries()) {
    const jump = read.parseJump(text);
    if (jump === undefined) {
      refuse(context, found, 'proxyjump', `expected \`[user@]host[:port]\` and not \`${text}\``);
      continue;
    }
    if (above.includes(jump.host)) {
      refuse(context, found, 'proxyjump', `the jumps go in a circle: ${[...above, jump.host].join(' > ')}`);
      continue;
    }
    const options = jumpOptions(jump, index > 0, found);
    const route = await resolveHop({ ...hop, name: jump.host, options, password: undefined }, context, above);
    jumps.push(...route.jumps, { ...route, jumps: [] });
  }
  return jumps;
}

function jumpOptions(jump: read.Jump, behindAnother: boolean, found: Setting): readonly SshOption[] {
  const origin = { origin: found.option?.origin ?? 'ProxyJump', span: found.option?.span };
  return [
    ...(jump.user === undefined ? [] : [{ key: 'user', value: jump.user, ...origin }]),
    ...(jump.port === undefined ? [] : [{ key: 'port', value: String(jump.port), ...origin }]),
    ...(behindAnother ? [{ key: 'proxyjump', value: 'none', ...origin }] : []),
  ];
}
