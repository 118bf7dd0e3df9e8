import type { Truth } from './compare.ts';
import { type Routine, shortName } from './routine.ts';
import { compareTests } from './tests_compare.ts';
import { resultTests } from './tests_result.ts';
import { textTests } from './tests_text.ts';
import { typeTests } from './tests_type.ts';

let known: ReadonlyMap<string, Routine<Truth>> | undefined;

/** All tests (`x is name`) there are, by their short names. A new one is an entry in one of the tables. */
export function tests(): ReadonlyMap<string, Routine<Truth>> {
  known ??= new Map([compareTests, resultTests, textTests, typeTests].flatMap((table) => Object.entries(table)));
  return known;
}

export function testNamed(name: string): Routine<Truth> | undefined {
  return tests().get(shortName(name));
}
