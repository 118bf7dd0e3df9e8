import { type Diagnostic, error, fail, ok, type Result } from '../language/diagnostics.ts';
import { type BecomeOptions, readBecome } from './become.ts';
import { type ConnectionVariables, type Found, type LookUp, readConnectionVariables } from './connection_variables.ts';
import { type Controller, thisController } from './controller.ts';
import type { Become, Host, Route } from './inventory.ts';
import { parseSshOptions, type SshOption } from './ssh_options.ts';
import { type RouteContext, resolveHop } from './ssh_route.ts';

/**
 * What the command line, or a keyword of the play, says of the connection. As in Ansible the variables of the host
 * win over it (`ansible_user` over `-u`), and all of these win over ssh_config.
 */
export interface RouteOptions extends BecomeOptions {
  readonly connection?: string | undefined;
  readonly user?: string | undefined;
  readonly privateKey?: string | undefined;
  /** What was typed for `--ask-pass`. */
  readonly password?: string | undefined;
  readonly sshCommonArgs?: string | undefined;
  readonly sshExtraArgs?: string | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly acceptNewHostKeys?: boolean | undefined;
}

export interface ResolvedRoute {
  readonly route: Route;
  readonly become: Become;
}

/**
 * How to reach a host and as whom to act there: connection variables first, then the options, then ssh_config, then
 * ssh's defaults. Starts `ssh -G` only where a block of ssh_config concerns the host. Call it for many hosts at once.
 */
export async function resolveRoute(
  host: Host,
  variable: LookUp,
  options: RouteOptions,
  controller: Controller = thisController(),
): Promise<Result<ResolvedRoute>> {
  const variables = readConnectionVariables(host, variable);
  const { diagnostics } = variables;
  const warnings: Diagnostic[] = [];
  const become = readBecome(host, variables, options);
  const route: Route =
    readConnection(host, variables, options) === 'local'
      ? { kind: 'local' }
      : await resolveSsh(host, variables, options, {
          controller,
          diagnostics,
          warnings,
          host: host.name,
          span: host.span,
        });
  return diagnostics.length > 0 ? fail(...diagnostics) : ok({ route, become }, warnings);
}

function readConnection(host: Host, variables: ConnectionVariables, options: RouteOptions): 'local' | 'ssh' {
  const found = variables.text('ansible_connection');
  const connection = (found?.value ?? options.connection ?? 'ssh').replace(/^ansible\.builtin\./, '');
  if (connection === 'local') return 'local';
  if (connection !== 'ssh' && connection !== 'smart') {
    const message = `the connection \`${connection}\` of ${host.name} is not supported: expected ssh or local`;
    variables.diagnostics.push(error('inventory', message, found?.span));
  }
  return 'ssh';
}

async function resolveSsh(
  host: Host,
  variables: ConnectionVariables,
  options: RouteOptions,
  context: RouteContext,
): Promise<Route> {
  const address = variables.text('ansible_host', 'ansible_ssh_host');
  const hop = {
    name: address?.value ?? host.name,
    options: sshOptions(variables, options),
    password: variables.text('ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password')?.value ?? options.password,
    acceptNewHostKeys: options.acceptNewHostKeys ?? false,
    timeoutSeconds: options.timeoutSeconds,
  };
  // With a mistake in them the options would lead to further messages that help nobody.
  if (context.diagnostics.length > 0) return { kind: 'local' };
  return resolveHop(hop, { ...context, span: address?.span ?? context.span });
}

/** In the order in which Ansible puts them on ssh's command line, where the first of a kind counts. */
function sshOptions(variables: ConnectionVariables, options: RouteOptions): readonly SshOption[] {
  const checking = variables.flag('ansible_host_key_checking', 'ansible_ssh_host_key_checking');
  const port = variables.integer(1, 65535, 'ansible_port', 'ansible_ssh_port');
  const key = variables.text('ansible_private_key_file', 'ansible_ssh_private_key_file');
  const user = variables.text('ansible_user', 'ansible_ssh_user');
  const timeout = variables.integer(1, 86_400, 'ansible_timeout', 'ansible_ssh_timeout');
  return [
    ...parse(variables, variables.text('ansible_ssh_args')),
    ...(checking === false ? [option('stricthostkeychecking', 'no', 'ansible_host_key_checking')] : []),
    ...(port === undefined ? [] : [option('port', String(port), 'ansible_port')]),
    ...one('identityfile', key, options.privateKey, '--private-key'),
    ...one('user', user, options.user, '--user'),
    ...(timeout === undefined ? [] : [option('connecttimeout', String(timeout), 'ansible_timeout')]),
    ...parse(variables, variables.text('ansible_ssh_common_args') ?? given(options.sshCommonArgs, '--ssh-common-args')),
    ...parse(variables, variables.text('ansible_ssh_extra_args') ?? given(options.sshExtraArgs, '--ssh-extra-args')),
  ];
}

function parse(variables: ConnectionVariables, found: Found<string> | undefined): readonly SshOption[] {
  if (found === undefined) return [];
  const parsed = parseSshOptions(found.value, found.name, found.span);
  if (parsed.ok) return parsed.value;
  variables.diagnostics.push(...parsed.diagnostics);
  return [];
}

function given(value: string | undefined, name: string): Found<string> | undefined {
  return value === undefined ? undefined : { value, name, span: undefined };
}

function one(key: string, found: Found<string> | undefined, otherwise: string | undefined, flag: string) {
  const { value, name, span } = found ?? { value: otherwise, name: flag, span: undefined };
  return value === undefined || value === '' ? [] : [{ key, value, origin: name, span }];
}

function option(key: string, value: string, origin: string): SshOption {
  return { key, value, origin, span: undefined };
}
