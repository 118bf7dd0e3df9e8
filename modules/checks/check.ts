import { truthy } from '../../engine/language/render.ts';
import { isMap, isUnknown, type Value, type ValueMap } from '../../engine/language/values.ts';
import { NotYet, type View } from '../../engine/planning/contracts.ts';
import { defineCheck, type Evidence, evidence, type Finding, type Measure } from '../../engine/planning/finding.ts';
import { shownValue } from '../control/shown_value.ts';

interface CheckParams {
  readonly that: readonly string[];
  readonly level: 'warn' | 'fail';
  readonly summary?: string;
  readonly pass_summary?: string;
  readonly evidence?: readonly Value[];
  readonly remedy?: string;
  readonly reference?: string;
  readonly measures?: readonly Measure[];
}

export const check = defineCheck<CheckParams>({
  name: 'check',
  collection: 'runbook',
  summary: 'A check of your own: judges what earlier tasks found out',
  description: [
    'Takes conditions as `assert` does, and gives a finding instead of failing the task. What it judges comes from results that were registered (`stat`, `command` with `check_mode: false`, ...) and from facts.',
  ],
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
      level: {
        type: 'string',
        enum: ['fail', 'warn'],
        default: 'fail',
        description: 'What it comes to where one does not hold.',
      },
      summary: { type: 'string', description: 'One line for that case. Default: the condition.' },
      pass_summary: { type: 'string', description: 'One line where all hold.' },
      evidence: {
        type: 'array',
        description: 'Rows to show: maps with the same keys, which become the columns, or single values.',
      },
      remedy: { type: 'string', description: 'What to do about it.' },
      reference: { type: 'string', description: 'Where the rule comes from.' },
      measures: {
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['name', 'value', 'unit'],
          properties: {
            name: { type: 'string', description: 'Tells it from others of this check.' },
            value: { type: 'number', description: 'The number.' },
            unit: { type: 'string', enum: ['days', '%', 'bytes', 'seconds', 'count'], description: 'Its unit.' },
          },
        },
        description: 'Numbers that reports follow from run to run.',
      },
    },
  },
  examples: `- name: Ask the application
  command: /opt/app/bin/queue-length
  register: queue
  changed_when: false
  check_mode: false

- name: The queue is short
  check:
    that: queue.stdout | int < 100
    level: warn
    summary: "{{ queue.stdout }} jobs wait"
    remedy: Start more workers.
    measures:
      - {name: jobs, value: "{{ queue.stdout }}", unit: count}
`,
  looksAt: () => [],
  judge: (params, view): Finding => {
    const broken = params.that.flatMap((condition) => problemOf(condition, view) ?? []);
    const { remedy, reference, measures } = params;
    const more = {
      ...(params.evidence !== undefined && { evidence: tableOf(params.evidence) }),
      ...(reference !== undefined && { reference }),
      ...(measures !== undefined && { measures }),
    };
    const [first] = broken;
    if (first === undefined) return { level: 'pass', summary: params.pass_summary ?? 'as it should be', ...more };
    // A condition that cannot be judged is worse than one that does not hold.
    const level = broken.some(({ wrong }) => wrong) ? 'fail' : params.level;
    const said = first.wrong || params.summary === undefined ? first.message : params.summary;
    return { level, summary: said, ...more, ...(remedy !== undefined && { remedy }) };
  },
});

interface Broken {
  readonly message: string;
  /** It cannot be judged at all. */
  readonly wrong: boolean;
}

function problemOf(condition: string, view: View): Broken | undefined {
  const found = view.evaluate(condition);
  if (!found.ok) return { message: `${condition}: ${found.diagnostics.map((d) => d.message).join('; ')}`, wrong: true };
  if (isUnknown(found.value)) throw new NotYet(found.value.waitsFor, found.value.look);
  return truthy(found.value) ? undefined : { message: `not so: ${condition}`, wrong: false };
}

/** Maps by their keys, in the order in which they come; anything else in a single column. */
function tableOf(rows: readonly Value[]): Evidence {
  const maps = rows.filter((row): row is ValueMap => isMap(row));
  const columns = [...new Set(maps.flatMap((row) => Object.keys(row)))];
  if (maps.length < rows.length || columns.length === 0)
    return evidence(
      ['what'],
      rows.map((row) => [textOf(row)]),
    );
  return evidence(
    columns,
    maps.map((row) => columns.map((column) => textOf(row[column]))),
  );
}

function textOf(value: Value | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : shownValue(value).replace(/\s*\n\s*/g, ' ');
}
