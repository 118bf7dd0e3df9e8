import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';

/**
 * Shell text, built only here. Every hole of the template is quoted; nothing is concatenated.
 * Quoting is POSIX single quotes (XCU 2.2.2), which no byte but NUL and the quote itself can leave.
 */
export interface Sh {
  readonly text: string;
  /** Contents too large to stand in the program; they are sent before it, on a channel of their own. */
  readonly attachments: readonly Attachment[];
  /** It may run in the shell itself. */
  readonly tidy?: true;
}

export interface Attachment {
  /** Name in the staging directory: the hex SHA-256 of the bytes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** string: one quoted word. number: decimal. list: quoted words. Sh: as it is. */
export type Hole = string | number | Sh | readonly string[];

const NONE: readonly Attachment[] = [];

export function sh(strings: TemplateStringsArray, ...holes: readonly Hole[]): Sh {
  let text = strings[0] as string;
  let attachments = NONE;
  holes.forEach((hole, i) => {
    if (typeof hole === 'object' && 'text' in hole) {
      text += hole.text;
      if (hole.attachments.length > 0) attachments = [...attachments, ...hole.attachments];
    } else {
      text += word(hole);
    }
    text += strings[i + 1] as string;
  });
  return { text, attachments };
}

function word(hole: string | number | readonly string[]): string {
  if (typeof hole === 'string') return quote(hole);
  if (typeof hole === 'number') {
    if (!Number.isFinite(hole)) throw new RangeError(`not a number for the shell: ${hole}`);
    return String(hole);
  }
  return hole.map(quote).join(' ');
}

/**
 * Plain words stand as they are. Quoted although they look plain: `=` (an assignment before a command),
 * all digits (`echo ${'2'}>file` would redirect) and reserved words, of bash too (XCU 2.4).
 */
const PLAIN =
  /^(?!\d+$|(?:if|then|else|elif|fi|do|done|case|esac|while|until|for|in|function|select|time|coproc)$)[A-Za-z0-9_./:@%+,-]+$/;

/** One shell word. NUL cannot stand in one (execve(2)). */
export function quote(text: string): string {
  if (text.includes('\0')) throw new RangeError('a NUL byte cannot stand in a shell word');
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Up to here bytes stand in the program itself; longer ones go by attachment. */
export const INLINE_LIMIT = 64 * 1024;

/** A command that prints exactly these bytes. No process's argv holds them: `printf` is the shell's own. */
export function content(bytes: Uint8Array): Sh {
  if (bytes.length > INLINE_LIMIT) {
    const name = createHash('sha256').update(bytes).digest('hex');
    return { text: `cat "$RB_STAGE/${name}"`, attachments: [{ name, bytes }] };
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer) && !buffer.includes(0)) return sh`printf %s ${buffer.toString('utf8')}`;
  return sh`printf %s ${buffer.toString('base64')} | base64 -d`;
}

/**
 * The same, to be redirected into a file: on a full disk a shell's own printf says no more than "I/O error", and
 * cat(1) says what it is.
 */
export function fileContent(bytes: Uint8Array): Sh {
  return bytes.length > INLINE_LIMIT ? content(bytes) : sh`${content(bytes)} | cat`;
}

/**
 * A question that may run in a function of the shell itself, which spares the host a process: it ends by `return` and
 * not by `exit`, has no syntax error, and leaves nothing behind but variables and functions whose names begin with
 * `rb_`. What is made of it by a template or `join` is not tidy any more.
 */
export function tidy({ text, attachments }: Sh): Sh {
  return { text, attachments, tidy: true };
}

/** Programs one after the other, a line each by default. */
export function join(parts: readonly Sh[], separator: '\n' | ' ' | ' && ' | ' || ' | '; ' | ' | ' = '\n'): Sh {
  return { text: parts.map((p) => p.text).join(separator), attachments: parts.flatMap((p) => p.attachments) };
}
