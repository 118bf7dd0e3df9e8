import type { Source } from './diagnostics.ts';
import type { TextPlace } from './expressions/compile.ts';
import { readEscape } from './yaml/quoted.ts';
import type { YamlScalar } from './yaml.ts';

/**
 * Where in the file each character of a scalar's value stands. Folding, quotes and escapes change only white
 * space and what stands behind a backslash, so the other characters follow each other in the value as they do in
 * the file; white space is placed after the character it follows.
 */
export function textPlace(scalar: YamlScalar): TextPlace {
  if (scalar.place !== undefined) return scalar.place;
  const { source, start, end } = scalar.span;
  const raw = source.text.slice(start, end);
  // The usual case, and the one worth being quick in: the value stands in the file as it is.
  const direct = raw.indexOf(scalar.text);
  if (direct !== -1 && (scalar.style === 'plain' || (direct === 1 && raw.length === scalar.text.length + 2))) {
    return shifted(source, start + direct);
  }
  let offsets: readonly number[] | undefined;
  return {
    source,
    offset(index) {
      offsets ??= align(scalar.text, significant(raw, scalar.style), raw.length);
      return start + (offsets[Math.max(0, Math.min(index, scalar.text.length))] ?? raw.length);
    },
  };
}

/** A part of a text that starts `by` characters in: of `chdir=/tmp ls`, the `ls`. */
export function within(place: TextPlace, by: number): TextPlace {
  return { source: place.source, offset: (index) => place.offset(index + by) };
}

function shifted(source: Source, by: number): TextPlace {
  return { source, offset: (index) => by + index };
}

interface Character {
  readonly unit: string;
  readonly at: number;
  /** It was written as an escape, so it counts even where it is white space. */
  readonly escaped: boolean;
}

function align(value: string, characters: readonly Character[], end: number): readonly number[] {
  const offsets: number[] = [];
  let next = 0;
  let after = characters[0]?.at ?? 0;
  for (const unit of value) {
    for (let half = 0; half < unit.length; half += 1) {
      const character = characters[next];
      const isNext = character?.unit === unit.charAt(half) && (character.escaped || !isWhite(character.unit));
      const at = isNext ? character.at : Math.min(after, character?.at ?? end);
      offsets.push(at);
      after = at + 1;
      if (isNext) next += 1;
    }
  }
  offsets.push(Math.min(after, end));
  return offsets;
}

function significant(raw: string, style: YamlScalar['style']): readonly Character[] {
  const characters: Character[] = [];
  // The header of a block scalar (`|2-  # comment`) is not a part of its value.
  const begin = style === 'block' ? raw.indexOf('\n') + 1 : style === 'plain' ? 0 : 1;
  const end = style === 'single' || style === 'double' ? raw.length - 1 : raw.length;
  for (let at = begin; at < end; at += 1) {
    const unit = raw.charAt(at);
    if (style === 'double' && unit === '\\') {
      // A backslash at the end of a line joins it with the next, and is nothing in the value.
      const read = readEscape(raw, at) ?? { value: '', length: 2 };
      for (const half of read.value.split('')) characters.push({ unit: half, at, escaped: true });
      at += read.length - 1;
    } else if (!isWhite(unit)) {
      characters.push({ unit, at, escaped: false });
      if (style === 'single' && unit === "'") at += 1;
    }
  }
  return characters;
}

function isWhite(unit: string): boolean {
  return unit === ' ' || unit === '\n' || unit === '\t' || unit === '\r';
}
