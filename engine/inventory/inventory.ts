import type { Result, Span } from '../language/diagnostics.ts';
import type { VarLayer } from '../language/templated.ts';

export interface Host {
  readonly name: string;
  /** Names of all its groups, `all` excluded, sorted (Ansible's `group_names`). */
  readonly groups: readonly string[];
  /**
   * Variables from the inventory, lowest precedence first: group `all`, groups by depth and name,
   * the host; in each the inventory file first, then group_vars/host_vars beside the inventory,
   * then those beside the playbook (Ansible: "Variable precedence").
   */
  readonly layers: readonly VarLayer[];
  readonly span?: Span | undefined;
}

export interface Group {
  readonly name: string;
  /** All hosts of the group and of its children, in the order of the inventory. */
  readonly hosts: readonly string[];
  readonly children: readonly string[];
}

export interface Inventory {
  /** In the order of the files. */
  readonly hosts: ReadonlyMap<string, Host>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Paths as given with `-i`. */
  readonly sources: readonly string[];
}

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
      readonly jumps: readonly Extract<Route, { kind: 'ssh' }>[];
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

/** Hosts that a pattern names (`web:&prod:!db1`, `~re`, globs, `web[0:2]`), in inventory order. */
export type SelectHosts = (inventory: Inventory, pattern: string) => Result<readonly string[]>;
