import type { Change, Diff, Ref, ResourceType, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { content, join, type Sh, sh } from '../transport/sh.ts';
import { complaint, exactText } from './answer_text.ts';

/** The answer to a question of a package's configuration. */
export interface DebconfValue {
  readonly value: string;
  /** Type of the question: `select`, `boolean`, `password`, ... */
  readonly vtype: string;
  /** It is not asked any more. */
  readonly seen?: boolean;
}

export const debconfType: ResourceType<DebconfValue> = {
  name: 'debconf',
  collect,
  parse,
  transition: (changes) => join(changes.map(transitionOne), ' && '),
  describe,
  // Its scripts ask and answer.
  derived: ({ ref: { type } }) => type.name === 'package',
};

/** `question`: its whole name, such as `tzdata/Areas`. Neither has white space. */
export function debconf(owner: string, question: string): Ref<DebconfValue> {
  return { type: debconfType, id: `${owner} ${question}`, aspects: [] };
}

function split(id: string): { readonly owner: string; readonly question: string } {
  const [owner = '', question = ''] = id.split(' ');
  return { owner, question };
}

/** Commands of debconf-devel(7); the environment keeps it from looking for a terminal. */
function talk(owner: string, commands: Sh): Sh {
  return sh`${commands} | DEBIAN_FRONTEND=noninteractive debconf-communicate ${owner}`;
}

/** One process for each package, which answers each command with a line. */
function collect(refs: readonly Ref<DebconfValue>[]): Sh {
  const owners = [...new Set(refs.map(({ id }) => split(id).owner))];
  return join(
    owners.map((owner) => {
      const commands = askedOf(refs, owner).flatMap(({ question }) => [
        `GET ${question}`,
        `METAGET ${question} type`,
        `FGET ${question} seen`,
      ]);
      return sh`rb_part ${`answers ${owner}`}\n${talk(owner, sh`printf '%s\\n' ${commands}`)} || :`;
    }),
  );
}

function askedOf(refs: readonly Ref<DebconfValue>[], owner: string) {
  return refs.map(({ id }) => split(id)).filter((one) => one.owner === owner);
}

function parse(answer: Answer, refs: readonly Ref<DebconfValue>[]): readonly Seen[] {
  return refs.map((ref): Seen => {
    const { owner, question } = split(ref.id);
    const text = exactText(answer.parts.get(`answers ${owner}`) ?? new Uint8Array());
    const at = askedOf(refs, owner).findIndex((one) => one.question === question) * 3;
    const [value, vtype, seen] = (text ?? '')
      .split('\n')
      .slice(at, at + 3)
      .map(readLine);
    if (value === undefined || vtype === undefined || seen === undefined) return { ref, error: complaint(answer) };
    // 10: there is no such question.
    if (value.code !== 0) return value.code === 10 ? { ref, value: null } : { ref, error: value.text };
    return { ref, value: { value: value.text, vtype: vtype.text, seen: seen.text === 'true' } };
  });
}

function readLine(line: string): { readonly code: number; readonly text: string } | undefined {
  const [, code, text] = /^(\d+)(?: (.*))?$/.exec(line) ?? [];
  return code === undefined ? undefined : { code: Number(code), text: text ?? '' };
}

function transitionOne({ ref, after }: Change<DebconfValue>): Sh {
  const { owner, question } = split(ref.id);
  if (after === null) return said(owner, sh`printf '%s\\n' ${`UNREGISTER ${question}`}`);
  const line = `${owner} ${question} ${after.vtype} ${after.value}\n`;
  const unseen = after.seen === false ? ['-u'] : [];
  // No process's arguments hold the value.
  const set = sh`{ ${content(new TextEncoder().encode(line))} | debconf-set-selections ${unseen}; }`;
  if (after.seen !== false) return set;
  return sh`${set} && ${said(owner, sh`printf '%s\\n' ${`FSET ${question} seen false`}`)}`;
}

/** debconf-communicate ends with the code of the last command; why stands on its line. */
function said(owner: string, commands: Sh): Sh {
  return sh`{ rb_said=$(${talk(owner, commands)}) || { printf '%s\\n' "$rb_said" >&2; false; }; }`;
}

function describe({ ref, before, after }: Change<DebconfValue>): Diff {
  const secret = (before ?? after)?.vtype === 'password' || after?.vtype === 'password';
  const shown = (value: DebconfValue | null, other: DebconfValue | null) =>
    value === null
      ? undefined
      : !secret
        ? value.value
        : value.value === other?.value
          ? '(hidden)'
          : hidden(value, after);
  const yesNo = (value: DebconfValue | null) => (value?.seen === undefined ? undefined : value.seen ? 'yes' : 'no');
  const rows = [
    { name: 'value', before: shown(before, after), after: shown(after, before) },
    { name: 'seen', before: yesNo(before), after: after?.seen === undefined ? yesNo(before) : yesNo(after) },
  ];
  const { owner, question } = split(ref.id);
  return {
    title: `debconf ${question} of ${owner}`,
    action: before === null ? 'create' : after === null ? 'remove' : 'change',
    attributes: rows.filter((row) => row.before !== row.after),
    ...(secret && { secret }),
  };
}

function hidden(value: DebconfValue, after: DebconfValue | null): string {
  return value === after ? '(hidden, new)' : '(hidden)';
}
