import { isUnknown, type Value } from '../../engine/language/values.ts';
import { type DirectiveOutcome, defineDirective, type View } from '../../engine/planning/contracts.ts';
import { shownValue } from './shown_value.ts';

interface DebugParams {
  readonly msg?: Value;
  readonly var?: string;
  readonly verbosity: number;
}

export const debug = defineDirective<DebugParams>({
  name: 'debug',
  collection: 'ansible.builtin',
  summary: 'Prints a message or the value of an expression',
  schema: {
    type: 'object',
    additionalProperties: false,
    mutuallyExclusive: [['msg', 'var']],
    properties: {
      msg: { description: 'What to print: a text, a list or a map. Default: `Hello world!`.' },
      var: {
        type: 'string',
        format: 'expression',
        description: 'A variable or expression, without `{{ }}`, whose value is printed.',
      },
      verbosity: {
        type: 'integer',
        default: 0,
        description: 'Print only from this verbosity on: 2 means `-vv`.',
      },
    },
  },
  examples: `- name: Which release it is
  debug:
    msg: "{{ inventory_hostname }} runs {{ ansible_facts.distribution }}"

- name: All addresses
  debug:
    var: ansible_facts.all_ipv4_addresses
`,
  returns: { msg: 'What was printed, with `msg`.' },
  run: (params, view) => {
    if (params.verbosity > (view.verbosity ?? 0)) {
      return { result: { skipped: true, skipped_reason: 'Verbosity threshold not met.' } };
    }
    if (params.var !== undefined) return showVariable(params.var, view);
    const msg = params.msg ?? 'Hello world!';
    return { message: shownValue(msg), result: { msg } };
  },
});

function showVariable(name: string, view: View): DirectiveOutcome {
  const found = view.evaluate(name);
  if (!found.ok) {
    const undefinedOnly = found.diagnostics.every((d) => d.code === 'undefined');
    if (!undefinedOnly) return { failed: found.diagnostics.map((d) => d.message).join('; ') };
    // Ansible prints this and goes on.
    const value = 'VARIABLE IS NOT DEFINED!';
    return { message: `${name}: ${value}`, result: { [name]: value } };
  }
  if (isUnknown(found.value)) return { unknown: found.value };
  return { message: `${name}: ${shownValue(found.value)}`, result: { [name]: found.value } };
}
