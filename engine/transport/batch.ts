import { type Sh, sh } from './sh.ts';

/**
 * The batch protocol, pure: the text of a batch, and the parser of what comes back.
 *
 * A frame is `MARK kind data NUL`, where MARK is 32 hex digits that are random per batch: no content on the host
 * can hold it. Data never holds a NUL, being shell words. Between frames stand the answers' bytes as they are.
 *
 *     stdout   A pid   stderr  A       the batch begins; what came before is noise (a greeting, sudo's lecture)
 *     stdout   P name                  a part begins
 *     stdout   E i s   stderr  E i     question i ended with status s
 *     stdout   Z       stderr  Z       the batch is over
 */

/** Bytes of one batch's answers, both streams together. A host that sends more is cut off. */
export const OUTPUT_LIMIT = 64 * 1024 * 1024;

const MARK_LENGTH = 32;
const HEADER_LIMIT = 128 * 1024;
const NOISE_LIMIT = 8 * 1024;

/** What a `sh` is told once, when it starts. `stage` is the name of its staging directory, which may never exist. */
export function preamble(stage: string): Sh {
  return sh`unset RB_STAGE CDPATH
LC_ALL=C; export LC_ALL
umask 022
case ":$PATH:" in *:/usr/sbin:*) ;; *) PATH="\${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin"; export PATH ;; esac
cd . 2>/dev/null || cd /
RB_STAGE="\${TMPDIR:-/tmp}"/${stage}
trap '[ ! -d "$RB_STAGE" ] || rm -rf "$RB_STAGE"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM
`;
}

export interface ProgramOptions {
  readonly stopOnFailure?: boolean | undefined;
  readonly entering?: boolean | undefined;
}

/**
 * The text of one batch, for the stdin of a `sh` that has read the preamble.
 *
 * Each question is `eval`ed in a subshell of its own, so that neither `exit` nor a syntax error reaches further; a tidy
 * one in a function.
 * The mark never stands whole in the program: `set`, `set -x` and the like cannot make a question print a frame.
 */
export function program(questions: readonly Sh[], mark: string, options: ProgramOptions = {}): string {
  const half = MARK_LENGTH / 2;
  const marks = [mark.slice(0, half), mark.slice(half)];
  const stop = options.stopOnFailure === true ? sh`[ "$2" = 0 ] || rb_stop=1` : sh`:`;
  const head = sh`rb_stop=
rb_frame() { printf '%s%s%s\\000' ${marks} "$1"; }
rb_part() { rb_frame "P$1"; }
rb_tidy() { rb_text=$1; shift; eval "$rb_text"; }
rb_end() { rb_frame "E$1 $2" || exit 141; rb_frame "E$1" >&2 || exit 141; ${stop}; }
rb_frame "A$$"; rb_frame A >&2
`;
  const body = questions.map((question, i) => {
    const run = i === 0 && options.entering === true ? entering(question) : running(question);
    return sh`[ "$rb_stop" ] || { ${run} </dev/null; rb_end ${i} "$?"; }\n`.text;
  });
  return `${head.text}${body.join('')}rb_frame Z; rb_frame Z >&2\n`;
}

function entering({ text }: Sh): Sh {
  return sh`{ eval ${evaluated(text)}; }`;
}

function running({ text, tidy }: Sh): Sh {
  return tidy ? sh`rb_tidy ${evaluated(text)} 9>&-` : sh`( eval ${evaluated(text)} ) 9>&-`;
}

/** `eval` takes a leading dash for an option in some shells, and an empty word for status 0 in all. */
function evaluated(text: string): string {
  return text.startsWith('-') ? ` ${text}` : text;
}

export interface BatchAnswer {
  readonly status: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly parts: ReadonlyMap<string, Uint8Array>;
}

export interface BatchEvents {
  /** The shell's process id on the host. */
  onBegin?(pid: number): void;
  onAnswer(index: number, answer: BatchAnswer): void;
  /** Everything has come. */
  onEnd?(): void;
  /** The host does not follow the protocol, or sends too much. Nothing more is read. */
  onFault?(message: string): void;
}

export interface BatchParser {
  /** Bytes of the shell's stdout, cut anywhere. */
  stdout(chunk: Uint8Array): void;
  /** Bytes of its stderr, in any order relative to stdout. */
  stderr(chunk: Uint8Array): void;
  /** What was printed before the batch began, at most the last 8 KiB. */
  noise(): string;
}

/** One batch's answers out of two byte streams. Never throws, whatever a host sends. */
export function createBatchParser(mark: string, events: BatchEvents, limit = OUTPUT_LIMIT): BatchParser {
  const ends: StreamEnd[] = [];
  const errors: Uint8Array[] = [];
  const over = { stdout: false, stderr: false };
  let answered = 0;
  let received = 0;
  let done = false;
  let sections = new Sections();

  function fault(message: string): void {
    if (done) return;
    done = true;
    events.onFault?.(message);
  }

  function settle(): void {
    for (; !done && answered < ends.length && answered < errors.length; answered++) {
      const end = ends[answered] as StreamEnd;
      events.onAnswer(answered, { ...end, stderr: errors[answered] as Uint8Array });
    }
    if (!done && over.stdout && over.stderr) {
      if (ends.length === errors.length) {
        done = true;
        events.onEnd?.();
      } else fault('its answers do not match each other');
    }
  }

  const stdout = createScanner(mark, {
    bytes: (bytes) => sections.add(bytes),
    frame(kind, data) {
      if (kind === 'A' && /^[1-9]\d{0,9}$/.test(data)) events.onBegin?.(Number(data));
      else if (kind === 'P') sections.open(data);
      else if (kind === 'E') {
        const [index, status] = numbers(data);
        if (index !== ends.length || status === undefined || status > 255) return fault('its answers are out of order');
        ends.push({ status, ...sections.take() });
        sections = new Sections();
      } else if (kind === 'Z') over.stdout = true;
      else return fault('its answer has a frame that nobody asked for');
      settle();
    },
    fault,
  });

  let current: Uint8Array[] = [];
  const stderr = createScanner(mark, {
    bytes: (bytes) => current.push(bytes),
    frame(kind, data) {
      if (kind === 'E') {
        if (numbers(data)[0] !== errors.length) return fault('its answers are out of order');
        errors.push(Buffer.concat(current));
        current = [];
      } else if (kind === 'Z') over.stderr = true;
      else if (kind !== 'A') return fault('its answer has a frame that nobody asked for');
      settle();
    },
    fault,
  });

  function feed(scanner: Scanner, chunk: Uint8Array): void {
    if (done) return;
    received += chunk.length;
    if (received <= limit) scanner.feed(chunk);
    else fault(`it sent more than ${Math.floor(limit / 1024 / 1024)} MiB in one go`);
  }

  return {
    stdout: (chunk) => feed(stdout, chunk),
    stderr: (chunk) => feed(stderr, chunk),
    noise: () => [stderr.noise(), stdout.noise()].filter((text) => text !== '').join('\n'),
  };
}

type StreamEnd = Omit<BatchAnswer, 'stderr'>;

/** What one question printed: stdout up to the first part, then the parts. A name used twice goes on where it was. */
class Sections {
  readonly #stdout: Uint8Array[] = [];
  readonly #parts = new Map<string, Uint8Array[]>();
  #current = this.#stdout;

  add(bytes: Uint8Array): void {
    this.#current.push(bytes);
  }

  open(name: string): void {
    const part = this.#parts.get(name) ?? [];
    this.#parts.set(name, part);
    this.#current = part;
  }

  take(): Omit<StreamEnd, 'status'> {
    const parts = new Map([...this.#parts].map(([name, chunks]) => [name, Buffer.concat(chunks)] as const));
    return { stdout: Buffer.concat(this.#stdout), parts };
  }
}

interface ScannerEvents {
  bytes(bytes: Uint8Array): void;
  frame(kind: string, data: string): void;
  fault(message: string): void;
}

interface Scanner {
  feed(chunk: Uint8Array): void;
  noise(): string;
}

/** Finds the frames in one stream. Before the first frame, which is A, everything is noise. */
function createScanner(mark: string, events: ScannerEvents): Scanner {
  const needle = Buffer.from(mark, 'latin1');
  let pending: Buffer = Buffer.alloc(0);
  let noise: Buffer = Buffer.alloc(0);
  let begun = false;

  function pass(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (begun) events.bytes(bytes);
    else noise = Buffer.concat([noise, bytes]).subarray(-NOISE_LIMIT);
  }

  function feed(chunk: Uint8Array): void {
    let data = pending.length === 0 ? view(chunk) : Buffer.concat([pending, chunk]);
    for (;;) {
      const start = data.indexOf(needle);
      if (start < 0) break;
      const end = data.indexOf(0, start + needle.length);
      if (end < 0) {
        pass(data.subarray(0, start));
        pending = data.subarray(start);
        if (pending.length > HEADER_LIMIT) events.fault('its answer has a frame without an end');
        return;
      }
      pass(data.subarray(0, start));
      const header = data.toString('utf8', start + needle.length, end);
      data = data.subarray(end + 1);
      begun = true;
      events.frame(header.slice(0, 1), header.slice(1));
    }
    const kept = tail(data, needle);
    pass(data.subarray(0, data.length - kept));
    pending = data.subarray(data.length - kept);
  }

  return { feed, noise: () => noise.toString('utf8') + (begun ? '' : pending.toString('utf8')) };
}

/** How many bytes at the end may be the beginning of the mark. */
function tail(data: Buffer, needle: Buffer): number {
  for (let length = Math.min(data.length, needle.length - 1); length > 0; length--) {
    if (data.subarray(data.length - length).equals(needle.subarray(0, length))) return length;
  }
  return 0;
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function numbers(data: string): readonly (number | undefined)[] {
  return /^\d{1,9}(?: \d{1,9})?$/.test(data) ? data.split(' ').map(Number) : [];
}
