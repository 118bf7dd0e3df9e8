import { defineModule, type Ref, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import { type DebconfValue, debconf as debconfRef } from '../../engine/resources/debconf.ts';
import { debconfAnswers } from '../../engine/resources/readings/debconf_answers.ts';

interface DebconfParams {
  readonly name: string;
  readonly question?: string;
  readonly vtype?: string;
  readonly value?: string;
  readonly unseen: boolean;
}

export const debconf = defineModule<DebconfParams>({
  name: 'debconf',
  collection: 'ansible.builtin',
  summary: "Answers questions of a package's configuration beforehand",
  description: [
    'Before the package is installed its configuration asks no more. Afterwards the answer counts when the package is configured anew (`dpkg-reconfigure`), which a handler may do.',
    'A password is compared as well, and never shown: with Ansible a task that sets one counts as changed each time.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    requiredTogether: [['question', 'vtype', 'value']],
    properties: {
      name: { type: 'string', aliases: ['pkg'], pattern: '^[^\\s]+$', description: 'Name of the package.' },
      question: {
        type: 'string',
        aliases: ['selection', 'setting'],
        pattern: '^[^\\s]+$',
        description: 'The question, such as `postfix/main_mailer_type`.',
      },
      vtype: {
        type: 'string',
        enum: ['boolean', 'error', 'multiselect', 'note', 'password', 'seen', 'select', 'string', 'text', 'title'],
        description: 'Type of the answer; `seen`: only whether the question counts as asked.',
      },
      value: { type: 'string', aliases: ['answer'], description: 'The answer.' },
      unseen: { type: 'boolean', default: false, description: 'The question counts as not asked yet.' },
    },
  },
  examples: `- name: Postfix delivers locally
  debconf:
    name: postfix
    question: postfix/main_mailer_type
    vtype: select
    value: Local only
`,
  returns: { current: 'The answers, by question.', previous: 'What was answered before.' },
  looksAt: ({ name, question }) => [
    (question === undefined ? debconfAnswers(name) : debconfRef(name, question)) as Ref,
  ],
  wants: (params, view) => {
    const { name, question, vtype, value } = params;
    if (question === undefined || vtype === undefined || value === undefined) {
      return { steps: [], result: { msg: '', current: view.get(debconfAnswers(name)) ?? {} } };
    }
    return answered(params, debconfRef(name, question), { question, vtype, value }, view);
  },
});

interface Given {
  readonly question: string;
  readonly vtype: string;
  readonly value: string;
}

function answered({ name, unseen }: DebconfParams, ref: Ref<DebconfValue>, given: Given, view: View): Wish {
  const { question, vtype } = given;
  if (/[\r\n]/.test(given.value)) return failure('an answer cannot have a line break', 'value');
  const found = view.get(ref);
  const value = /^(true|false)$/i.test(given.value) && vtype !== 'string' ? given.value.toLowerCase() : given.value;
  if (vtype === 'seen') {
    if (value !== 'true' && value !== 'false')
      return failure('whether it counts as asked is `true` or `false`', 'value');
    if (found === null) return failure(`debconf knows no question ${question} of ${name}`, 'question');
    return { steps: [set(ref, { ...found, seen: value === 'true' })], result: result(question, value, found) };
  }
  const to: DebconfValue = { value, vtype: found?.vtype ?? vtype, seen: unseen ? (found?.seen ?? false) : true };
  const shown = vtype === 'password' ? '(hidden)' : value;
  return {
    steps: found?.value === value ? [] : [set(ref, to)],
    result: result(question, shown, found),
  };
}

function result(question: string, value: string, found: DebconfValue | null): NonNullable<Wish['result']> {
  const before = found === null ? '' : found.vtype === 'password' ? '(hidden)' : found.value;
  return { msg: '', current: { [question]: value }, previous: { [question]: before } };
}

function failure(message: string, parameter: string): Wish {
  return { steps: [], failed: { message, parameter: [parameter] } };
}
