import { truthy } from '../../engine/language/render.ts';
import { isUnknown, type Unknown, type Value } from '../../engine/language/values.ts';
import { type DirectiveOutcome, defineDirective, type View } from '../../engine/planning/contracts.ts';
import { shownValue } from './shown_value.ts';

interface AssertParams {
  readonly that: readonly string[];
  readonly fail_msg?: string | readonly string[];
  readonly success_msg?: string | readonly string[];
  readonly quiet: boolean;
}

const message = (description: string, aliases: readonly string[] = []) => ({
  type: ['string', 'array'],
  items: { type: 'string' },
  aliases,
  description,
});

export const assert = defineDirective<AssertParams>({
  name: 'assert',
  collection: 'ansible.builtin',
  summary: 'Fails unless conditions hold',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['that'],
    properties: {
      that: {
        type: 'array',
        items: { type: 'string' },
        minItems: 1,
        format: 'expression',
        description: 'Conditions as in `when`, without `{{ }}`; all must hold.',
      },
      fail_msg: message('What to say where one does not hold. Default: `Assertion failed`.', ['msg']),
      success_msg: message('What to say where all hold. Default: `All assertions passed`.'),
      quiet: { type: 'boolean', default: false, description: 'Say nothing where all hold.' },
    },
  },
  examples: `- name: Only Debian and its kin
  assert:
    that:
      - ansible_facts.os_family == 'Debian'
      - ansible_facts.distribution_major_version | int >= 11
    fail_msg: This playbook knows Debian 11 and later.
`,
  returns: {
    msg: 'What was said.',
    assertion: 'The condition that does not hold.',
    evaluated_to: 'What it came to.',
  },
  run: (params, view) => {
    let unknown: Unknown | undefined;
    for (const assertion of params.that) {
      const held = holds(assertion, view);
      if ('failed' in held) return held;
      if (isUnknown(held.value)) unknown ??= held.value;
      else if (!truthy(held.value)) return broken(assertion, params, held.value);
    }
    if (unknown !== undefined) return { unknown };
    const msg = params.success_msg ?? 'All assertions passed';
    return { ...(params.quiet ? {} : { message: said(msg) }), result: { msg } };
  },
});

function holds(assertion: string, view: View): { readonly value: Value } | { readonly failed: string } {
  const found = view.evaluate(assertion);
  return found.ok ? { value: found.value } : { failed: found.diagnostics.map((d) => d.message).join('; ') };
}

function broken(assertion: string, params: AssertParams, value: Value): DirectiveOutcome {
  const msg = params.fail_msg ?? 'Assertion failed';
  return {
    failed: `${said(msg)} (${assertion})`,
    result: { msg, assertion, evaluated_to: typeof value === 'boolean' ? value : shownValue(value) },
  };
}

function said(msg: string | readonly string[]): string {
  return typeof msg === 'string' ? msg : msg.join('\n');
}
