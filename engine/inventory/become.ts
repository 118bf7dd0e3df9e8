import { error, fail, ok, type Result } from '../language/diagnostics.ts';
import { type ConnectionVariables, type LookUp, readConnectionVariables } from './connection_variables.ts';
import type { Become, Host } from './inventory.ts';

/** What the command line or a keyword says; variables of the host win over it, as in Ansible. */
export interface BecomeOptions {
  readonly become?: boolean | undefined;
  readonly becomeUser?: string | undefined;
  readonly becomeMethod?: string | undefined;
  readonly becomePassword?: string | undefined;
}

/** As whom tasks run on a host: `ansible_become`, `_user`, `_method`, `_password`; root by sudo where nothing is said. */
export function resolveBecome(host: Host, lookUp: LookUp, options: BecomeOptions): Result<Become> {
  const variables = readConnectionVariables(host, lookUp);
  const become = readBecome(host, variables, options);
  return variables.diagnostics.length > 0 ? fail(...variables.diagnostics) : ok(become);
}

/** As `resolveBecome`; what is wrong goes to the diagnostics of the variables. */
export function readBecome(host: Host, variables: ConnectionVariables, options: BecomeOptions): Become {
  refuseFlags(host, variables);
  return {
    enabled: variables.flag('ansible_become') ?? options.become ?? false,
    user: variables.text('ansible_become_user', 'ansible_sudo_user')?.value ?? options.becomeUser ?? 'root',
    method: readMethod(host, variables, options),
    password:
      variables.text('ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass')?.value ??
      options.becomePassword,
  };
}

function readMethod(host: Host, variables: ConnectionVariables, options: BecomeOptions): 'sudo' | 'su' {
  const found = variables.text('ansible_become_method');
  const method = (found?.value ?? options.becomeMethod ?? 'sudo').replace(/^ansible\.builtin\./, '');
  if (method === 'sudo' || method === 'su') return method;
  const message = `the become method \`${method}\` of ${host.name} is not supported: expected sudo or su`;
  variables.diagnostics.push(error('inventory', message, found?.span));
  return 'sudo';
}

/** Flags of sudo that change what runs (`-i`, `-E`) would be promised and not kept. */
function refuseFlags(host: Host, variables: ConnectionVariables): void {
  const executable = variables.text('ansible_become_exe', 'ansible_sudo_exe');
  if (executable !== undefined && !/^(?:sudo|su)$/.test(executable.value)) {
    const message = `\`${executable.name}\` of ${host.name} is not honoured: sudo and su are found on the PATH`;
    variables.diagnostics.push(error('inventory', message, executable.span));
  }
  const flags = variables.text('ansible_become_flags', 'ansible_sudo_flags');
  if (flags === undefined || /^(?:\s*-[HSn]+)*\s*$/.test(flags.value)) return;
  const message = `\`${flags.name}\` of ${host.name} is not honoured`;
  variables.diagnostics.push(
    error('inventory', message, flags.span, 'Of the flags of sudo -H, -S and -n are implied.'),
  );
}
