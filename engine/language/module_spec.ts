/** JSON Schema (2020-12) of a module's parameters. `properties` keep Ansible's order of importance for the docs. */
export interface ParamSchema {
  readonly type: 'object';
  readonly properties: { readonly [name: string]: ParamProperty };
  readonly required?: readonly string[];
  readonly additionalProperties: boolean;
  readonly [keyword: string]: unknown;
}

/**
 * One parameter. Beside the standard keywords:
 * `aliases` (other names Ansible accepts), `format` `path` (on the host: `~` is expanded by the engine),
 * `expression` (bare Jinja2, checked when read), `mode` (octal string or symbolic; a number is refused with
 * what to write), `secret: true` (never shown).
 */
export interface ParamProperty {
  readonly description: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly default?: unknown;
  readonly aliases?: readonly string[];
  readonly format?: string;
  readonly secret?: boolean;
  readonly [keyword: string]: unknown;
}

/** What the language needs to know of a module: its name and its parameters. */
export interface ModuleSpec {
  /** The short name; Ansible's wherever it has one. */
  readonly name: string;
  readonly collection: 'ansible.builtin' | 'ansible.posix' | 'community.general' | 'runbook';
  /** Further short names of the very same module: `systemd` for `systemd_service`. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** Paragraphs for the reference. */
  readonly description?: readonly string[];
  readonly schema: ParamSchema;
  /** The parameter that free-form text goes to (`command: ls /`). */
  readonly freeForm?: string;
  /** A YAML task list for the reference; a test reads it. */
  readonly examples?: string;
  /** What it registers: name -> meaning. */
  readonly returns?: { readonly [name: string]: string };
}

/** The modules there are, by every name they answer to: short, alias, FQCN. */
export interface ModuleTable<M extends ModuleSpec = ModuleSpec> {
  find(name: string): M | undefined;
  /** Short names and aliases, for suggestions and schemas. */
  all(): readonly M[];
}
