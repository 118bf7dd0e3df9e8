import { Unknown, type ValueMap } from '../../engine/language/values.ts';
import type { SecretEntry, SecretsValue } from '../../engine/resources/secrets_value.ts';

export interface EntryParams {
  readonly name: string;
  readonly format: 'hex' | 'base64' | 'base64url' | 'chars';
  readonly bytes: number;
  readonly length: number;
  readonly alphabet: string;
  readonly rotate_after?: number;
  readonly turns?: { readonly name: string; readonly values: readonly string[] };
}

/** What decides how old a value may be: times in seconds since 1970, spans in days. */
export interface Ages {
  readonly now: number;
  readonly rotateAfter: number | undefined;
  readonly grace: number;
  /** What was made before is too old. */
  readonly since: number | undefined;
}

export interface SecretWishes {
  readonly entries: SecretsValue['entries'];
  readonly drawn: readonly string[];
  readonly result: ValueMap;
}

const DAY = 86_400;

export function wishedSecrets(params: readonly EntryParams[], before: SecretsValue | null, ages: Ages): SecretWishes {
  const entries = new Map<string, SecretEntry>();
  const drawn: string[] = [];
  const retired: string[] = [];
  for (const one of params) {
    const old = before?.entries[one.name];
    const foreign = before?.foreign?.includes(one.name) === true;
    const entry = old === undefined ? first(one, foreign, before) : next(one, old, ages);
    entries.set(one.name, entry);
    if (entry.version !== old?.version && !entry.adopted) drawn.push(one.name);
    if (old?.previous !== undefined && entry.previous === undefined) retired.push(one.name);
  }
  const told = Object.fromEntries([...entries].map(([name, entry]) => [name, tell(name, entry)]));
  return { entries: Object.fromEntries(entries), drawn, result: { secrets: told, drawn, retired } };
}

function first({ turns }: EntryParams, adopted: boolean, before: SecretsValue | null): SecretEntry {
  if (!adopted) return { version: 1, ...(turns && { turn: { name: turns.name, value: turns.values[0] as string } }) };
  // Whose turn it is only the file knows, if it says so.
  const says = turns !== undefined && before?.foreign?.includes(turns.name) === true;
  const turn = turns && (says ? { name: turns.name } : { name: turns.name, value: turns.values[0] as string });
  return { version: 1, adopted: true, ...(turn && { turn }) };
}

function next(one: EntryParams, old: SecretEntry, ages: Ages): SecretEntry {
  const { made, version, turn, previous } = old;
  const turns = one.turns;
  const held = turns && { name: turns.name, value: turn?.name === turns.name ? turn.value : turns.values[0] };
  // What has not been made yet is new.
  const days = one.rotate_after ?? ages.rotateAfter;
  const aged = made !== undefined && days !== undefined && ages.now - made >= days * DAY;
  const leaked = made !== undefined && ages.since !== undefined && made < ages.since;
  if (!aged && !leaked) {
    const { retired } = previous ?? {};
    const counts = previous !== undefined && (retired === undefined || ages.now - retired < ages.grace * DAY);
    return {
      version,
      ...(made !== undefined && { made }),
      ...(held && { turn: withValue(held) }),
      ...(counts && { previous }),
    };
  }
  return {
    version: version + 1,
    ...(turns && { turn: { name: turns.name, value: after(turns.values, held?.value) } }),
    ...(ages.grace > 0 && { previous: { version } }),
  };
}

function withValue({ name, value }: { readonly name: string; readonly value: string | undefined }) {
  return { name, ...(value !== undefined && { value }) };
}

/** Whose turn is next; one that is none of them is followed by the first. */
function after(values: readonly string[], value: string | undefined): string {
  return values[(values.indexOf(value ?? '') + 1) % values.length] as string;
}

function tell(name: string, { version, made, previous, turn }: SecretEntry): ValueMap {
  const later = new Unknown(`a look at ${name} after it has been drawn`);
  return {
    version,
    made: made ?? later,
    previous: previous !== undefined,
    ...(turn && { turn: turn.value ?? later }),
  };
}

/** How it is drawn, for the host. */
export function drawing({ format, bytes, length, alphabet }: EntryParams): string {
  return format === 'chars' ? `chars ${length} ${alphabet}` : `${format} ${bytes}`;
}
