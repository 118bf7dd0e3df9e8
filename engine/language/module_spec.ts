/**
 * JSON Schema (2020-12) of a module's parameters. `properties` keep Ansible's order of importance for the docs.
 *
 * Relations between parameters are written with the four keywords below (Ansible's names), never with
 * `oneOf`/`anyOf`/`if`: they give messages a person can read, and the generator spells them out as standard
 * JSON Schema for editors. They speak of canonical names; a parameter counts as given when it is set and not
 * `null`, whatever its default.
 */
export interface ParamSchema {
  readonly type: 'object';
  readonly properties: { readonly [name: string]: ParamProperty };
  readonly required?: readonly string[];
  /** `false` everywhere but in modules that take any name (`set_fact`). */
  readonly additionalProperties: boolean;
  /** At most one of each list: `[['src', 'content']]`. */
  readonly mutuallyExclusive?: readonly (readonly string[])[];
  /** At least one of each list. */
  readonly requiredOneOf?: readonly (readonly string[])[];
  /** All of a list or none of it. */
  readonly requiredTogether?: readonly (readonly string[])[];
  /** Where `param` is `value` (given or by default), all of `requires` must be given. */
  readonly requiredIf?: readonly {
    readonly param: string;
    readonly value: string | number | boolean;
    readonly requires: readonly string[];
  }[];
  readonly [keyword: string]: unknown;
}

/**
 * One parameter. Beside the standard keywords (`type`, `enum`, `default`, `items`, `properties`, `required`,
 * `additionalProperties`, `minimum`, `maximum`, `minLength`, `minItems`, `pattern`): `aliases` (other names
 * Ansible accepts), `secret: true` (never shown), and `format`:
 * - `path`: on the host; `~` is expanded by the engine;
 * - `expression`: bare Jinja2, checked when read and not rendered (`that`); with `type: array` each item is one;
 * - `mode`: with `type: 'string'`; an octal string or symbolic. It reaches the module as a string; YAML's
 *   `mode: 0644` becomes `'0644'`, any other number is refused with what to write.
 *
 * Values arrive coerced as Ansible coerces them: a boolean from `yes`/`no`/`on`/`off`/`1`/`0`, an integer from
 * a numeric string, a string from a number, an array from a comma list or a single scalar (with `items`, each
 * item is coerced too), an object from `k=v` or JSON text. No `type` means: any value, as it is. A list of
 * types (`['string', 'array']`) takes the first that fits without coercion, then the first it can be coerced to.
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
  readonly collection:
    | 'ansible.builtin'
    | 'ansible.posix'
    | 'community.general'
    | 'community.docker'
    | 'community.postgresql'
    | 'runbook';
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
  /** It only tells what is there: an audit has nothing to judge about it. */
  readonly onlyTells?: true;
  /** What it registers: name -> meaning. */
  readonly returns?: { readonly [name: string]: string };
}

/** The modules there are, by every name they answer to: short, alias, FQCN. */
export interface ModuleTable<M extends ModuleSpec = ModuleSpec> {
  find(name: string): M | undefined;
  /** Short names and aliases, for suggestions and schemas. */
  all(): readonly M[];
}
