import type { Change, Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { join, type Sh, sh } from '../../transport/sh.ts';
import { exactText } from '../answer_text.ts';
import { readingType } from '../reading.ts';

/** A question to getent(1). */
interface NameQuestion {
  readonly database: string;
  readonly key?: string;
  /** Where to look, and nowhere else: `files`, `ldap`. */
  readonly service?: string;
}

/** What getent(1) said. */
export interface NameAnswer {
  /** 0: found; 1: no such database; 2: no such key; 3: the database cannot be listed. */
  readonly status: number;
  readonly text: string;
}

const nameServiceType = readingType<NameAnswer>({ name: 'getent', collect, parse, derived });

export function nameService({ database, key, service }: NameQuestion): Ref<NameAnswer> {
  const id = JSON.stringify([database, key ?? null, service ?? null]);
  return { type: nameServiceType, id, aspects: [] };
}

function collect(refs: readonly Ref<NameAnswer>[]): Sh {
  return join(
    refs.map(({ id }, i) => {
      const [database, key, service] = JSON.parse(id) as readonly [string, string | null, string | null];
      const words = [...(service === null ? [] : ['-s', service]), '--', database, ...(key === null ? [] : [key])];
      return sh`rb_part ${`entries ${i}`}
getent ${words}
rb_status=$?
rb_part ${`status ${i}`}
echo "$rb_status"`;
    }),
  );
}

function parse(answer: Answer, refs: readonly Ref<NameAnswer>[]): readonly Seen[] {
  return refs.flatMap((ref, i): readonly Seen[] => {
    const status = Number(exactText(answer.parts.get(`status ${i}`) ?? new Uint8Array())?.trim() || Number.NaN);
    const text = exactText(answer.parts.get(`entries ${i}`) ?? new Uint8Array());
    if (text === undefined) return [{ ref, error: 'what getent says is not UTF-8' }];
    return Number.isInteger(status) && status <= 3 ? [{ ref, value: { status, text } }] : [];
  });
}

/** Accounts, the files of nsswitch.conf(5), and packages that bring further sources. */
function derived({ ref: { type, id } }: Change): boolean {
  return ['user', 'group', 'hostname', 'package'].includes(type.name) || (type.name === 'path' && /^\/etc\//.test(id));
}
