import { didYouMean } from '../suggest.ts';
import { Unknown } from '../values.ts';
import { type Arguments, type Bound, bind, signatureOf, undefinedArgument, unknownArgument } from './arguments.ts';
import { article } from './compare.ts';
import { checkText } from './limits.ts';
import { joinTexts } from './methods_text.ts';
import { type Operand, Thing, typeName, Undefined } from './operand.ts';
import { Problem } from './problem.ts';
import { shortName } from './routine.ts';
import type { Runtime } from './runtime.ts';
import { strip, stripEnd, stripStart, words } from './text.ts';

/** A lookup plugin: what it finds for each of its terms. */
interface Lookup {
  /** Of its named arguments. */
  readonly signature: string;
  readonly find: (term: string, options: Bound, runtime: Runtime) => Operand;
}

const LOOKUPS: ReadonlyMap<string, Lookup> = new Map([
  ['env', { signature: 'default?', find: environment }],
  ['file', { signature: 'lstrip? rstrip?', find: file }],
  ['vars', { signature: 'default?', find: variable }],
]);

/** `lookup(name, term...)` joins what was found with commas; `query` gives the list (Ansible: "Lookups"). */
export function lookupFunction(name: string, wantsList: boolean): Thing {
  return new Thing('function', { call: (args, runtime) => look(name, args, wantsList, runtime) });
}

function look(name: string, args: Arguments, wantsList: boolean, runtime: Runtime): Operand {
  const [plugin, ...terms] = args.positional;
  if (plugin instanceof Unknown) return plugin;
  if (typeof plugin !== 'string') throw new Problem(`\`${name}()\` needs the name of a lookup, such as \`'env'\``);
  const found = LOOKUPS.get(shortName(plugin));
  if (found === undefined) throw unknownLookup(plugin);
  const unknown = unknownArgument({ positional: terms, named: new Map() }, 'deep');
  if (unknown !== undefined) return unknown;
  const missing = undefinedArgument({ positional: terms, named: new Map() });
  if (missing !== undefined) throw missing.problem();
  const values = results(`the lookup \`${plugin}\``, found, terms.flat() as Operand[], args, runtime);
  const asList = args.named.has('wantlist') ? args.named.get('wantlist') === true : wantsList;
  return asList || values instanceof Unknown ? values : asOne(values);
}

function unknownLookup(name: string): Problem {
  const names = [...LOOKUPS.keys()];
  const hint = didYouMean(name, names) ?? `There are ${names.map((each) => `\`${each}\``).join(', ')}.`;
  return new Problem(`there is no lookup \`${name}\``, { hint });
}

function results(what: string, lookup: Lookup, terms: readonly Operand[], args: Arguments, runtime: Runtime) {
  const named = new Map(args.named);
  const errors = named.get('errors') ?? 'strict';
  named.delete('errors');
  named.delete('wantlist');
  const options = bind({ positional: [], named }, signatureOf(lookup.signature), what);
  const values: Operand[] = [];
  for (const term of terms) {
    if (typeof term !== 'string') throw new Problem(`${what} takes texts, and got ${article(typeName(term))}`);
    try {
      values.push(lookup.find(term, options, runtime));
    } catch (thrown) {
      if (errors === 'strict' || !(thrown instanceof Problem)) throw thrown;
      return [];
    }
  }
  return values;
}

/** Ansible joins texts with commas, and gives anything else as it is. */
function asOne(values: readonly Operand[]): Operand {
  if (values.length === 0) return null;
  if (values.every((value) => typeof value === 'string')) return joinTexts(values, ',');
  return values.length === 1 ? (values[0] ?? null) : values;
}

function environment(term: string, options: Bound, { scope }: Runtime): Operand {
  const [name = ''] = words(term);
  const value = scope.controller?.environment(name);
  if (value !== undefined) return value;
  const otherwise = options.value('default', '');
  if (otherwise instanceof Undefined) throw otherwise.problem();
  return otherwise;
}

function file(term: string, options: Bound, { scope }: Runtime): Operand {
  const found = scope.controller?.file(term);
  if (found === undefined) {
    throw new Problem(`there is no file \`${term}\``, {
      code: 'file',
      hint: 'A relative path is looked for in `files/` beside the playbook, and beside the playbook itself.',
    });
  }
  if (!found.ok) throw new Problem(`\`${term}\` cannot be read`, { diagnostics: found.diagnostics });
  const source = found.value;
  checkText(source.text.length);
  const [start, end] = [options.flag('lstrip'), options.flag('rstrip', true)];
  if (start && end) return strip(source.text);
  if (end) return stripEnd(source.text);
  return start ? stripStart(source.text) : source.text;
}

function variable(term: string, options: Bound, { scope }: Runtime): Operand {
  const found = scope.lookup(term);
  if (found?.ok) return found.value;
  if (options.has('default')) return options.value('default');
  if (found !== undefined) throw new Problem(`\`${term}\` cannot be evaluated`, { diagnostics: found.diagnostics });
  throw new Problem(`there is no variable \`${term}\``, { code: 'undefined', hint: didYouMean(term, scope.names()) });
}
