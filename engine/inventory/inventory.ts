import type { Result, Span } from '../language/diagnostics.ts';
import type { VarLayer } from '../language/templated.ts';

export interface Host {
  readonly name: string;
  /** Names of all its groups, `all` excluded, sorted (Ansible's `group_names`). */
  readonly groups: readonly string[];
  /**
   * Variables from the inventory, lowest precedence first, in the order of Ansible's "Understanding variable
   * precedence": the inventory's own variables of `all` and of the groups (by depth, ansible_group_priority, name),
   * group_vars/all beside the inventory and beside the playbook, group_vars of the groups beside the inventory and
   * beside the playbook; then the host's in the inventory, host_vars beside the inventory and beside the playbook.
   */
  readonly layers: readonly VarLayer[];
  /** The file that names it first, absolute (a host list as given); undefined: the implicit localhost. */
  readonly file?: string | undefined;
  readonly span?: Span | undefined;
}

export interface Group {
  readonly name: string;
  /** All its hosts in Ansible's order: its own, then those of its children, level by level. */
  readonly hosts: readonly string[];
  readonly children: readonly string[];
}

export interface Inventory {
  /** In the order of the files. */
  readonly hosts: ReadonlyMap<string, Host>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Paths as given with `-i`. */
  readonly sources: readonly string[];
  /** Stands in where `localhost`, `127.0.0.1` or `::1` is asked for and no host is called so (see find_host.ts). */
  readonly localhost: Host;
}

export type SshRoute = Extract<Route, { kind: 'ssh' }>;

/** How to reach a host; every value already rendered and checked. */
export type Route =
  | { readonly kind: 'local' }
  | {
      readonly kind: 'ssh';
      readonly address: string;
      readonly port: number;
      readonly user: string;
      /** Private key files in the order they are tried; `~` expanded. Empty: the defaults of ssh(1). */
      readonly keyFiles: readonly string[];
      /** IdentitiesOnly. */
      readonly identitiesOnly: boolean;
      /** Path of the agent's socket; undefined: none. */
      readonly agent: string | undefined;
      readonly password: string | undefined;
      readonly hostKeys: {
        /** Read in order; the first is the one that a new key is added to. */
        readonly files: readonly string[];
        /** Name to look up instead of the address (HostKeyAlias). */
        readonly alias: string | undefined;
        /** `ask` refuses an unknown key with its fingerprint; `accept-new` adds it; a changed key is refused always. */
        readonly unknown: 'ask' | 'accept-new';
      };
      /** Jumps from here to the host, each a route of its own. */
      readonly jumps: readonly SshRoute[];
      /** ProxyCommand, tokens already expanded; undefined: none. */
      readonly proxyCommand: string | undefined;
      readonly connectTimeoutMs: number;
      /** ServerAliveInterval and -CountMax; 0: none. */
      readonly keepAliveMs: number;
      readonly keepAliveMax: number;
      readonly compression: boolean;
    };

export interface Become {
  readonly enabled: boolean;
  readonly user: string;
  readonly method: 'sudo' | 'su';
  readonly password: string | undefined;
}

/**
 * Hosts that a pattern names (`web:&prod:!db1`, `~re`, globs, `web[0:2]`), in Ansible's order: pattern by pattern,
 * each in the order of the inventory.
 */
export type SelectHosts = (inventory: Inventory, pattern: string) => Result<readonly string[]>;
