import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Inventory } from '../../engine/inventory/inventory.ts';
import { loadInventory } from '../../engine/inventory/load_inventory.ts';
import { printDiagnostics } from '../../engine/language/print_diagnostics.ts';
import type { Value } from '../../engine/language/values.ts';
import { createSecrets } from '../../engine/secrets/secrets.ts';
import { writeFiles } from './files.ts';
import { variablesOf } from './variables.ts';

/** What an inventory may say, written down in either language. */
interface Said {
  readonly hosts: readonly { readonly vars: Readonly<Record<string, Value>>; readonly groups: readonly number[] }[];
  readonly groups: readonly { readonly vars: Readonly<Record<string, Value>> }[];
  /** A group has only children of a higher number: there is no circle. */
  readonly children: readonly (readonly [parent: number, child: number])[];
}

const GROUPS = 4;
/** No template, and nothing that YAML's escapes in JSON or Python's literals cannot hold. */
const text = fc.string({ maxLength: 12 }).filter((value) => !/[{}]/.test(value));
const scalar = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
const value: fc.Arbitrary<Value> = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
const vars = fc.dictionary(fc.constantFrom('a', 'b', 'c_1', 'path', 'http_port'), value, { noNullPrototype: true });

const said: fc.Arbitrary<Said> = fc.record({
  hosts: fc.array(fc.record({ vars, groups: fc.uniqueArray(fc.nat(GROUPS - 1)) }), { minLength: 1, maxLength: 5 }),
  groups: fc.array(fc.record({ vars }), { minLength: GROUPS, maxLength: GROUPS }),
  children: fc
    .uniqueArray(fc.tuple(fc.nat(GROUPS - 1), fc.nat(GROUPS - 1)), { selector: String })
    .map((pairs) => pairs.filter(([parent, child]) => parent < child)),
});

const host = (i: number): string => `h${i}.example.com`;
const group = (i: number): string => `g${i}`;
const namesIn = ({ hosts }: Said, i: number): readonly string[] =>
  hosts.flatMap(({ groups }, n) => (groups.includes(i) ? [host(n)] : []));
const childrenOf = ({ children }: Said, i: number): readonly string[] =>
  children.filter(([parent]) => parent === i).map(([, child]) => group(child));

/** JSON is YAML. */
function yaml(what: Said): string {
  const map = <T>(names: readonly string[], of: (name: string) => T) =>
    Object.fromEntries(names.map((name) => [name, of(name)]));
  const groups = what.groups.map((one, i) => ({
    hosts: map(namesIn(what, i), () => ({})),
    vars: one.vars,
    children: map(childrenOf(what, i), () => ({})),
  }));
  const hosts = Object.fromEntries(what.hosts.map((one, i) => [host(i), one.vars]));
  const children = Object.fromEntries(groups.map((one, i) => [group(i), one]));
  return JSON.stringify({ all: { hosts, children } });
}

function ini(what: Said): string {
  const lines = what.hosts.map(({ vars: own }, i) =>
    [host(i), ...Object.entries(own).map(([name, one]) => `${name}=${shellWord(python(one))}`)].join(' '),
  );
  for (const [i, { vars: own }] of what.groups.entries()) {
    lines.push(`[${group(i)}]`, ...namesIn(what, i));
    lines.push(`[${group(i)}:vars]`, ...Object.entries(own).map(([name, one]) => `${name}=${python(one)}`));
    lines.push(`[${group(i)}:children]`, ...childrenOf(what, i));
  }
  return `${lines.join('\n')}\n`;
}

/** As repr() writes it. */
function python(one: Value): string {
  if (one === null) return 'None';
  if (typeof one === 'boolean') return one ? 'True' : 'False';
  if (Array.isArray(one)) return `[${one.map(python).join(', ')}]`;
  return JSON.stringify(one);
}

const shellWord = (word: string): string => `'${word.replaceAll("'", `'"'"'`)}'`;

const root = writeFiles({});

function load(name: string, content: string): Inventory {
  writeFileSync(join(root, name), content);
  const result = loadInventory([join(root, name)], { playbookDirs: [] });
  if (result.ok) return result.value;
  throw new assert.AssertionError({
    message: `${content}\n${printDiagnostics(result.diagnostics, { color: false, secrets: createSecrets() })}`,
  });
}

function understood({ hosts, groups }: Inventory): unknown {
  return {
    hosts: [...hosts.values()].map((one) => [one.name, one.groups, variablesOf(one)]),
    groups: [...groups.values()]
      .filter(({ name }) => /^g\d$/.test(name))
      .map((one) => [one.name, [...one.hosts].sort(), [...one.children].sort()])
      .sort(),
  };
}

describe('an inventory that is written down', () => {
  it('is the same in YAML and in INI, and holds each host with its own variables', () => {
    fc.assert(
      fc.property(said, (what) => {
        const fromYaml = load('hosts.yml', yaml(what));
        assert.deepEqual(understood(load('hosts', ini(what))), understood(fromYaml));
        for (const [i, one] of what.hosts.entries()) {
          const found = fromYaml.hosts.get(host(i));
          for (const [name, wanted] of Object.entries(one.vars)) assert.deepEqual(variablesOf(found)[name], wanted);
          for (const n of one.groups) assert.ok(found?.groups.includes(group(n)));
        }
      }),
    );
  });
});
