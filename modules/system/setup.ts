import { lateMap } from '../../engine/language/late_map.ts';
import type { ValueMap } from '../../engine/language/values.ts';
import { defineModule, type Ref, type View, type Wish } from '../../engine/planning/contracts.ts';
import { DEFAULT_FACT_PATH, type FactsValue, facts as factsRef } from '../../engine/resources/facts.ts';
import { fnmatch } from '../../engine/resources/fnmatch.ts';
import { chooseCollectors, subsetNames } from './fact_subset.ts';

interface SetupParams {
  readonly gather_subset: readonly string[];
  readonly filter: readonly string[];
  readonly fact_path: string;
}

export const setup = defineModule<SetupParams>({
  name: 'setup',
  collection: 'ansible.builtin',
  summary: 'Gathers facts about the host',
  description: [
    'Plays do this by themselves unless they say `gather_facts: false`. Facts have the names that Ansible gives them, as `ansible_facts.NAME` and `ansible_NAME`.',
    'Nothing that is on the host is run: facts of its own are read from `fact_path` where they are JSON or INI, and passed over with a warning where they are programs. What Ansible tells of its Python there is not told.',
  ],
  onlyTells: true,
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      gather_subset: {
        type: 'array',
        items: { type: 'string' },
        default: ['all'],
        description: 'Which: `all`, `min`, `hardware`, `network`, `virtual`, or a smaller one by name; `!` takes out.',
      },
      filter: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'Patterns (`ansible_*_mb`, `distribution*`); only facts whose names match one are returned.',
      },
      fact_path: {
        type: 'string',
        format: 'path',
        default: DEFAULT_FACT_PATH,
        description: "Directory of the host's own facts: files that end in `.fact`.",
      },
      gather_timeout: {
        type: 'integer',
        default: 10,
        description: 'Accepted for Ansible. Facts are read from files here; disks on the network are not waited for.',
      },
    },
  },
  examples: `- name: Memory and processors
  setup:
    gather_subset: [hardware]
    filter: ["*_mb", "processor_*"]
`,
  returns: { ansible_facts: 'The facts, by their names with `ansible_`.' },
  looksAt: (params) => {
    const chosen = chooseCollectors(params.gather_subset);
    return 'unknown' in chosen ? [] : [refOf(params, chosen)];
  },
  wants: (params, view) => {
    const chosen = chooseCollectors(params.gather_subset);
    if ('unknown' in chosen) {
      const message = `there is no subset \`${chosen.unknown}\`; there are ${subsetNames().join(', ')}`;
      return { steps: [], failed: { message, parameter: ['gather_subset'] } };
    }
    return gather(params, view, chosen);
  },
});

function refOf(params: SetupParams, chosen: ReadonlySet<string>): Ref<FactsValue> {
  const aspects = (['hardware', 'network', 'virtual'] as const).filter((name) => chosen.has(name));
  return factsRef(params.fact_path, ...aspects);
}

function gather(params: SetupParams, view: View, chosen: ReadonlySet<string>): Wish {
  const { collected = {}, warnings = [] } = view.get(refOf(params, chosen)) ?? {};
  const found = Object.keys(collected)
    .filter((name) => chosen.has(name))
    .map((name) => () => collected[name] as ValueMap);
  const own = { gather_subset: params.gather_subset, module_setup: true };
  const gathered = filtered(lateMap(found), params.filter);
  const prefixed = lateMap([() => withPrefix(gathered), () => own]);
  return { steps: [], facts: lateMap([() => gathered, () => own]), result: { ansible_facts: prefixed }, warnings };
}

function withPrefix(facts: ValueMap): ValueMap {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`ansible_${name}`, value]));
}

/** A pattern is tried with the prefix and without, as Ansible does. */
function filtered(facts: ValueMap, patterns: readonly string[]): ValueMap {
  if (patterns.length === 0) return facts;
  const matches = (name: string) =>
    patterns.some(
      (pattern) => pattern === '' || [pattern, `ansible_${pattern}`].some((p) => fnmatch(`ansible_${name}`, p)),
    );
  return Object.fromEntries(Object.entries(facts).filter(([name]) => matches(name)));
}
