import type { Change, ContentDiff, Diff, Ref, ResourceType, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { complaint, count, partLines, partText } from './answer_text.ts';
import { digest, sizeOf } from './content.ts';
import { isPath } from './path_look.ts';
import { normalPath, octal, sameName } from './path_value.ts';
import { lookAtSecrets, secretsProgram } from './secrets_program.ts';
import type { SecretEntry, SecretsValue } from './secrets_value.ts';

/**
 * Options of a change: `draw NAME`: how a value is drawn (`hex 32`, `base64 32`, `base64url 32`, `chars 43 A-Za-z0-9`);
 * `activate`: command that makes new values valid where they count, before the file is in place.
 */
export const secretsType: ResourceType<SecretsValue> = {
  name: 'secrets',
  collect: (refs) => lookAtSecrets(refs.map(({ id }) => id).filter(isPath)),
  parse,
  transition: secretsProgram,
  describe,
  same,
  record: ({ template, ...rest }) => ({
    ...rest,
    template: { size: sizeOf({ text: template }), sha256: digest({ text: template }, 'sha256') },
  }),
  affects: ({ ref }, other) => other.type.name === 'path' && (other.id === ref.id || other.id === `${ref.id}.secrets`),
};

export function secrets(id: string): Ref<SecretsValue> {
  return { type: secretsType, id: normalPath(id), aspects: [] };
}

function parse(answer: Answer, refs: readonly Ref<SecretsValue>[]): readonly Seen[] {
  const asked = refs.map(({ id }) => id).filter(isPath);
  return refs.map((ref): Seen => {
    const i = asked.indexOf(ref.id);
    if (i === -1) return { ref, error: `${ref.id.slice(0, 200)} is not an absolute path of at most 4095 bytes` };
    const fault = partText(answer, `fault ${i}`).trim();
    if (fault !== '') return { ref, error: fault };
    if (!answer.parts.has(`end ${i}`)) return { ref, error: complaint(answer) };
    return { ref, value: readOne(answer, i) };
  });
}

function readOne(answer: Answer, i: number): SecretsValue | null {
  const file = readFile(partText(answer, `file ${i}`));
  const stored = answer.parts.has(`store ${i}`);
  const unfinished = answer.parts.has(`unfinished ${i}`);
  if (!stored) {
    if (file === undefined) return unfinished ? { ...EMPTY, file: 'missing', unfinished } : null;
    return { ...file, ...EMPTY, file: 'edited', unfinished, foreign: partLines(answer, `names ${i}`) };
  }
  return {
    ...file,
    template: partText(answer, `template ${i}`),
    entries: readEntries(partLines(answer, `store ${i}`)),
    file: file === undefined ? 'missing' : answer.parts.has(`whole ${i}`) ? 'whole' : 'edited',
    unfinished,
  };
}

const EMPTY = { template: '', entries: {} };

function readFile(text: string): Pick<SecretsValue, 'mode' | 'owner' | 'group' | 'ids'> | undefined {
  const [, mode, owner, group, uid, gid] = /^([0-7]+) (\S+) (\S+) (\d+) (\d+)$/m.exec(text) ?? [];
  if (mode === undefined || owner === undefined || group === undefined) return undefined;
  return {
    mode: Number.parseInt(mode, 8),
    owner: owner === 'UNKNOWN' ? String(uid) : owner,
    group: group === 'UNKNOWN' ? String(gid) : group,
    ids: { uid: Number(uid), gid: Number(gid) },
  };
}

function readEntries(rows: readonly string[]): SecretsValue['entries'] {
  const entries = new Map<string, SecretEntry>();
  for (const row of rows) {
    const [kind, name = '', third = '', fourth = ''] = row.split('\t');
    const [version, time] = [count(third), count(fourth)];
    const known = entries.get(name);
    if (kind === 's' && version !== undefined && time !== undefined) entries.set(name, { version, made: time });
    else if (known === undefined) continue;
    else if (kind === 'p' && version !== undefined && time !== undefined)
      entries.set(name, { ...known, previous: { version, retired: time } });
    else if (kind === 't') entries.set(name, { ...known, turn: { name: third, value: fourth } });
  }
  return Object.fromEntries(entries);
}

function same(observed: SecretsValue | null, wanted: SecretsValue | null): boolean {
  if (observed === null || wanted === null) return observed === wanted;
  const names = Object.keys(wanted.entries);
  return (
    observed.file === wanted.file &&
    observed.unfinished === wanted.unfinished &&
    observed.template === wanted.template &&
    (wanted.mode === undefined || observed.mode === wanted.mode) &&
    sameName(observed.owner, observed.ids?.uid, wanted.owner) &&
    sameName(observed.group, observed.ids?.gid, wanted.group) &&
    names.length === Object.keys(observed.entries).length &&
    names.every((name) => sameEntry(observed.entries[name], wanted.entries[name] as SecretEntry))
  );
}

function sameEntry(observed: SecretEntry | undefined, wanted: SecretEntry): boolean {
  if (observed?.version !== wanted.version || observed.previous?.version !== wanted.previous?.version) return false;
  if (observed.turn?.name !== wanted.turn?.name) return false;
  return wanted.turn?.value === undefined || observed.turn?.value === wanted.turn.value;
}

function describe({ ref, before, after }: Change<SecretsValue>): Diff {
  const [left, right] = [rowsOf(before), rowsOf(after)];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  const attributes = names.map((name) => ({ name, before: left.get(name), after: right.get(name) ?? undefined }));
  const content: ContentDiff = { kind: 'text', before: before?.template ?? '', after: after?.template ?? '' };
  return {
    title: `secrets ${ref.id}`,
    action: before === null ? 'create' : after === null ? 'remove' : 'change',
    attributes: attributes.filter((row) => row.before !== row.after),
    ...(content.before !== content.after && { content }),
  };
}

/** What a person may know of each thing in it. */
function rowsOf(value: SecretsValue | null): ReadonlyMap<string, string | undefined> {
  if (value === null) return new Map();
  const rows = new Map<string, string | undefined>();
  for (const [name, entry] of Object.entries(value.entries)) {
    rows.set(name, entryText(entry));
    if (entry.turn !== undefined) rows.set(entry.turn.name, entry.turn.value ?? 'as in the file');
    if (entry.previous !== undefined) rows.set(`${name}, old value`, `version ${entry.previous.version}, still counts`);
  }
  rows.set('mode', value.mode === undefined ? undefined : octal(value.mode));
  rows.set('owner', value.owner);
  rows.set('group', value.group);
  rows.set('file', FILES[value.file]);
  rows.set('rotation', value.unfinished ? 'begun and not finished' : undefined);
  if (value.foreign !== undefined) rows.set('file', 'not made by runbook');
  return rows;
}

const FILES = { whole: 'as the template says', edited: 'edited by somebody', missing: undefined };

function entryText({ version, made, adopted }: SecretEntry): string {
  if (adopted) return 'version 1, taken over from the file';
  return made === undefined
    ? `version ${version}, drawn on the host`
    : `version ${version} of ${new Date(made * 1000).toISOString().slice(0, 10)}`;
}
