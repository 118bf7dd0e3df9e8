import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { sh } from '../../transport/sh.ts';
import { complaint, partText } from '../answer_text.ts';
import { readingType } from '../reading.ts';

/** `WHO HOST = (RUNAS) TAGS: COMMANDS`, sudoers(5). */
export interface SudoersRule {
  readonly file: string;
  /** From 1; of its first line where it goes over several. */
  readonly line: number;
  readonly text: string;
  /** Users, `%group`, `#uid`, aliases. */
  readonly who: readonly string[];
  /** Every command. */
  readonly all: boolean;
  readonly withoutPassword: boolean;
}

export interface SudoersValue {
  readonly rules: readonly SudoersRule[];
  readonly files: readonly { readonly path: string; readonly mode: number; readonly owner: string }[];
  /** `Defaults !authenticate`, and lines like it: no rule asks for a password then. */
  readonly open: readonly { readonly file: string; readonly line: number; readonly text: string }[];
  /** What visudo(8) has against them; missing: nothing. */
  readonly invalid?: string;
}

const sudoersType = readingType<SudoersValue>({ name: 'sudoers', collect, parse, derived: true });

/** `null`: the host has no sudo. */
export const SUDOERS: Ref<SudoersValue> = { type: sudoersType, id: 'all', aspects: [] };

/** As sudo reads them: of the directory not what has a dot in its name or ends in `~`. */
function collect() {
  return sh`rb_part there
if [ -e /etc/sudoers ]; then echo yes; else echo no; fi
rb_n=0
for rb_path in /etc/sudoers /etc/sudoers.d/*; do
  case $rb_path in /etc/sudoers.d/*.* | *~) continue ;; esac
  if [ ! -f "$rb_path" ]; then continue; fi
  if [ ! -r "$rb_path" ]; then echo "$rb_path cannot be read" >&2; rb_part denied; continue; fi
  rb_n=$((rb_n + 1))
  rb_part "file $rb_n"
  stat -c '%a %U %n' -- "$rb_path"
  cat -- "$rb_path"
done
rb_part visudo
if [ -e /etc/sudoers ] && command -v visudo >/dev/null 2>&1; then visudo -cq 2>&1 </dev/null || :; fi
rb_part end`;
}

function parse(answer: Answer, refs: readonly Ref<SudoersValue>[]): readonly Seen[] {
  const denied = answer.parts.has('denied') || !answer.parts.has('end');
  if (partText(answer, 'there').trim() === 'no') return refs.map((ref) => ({ ref, value: null }));
  if (denied) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const files = [...answer.parts.keys()]
    .filter((part) => part.startsWith('file '))
    .map((part) => partText(answer, part));
  const read = files.map(readFile);
  const invalid = partText(answer, 'visudo').trim();
  const value: SudoersValue = {
    files: read.map(({ file }) => file),
    rules: read.flatMap(({ rules }) => rules),
    open: read.flatMap(({ open }) => open),
    ...(invalid !== '' && { invalid }),
  };
  return refs.map((ref) => ({ ref, value }));
}

function readFile(text: string) {
  const head = text.slice(0, text.indexOf('\n'));
  const [, mode = '0', owner = '', path = ''] = /^(\d+) (\S+) (.*)$/.exec(head) ?? [];
  const statements = statementsOf(text.slice(head.length + 1));
  return {
    file: { path, mode: Number.parseInt(mode, 8), owner },
    rules: statements.flatMap(({ line, text: said }) => ruleOf(path, line, said)),
    open: statements.flatMap(({ line, text: said }) =>
      /^Defaults/.test(said) && /[\s,]!authenticate\b/.test(said) ? [{ file: path, line, text: said }] : [],
    ),
  };
}

/** Lines put together where a backslash ends them, without comments (`#1000` is a user and none). */
function statementsOf(text: string): readonly { readonly line: number; readonly text: string }[] {
  const found: { line: number; text: string }[] = [];
  let open: { line: number; text: string } | undefined;
  for (const [i, raw] of text.split('\n').entries()) {
    const line = open ?? { line: i + 1, text: '' };
    const goesOn = raw.endsWith('\\');
    line.text += goesOn ? `${raw.slice(0, -1)} ` : raw;
    open = goesOn ? line : undefined;
    if (!goesOn) found.push(line);
  }
  return found.flatMap(({ line, text: said }) => {
    const bare = said.replace(/(^|[^\\\w"])#(?!-?\d).*$/, '$1').trim();
    return bare === '' ? [] : [{ line, text: bare.replace(/\s+/g, ' ') }];
  });
}

function ruleOf(file: string, line: number, text: string): readonly SudoersRule[] {
  if (/^(Defaults|@include|#include|(User|Runas|Host|Cmnd|Cmd)_Alias)/.test(text)) return [];
  const [, who, rest] = /^((?:[^\s,\\]|\\.)+(?: ?, ?(?:[^\s,\\]|\\.)+)*) [^=]*?= ?(.*)$/.exec(text) ?? [];
  if (who === undefined || rest === undefined) return [];
  const commands = rest.replace(/\([^)]*\)/g, ' ').split(/[,\s]+|(?<=:)/);
  return [
    {
      ...{ file, line, text },
      who: who.split(/ ?, ?/),
      all: commands.includes('ALL'),
      withoutPassword: /\bNOPASSWD ?:/.test(rest),
    },
  ];
}
