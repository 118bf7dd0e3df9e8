import { Float, floatText, Unknown } from '../values.ts';
import { TextBuilder } from './limits.ts';
import { OMIT } from './omit.ts';
import { type Dict, isDict, isList, type Operand, Thing, typeName, Undefined } from './operand.ts';
import { Problem } from './problem.ts';
import { compareText } from './text.ts';
import { analyzeScalar, looksTyped } from './yaml_scalar.ts';
import { YamlWriter } from './yaml_writer.ts';

export interface YamlOptions {
  readonly indent: number;
  readonly width: number;
  readonly sortKeys: boolean;
  /** `undefined`: collections that hold scalars only are written in flow style, the others in block style. */
  readonly flow: boolean | undefined;
  readonly explicitStart: boolean;
  readonly explicitEnd: boolean;
}

/** YAML as PyYAML on libyaml dumps it, without aliases: what `to_yaml` writes into files must not differ from Ansible's. */
export function dumpYaml(operand: Operand, options: YamlOptions): string {
  const out = new TextBuilder();
  const writer = new YamlWriter(out, options);
  if (options.explicitStart) writer.indicator('---', true);
  writeNode(operand, writer, options, { role: 'root', simpleKey: false });
  writer.finish();
  if (options.explicitEnd) out.add('...\n');
  return out.toString();
}

interface Position {
  readonly role: 'root' | 'sequence' | 'mapping';
  readonly simpleKey: boolean;
}

function writeNode(operand: Operand, writer: YamlWriter, options: YamlOptions, position: Position): void {
  if (isList(operand)) writeList(operand, writer, options, position);
  else if (isDict(operand) && operand !== OMIT) writeDict(operand, writer, options);
  else writeScalar(operand, writer, position);
}

function inFlow(children: readonly Operand[], writer: YamlWriter, options: YamlOptions): boolean {
  if (writer.flowLevel > 0 || children.length === 0) return true;
  return options.flow ?? children.every((child) => !isList(child) && !isDict(child));
}

function writeList(list: readonly Operand[], writer: YamlWriter, options: YamlOptions, position: Position): void {
  const item = { role: 'sequence', simpleKey: false } as const;
  if (inFlow(list, writer, options)) {
    writer.openFlow('[');
    list.forEach((each, index) => {
      writer.flowItem(index === 0);
      writeNode(each, writer, options, item);
    });
    writer.closeFlow(']');
    return;
  }
  writer.indented(position.role === 'mapping' && !writer.atIndention, () => {
    for (const each of list) {
      writer.newLine();
      writer.indicator('-', true, { indention: true });
      writeNode(each, writer, options, item);
    }
  });
}

function writeDict(dict: Dict, writer: YamlWriter, options: YamlOptions): void {
  const keys = options.sortKeys ? Object.keys(dict).sort(compareText) : Object.keys(dict);
  const value = { role: 'mapping', simpleKey: false } as const;
  const isFlow = inFlow(Object.values(dict), writer, options);
  const entry = (key: string) => {
    const isSimple = key.length < 128 && !analyzeScalar(key).multiline;
    if (!isSimple) writer.indicator('?', true, { indention: !isFlow });
    writeScalar(key, writer, { role: 'mapping', simpleKey: isSimple });
    if (!isSimple && (!isFlow || writer.isWide)) writer.newLine();
    writer.indicator(':', !isSimple, { indention: !isSimple && !isFlow });
    writeNode(dict[key] ?? null, writer, options, value);
  };
  if (isFlow) {
    writer.openFlow('{');
    keys.forEach((key, index) => {
      writer.flowItem(index === 0);
      entry(key);
    });
    writer.closeFlow('}');
    return;
  }
  writer.indented(false, () => {
    for (const key of keys) {
      writer.newLine();
      entry(key);
    }
  });
}

function writeScalar(operand: Operand, writer: YamlWriter, { simpleKey }: Position): void {
  const split = !simpleKey;
  if (typeof operand !== 'string') {
    writer.plain(scalarText(operand), split);
    return;
  }
  const analysis = analyzeScalar(operand);
  const allowed = writer.flowLevel > 0 ? analysis.flowPlain : analysis.blockPlain;
  const cannotBeKey = simpleKey && (operand === '' || analysis.multiline);
  if (allowed && !cannotBeKey && !looksTyped(operand)) writer.plain(operand, split);
  else if (analysis.singleQuoted && (split || !analysis.multiline)) writer.singleQuoted(operand, split);
  else writer.doubleQuoted(operand, split);
}

function scalarText(operand: Exclude<Operand, string>): string {
  if (operand === null) return 'null';
  if (typeof operand === 'boolean') return String(operand);
  if (operand instanceof Undefined) throw operand.problem();
  if (operand instanceof Unknown) throw new Error('an Unknown was dumped');
  if (operand instanceof Thing || operand === OMIT) throw new Problem(`a ${typeName(operand)} has no YAML`);
  if (typeof operand === 'number' && Number.isInteger(operand)) return String(operand);
  return floatYaml(operand instanceof Float ? operand.valueOf() : Number(operand));
}

/** PyYAML, representer.py: represent_float. */
function floatYaml(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  const text = floatText(value);
  return text.includes('.') ? text : text.replace('e', '.0e');
}
