import { list } from '../arguments/relations.ts';
import { error } from '../diagnostics.ts';
import { didYouMean } from '../suggest.ts';
import type { Loop } from '../syntax.ts';
import type { Templated } from '../templated.ts';
import { toTemplated } from '../templates.ts';
import { isMap } from '../values.ts';
import type { YamlEntry } from '../yaml.ts';
import { defined, isNull, readFlag, readName, readNumber, readText, take } from './fields.ts';
import { LOOP_CONTROL } from './keywords.ts';
import { type Fields, fieldsOf, type Reading } from './reading.ts';

const FORMS: readonly Loop['form'][] = [
  'loop',
  'items',
  'dict',
  'fileglob',
  'first_found',
  'nested',
  'together',
  'sequence',
  'list',
  'indexed_items',
];

export function isLoop(key: string): boolean {
  return key === 'loop' || key.startsWith('with_');
}

export function readLoop(reading: Reading, fields: Fields): Loop | undefined {
  const [entry, second] = [...fields.values()].filter(({ key }) => isLoop(key));
  const control = readControl(reading, fields.get('loop_control'));
  if (entry === undefined) return undefined;
  if (second !== undefined) {
    reading.problems.push(
      error('keyword', `a task has one loop, and this one has \`${entry.key}\` and \`${second.key}\``, second.keySpan),
    );
  }
  const form = FORMS.find((each) => entry.key === (each === 'loop' ? each : `with_${each}`));
  if (form === undefined) {
    const forms = FORMS.slice(1).map((each) => `with_${each}`);
    const hint = didYouMean(entry.key, forms) ?? `There are \`loop\`, ${list(forms, 'and')}.`;
    reading.problems.push(
      error('keyword', `\`${entry.key}\` is not a loop that this version knows`, entry.keySpan, hint),
    );
    return undefined;
  }
  const over = readOver(reading, form, entry);
  return over === undefined ? undefined : { form, over, ...control };
}

function readOver(reading: Reading, form: Loop['form'], { key, keySpan, value }: YamlEntry): Templated | undefined {
  if (isNull(value)) {
    reading.problems.push(error('type', `\`${key}\` is empty`, keySpan, 'Give it a list, or leave it out.'));
    return undefined;
  }
  const over = take(reading.problems, toTemplated(value));
  if (over === undefined) return undefined;
  if (form === 'loop' && (over.kind === 'map' || (over.kind === 'literal' && !Array.isArray(over.value)))) {
    const hint = isMapLike(over)
      ? 'Write `loop: "{{ THE_MAP | dict2items }}"`.'
      : 'Write `loop: [a, b]`, or a template that gives a list.';
    reading.problems.push(error('type', '`loop` expects a list', value.span, hint));
    return undefined;
  }
  if (form === 'dict' && over.kind === 'literal' && typeof over.value !== 'object') {
    reading.problems.push(error('type', '`with_dict` expects a map', value.span, 'Use `loop` for a list.'));
    return undefined;
  }
  return over;
}

function isMapLike(over: Templated): boolean {
  return over.kind === 'map' || (over.kind === 'literal' && isMap(over.value));
}

type Control = Omit<Loop, 'form' | 'over'>;

function readControl(reading: Reading, entry: YamlEntry | undefined): Control {
  const plain: Control = { variable: 'item', extended: false };
  if (entry === undefined || isNull(entry.value)) return plain;
  const { problems } = reading;
  if (entry.value.kind !== 'map') {
    problems.push(
      error('type', '`loop_control` expects a map', entry.value.span, 'Write `loop_control: {loop_var: name}`.'),
    );
    return plain;
  }
  for (const { key, keySpan } of entry.value.entries) {
    if ((LOOP_CONTROL as readonly string[]).includes(key)) continue;
    const hint = didYouMean(key, LOOP_CONTROL) ?? `It has ${list(LOOP_CONTROL, 'and')}.`;
    problems.push(error('keyword', `\`loop_control\` has no \`${key}\``, keySpan, hint));
  }
  const fields = fieldsOf(entry.value);
  const extended = readFlag(problems, fields.get('extended'));
  if (extended !== undefined && extended.kind !== 'literal') {
    problems.push(error('type', '`extended` expects true or false', extended.span));
  }
  return {
    variable: readName(problems, fields.get('loop_var')) ?? 'item',
    extended: extended?.kind === 'literal' && extended.value === true,
    ...defined({
      indexVariable: readName(problems, fields.get('index_var')),
      label: readText(problems, fields.get('label')),
      pause: readNumber(problems, fields.get('pause')),
    }),
  };
}
