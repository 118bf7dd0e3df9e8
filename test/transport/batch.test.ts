import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type BatchAnswer,
  createBatchParser,
  OUTPUT_LIMIT,
  type ProgramOptions,
  preamble,
  program,
} from '../../engine/transport/batch.ts';
import { type Sh, sh, tidy } from '../../engine/transport/sh.ts';

const SHELLS: readonly (readonly string[])[] = [['dash'], ['bash', '--posix'], ['busybox', 'sh']];
const MARK = '00112233445566778899aabbccddeeff';

interface Seen {
  pid: number | undefined;
  answers: { status: number; stdout: string; stderr: string; parts: [string, string][] }[];
  ended: boolean;
  fault: string | undefined;
  noise: string;
}

/** Feeds chunks in the given order; `latin1` keeps every byte comparable. */
function parse(mark: string, chunks: Iterable<readonly ['stdout' | 'stderr', Uint8Array]>, limit?: number): Seen {
  const seen: Seen = { pid: undefined, answers: [], ended: false, fault: undefined, noise: '' };
  const parser = createBatchParser(
    mark,
    {
      onBegin: (pid) => {
        seen.pid = pid;
      },
      onAnswer(index, answer) {
        assert.equal(index, seen.answers.length);
        seen.answers.push(readable(answer));
      },
      onEnd: () => {
        seen.ended = true;
      },
      onFault: (message) => {
        assert.equal(seen.fault, undefined);
        seen.fault = message;
      },
    },
    limit,
  );
  for (const [stream, chunk] of chunks) parser[stream](chunk);
  seen.noise = parser.noise();
  return seen;
}

function readable(answer: BatchAnswer): Seen['answers'][number] {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  return {
    status: answer.status,
    stdout: text(answer.stdout),
    stderr: text(answer.stderr),
    parts: [...answer.parts].map(([name, bytes]) => [name, text(bytes)]),
  };
}

function ask(
  shell: readonly string[],
  questions: readonly Sh[],
  options?: ProgramOptions,
  env?: NodeJS.ProcessEnv,
): Seen {
  const mark = randomBytes(16).toString('hex');
  const { stdout, stderr } = spawnSync(shell[0] as string, shell.slice(1), {
    input: preamble('runbook-test').text + program(questions, mark, options),
    env: { PATH: process.env.PATH, ...env },
    maxBuffer: 1 << 28,
  });
  return parse(mark, [
    ['stdout', stdout],
    ['stderr', stderr],
  ]);
}

for (const shell of SHELLS) {
  const name = shell[0];

  test(`${name}: answers come with status, parts and stderr of their own`, () => {
    const seen = ask(shell, [
      sh`printf before; rb_part one; printf 1; rb_part ${'a\nb c'}; printf '2\\000\\377\\n'; echo no >&2; exit 3`,
      sh`true`,
      sh`rb_part x; printf a; rb_part y; printf b; rb_part x; printf c`,
      sh`cat; echo "$LC_ALL $(umask)"`,
    ]);
    assert.deepEqual(seen.answers, [
      { status: 3, stdout: 'before', stderr: 'no\n', parts: [['one', '1'], ['a\nb c', '2\0\xff\n']] }, // biome-ignore format: one line
      { status: 0, stdout: '', stderr: '', parts: [] },
      { status: 0, stdout: '', stderr: '', parts: [['x', 'ac'], ['y', 'b']] }, // biome-ignore format: one line
      { status: 0, stdout: 'C 0022\n', stderr: '', parts: [] },
    ]);
    assert.equal(seen.ended, true);
    assert.equal(seen.fault, undefined);
    assert.ok(seen.pid !== undefined && seen.pid > 1);
  });

  test(`${name}: no question reaches another`, () => {
    const seen = ask(shell, [
      sh`exit 7`,
      { text: "echo 'unbalanced", attachments: [] },
      { text: ') ; exit 9', attachments: [] },
      { text: '}; done; fi', attachments: [] },
      sh`set -e; false; echo not here`,
      sh`cd /; exec >/dev/null; umask 077; x=1; rb_end() { :; }; rb_frame() { :; }; trap 'echo trap' EXIT; LC_ALL=x`,
      sh`exec true`,
      sh`rb_part() { echo mine; }; unset -f rb_frame; kill -9 "$(sh -c 'echo $PPID')"`,
      sh`set -- a b; return 4`,
      { text: 'cat <<EOF\nin a document\nEOF', attachments: [] },
      { text: 'echo last # a comment', attachments: [] },
      { text: '-x 2>/dev/null', attachments: [] },
      { text: '', attachments: [] },
      sh`echo "$(pwd)$x"; umask; rb_part p; echo part`,
    ]);
    const statuses = seen.answers.map((answer) => answer.status);
    assert.equal(statuses[0], 7);
    for (const i of [1, 2, 3, 4]) assert.notEqual(statuses[i], 0, `question ${i}`);
    assert.equal(statuses[7], 137);
    assert.equal(seen.answers[9]?.stdout, 'in a document\n');
    assert.equal(seen.answers[10]?.stdout, 'last\n');
    assert.equal(statuses[11], 127);
    assert.equal(statuses[12], 0);
    assert.deepEqual(seen.answers[13], {
      status: 0,
      stdout: `${process.cwd()}\n0022\n`,
      stderr: '',
      parts: [['p', 'part\n']],
    });
    assert.equal(seen.ended, true);
  });

  test(`${name}: a shell that traces or lists itself does not print the mark`, () => {
    const seen = ask(shell, [
      sh`set -x; rb_part p; echo x; set +x`,
      sh`set`,
      sh`type rb_part; type rb_frame; type rb_end`,
      sh`export -p; readonly -p; alias; trap`,
      sh`cat /proc/$$/environ /proc/$$/cmdline`,
    ]);
    assert.equal(seen.fault, undefined);
    assert.equal(seen.answers.length, 5);
    assert.deepEqual(seen.answers[0]?.parts, [['p', 'x\n']]);
  });

  test(`${name}: stopOnFailure skips what follows a failure`, () => {
    const questions = [sh`echo 1`, sh`false`, sh`echo 3`, sh`echo 4`];
    const stopped = ask(shell, questions, { stopOnFailure: true });
    assert.deepEqual(stopped.answers.map((a) => a.status), [0, 1]); // biome-ignore format: one line
    assert.equal(stopped.ended, true);
    assert.equal(ask(shell, questions).answers.length, 4);
    // A variable of the same name on the host does not count.
    assert.equal(ask(shell, questions, {}, { rb_stop: '1' }).answers.length, 4);
  });

  test(`${name}: what the first question enters stays, and what it opens is the shell's own`, () => {
    const opened = sh`[ -e "/proc/self/fd/9" ] && echo open || echo closed`;
    const seen = ask(shell, [sh`rb_x=1; exec 9>/dev/null`, sh`echo "$rb_x"`, opened], { entering: true });
    assert.deepEqual(seen.answers.map((a) => a.stdout), ['', '1\n', 'closed\n']); // biome-ignore format: one line
    assert.equal(ask(shell, [sh`rb_x=1`, sh`echo "$rb_x"`]).answers[1]?.stdout, '\n');
  });

  test(`${name}: a tidy question runs in the shell itself, with arguments of its own and without the shell's lock`, () => {
    const where = sh`sh -c 'echo $PPID'; echo "$$"`;
    const questions = [
      sh`exec 9>/dev/null; rb_x=1; set -- a b`,
      tidy(sh`echo "$#"; set -- x; shift; rb_part p; echo part; echo no >&2; return 7; echo not here`),
      tidy({ text: '-x 2>/dev/null; rb_x=2', attachments: [] }),
      tidy(sh`[ -e /proc/self/fd/9 ] && echo open || echo closed; cat`),
      tidy(sh``),
      sh`echo "$rb_x $# $1"`,
      where,
      tidy(where),
      tidy(sh`exit 3`),
      sh`echo not here`,
    ];
    const { answers, ended } = ask(shell, questions, { entering: true });
    const told = answers.slice(0, 6).map(({ status, stdout }) => `${status} ${stdout}`);
    assert.deepEqual(told, ['0 ', '7 0\n', '0 ', '0 closed\n', '0 ', '0 2 2 a\n']);
    assert.deepEqual([answers[1]?.stderr, answers[1]?.parts], ['no\n', [['p', 'part\n']]]);
    const [below, itself] = answers.slice(6).map(({ stdout }) => new Set(stdout.trim().split('\n')).size);
    assert.deepEqual([below, itself], [2, 1]);
    assert.equal(answers.length, 8, 'one that is not tidy ends its shell');
    assert.equal(ended, false);
  });

  test(`${name}: a long program`, () => {
    // bash reads a pipe byte by byte: a megabyte takes it seconds.
    const lines = name === 'bash' ? 3_000 : 25_000;
    const text = "it's line of text with $dollar and `ticks`\n".repeat(lines);
    const seen = ask(shell, [sh`printf %s ${text}`, sh`printf %s ${'y'.repeat(100_000)} | wc -c`]);
    assert.equal(seen.answers[0]?.stdout, text);
    assert.equal(seen.answers[1]?.stdout.trim(), '100000');
  });

  test(`${name}: the preamble puts sbin into PATH once`, () => {
    const path = (value: string) => ask(shell, [sh`printf %s "$PATH"`], {}, { PATH: value }).answers[0]?.stdout;
    assert.equal(path('/usr/bin:/bin'), '/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin');
    assert.equal(path('/usr/sbin:/usr/bin:/bin'), '/usr/sbin:/usr/bin:/bin');
  });
}

function frame(kind: string, data = ''): Buffer {
  return Buffer.from(`${MARK}${kind}${data}\0`, 'utf8');
}

interface Wire {
  stdout: Buffer;
  stderr: Buffer;
}

/** Both streams as a shell would write them for these answers. */
function wire(answers: readonly BatchAnswer[], noise: Buffer): Wire {
  const stdout: Uint8Array[] = [noise, frame('A', '42')];
  const stderr: Uint8Array[] = [noise, frame('A')];
  answers.forEach((answer, i) => {
    stdout.push(answer.stdout);
    for (const [name, bytes] of answer.parts) stdout.push(frame('P', name), bytes);
    stdout.push(frame('E', `${i} ${answer.status}`));
    stderr.push(answer.stderr, frame('E', String(i)));
  });
  stdout.push(frame('Z'));
  stderr.push(frame('Z'));
  return { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
}

/** Bytes that imitate frames: pieces of the mark, whole frames of another mark, NULs. */
const hostile = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc
        .constantFrom(
          MARK.slice(0, 31),
          MARK.slice(1),
          `${MARK.slice(0, 16)}\0${MARK.slice(16)}`,
          MARK.slice(0, 5),
          'E0 0\0',
          'Z\0',
          '\0',
          'ffeeddccbbaa99887766554433221100E0 0\0',
        )
        .map((text) => Buffer.from(text)),
      fc.constantFrom(MARK.toUpperCase()).map((text) => Buffer.from(text)),
    ),
    { maxLength: 6 },
  )
  .map((chunks) => Buffer.concat(chunks))
  .filter((bytes) => !bytes.includes(MARK));

const answer: fc.Arbitrary<BatchAnswer> = fc.record({
  status: fc.integer({ min: 0, max: 255 }),
  stdout: hostile,
  stderr: hostile,
  parts: fc
    .dictionary(
      fc.string({ unit: 'binary', maxLength: 12 }).filter((t) => !t.includes('\0')),
      hostile,
      { maxKeys: 3 },
    )
    .map((parts) => new Map(Object.entries(parts))),
});

/** Concatenation may complete a mark that no piece holds; then the bytes are not what a host could send by chance. */
function ambiguous(wired: Wire, answers: readonly BatchAnswer[]): boolean {
  const frames = answers.reduce((n, a) => n + 1 + a.parts.size, 2);
  const count = (bytes: Buffer) => bytes.toString('latin1').split(MARK).length - 1;
  return count(wired.stdout) !== frames || count(wired.stderr) !== answers.length + 2;
}

test('any split of the streams, in any order, gives the same answers', () => {
  fc.assert(
    fc.property(
      fc.array(answer, { maxLength: 5 }),
      hostile,
      fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 70 })), { minLength: 1, maxLength: 50 }),
      (answers, noise, cuts) => {
        const wired = wire(answers, noise);
        fc.pre(!ambiguous(wired, answers));
        const seen = parse(MARK, chop(wired, cuts));
        assert.deepEqual(seen.answers, answers.map(readable));
        assert.equal(seen.ended, true);
        assert.equal(seen.pid, 42);
        assert.equal(seen.fault, undefined);
      },
    ),
    { numRuns: 300 },
  );
});

function* chop(
  { stdout, stderr }: Wire,
  cuts: readonly (readonly [boolean, number])[],
): Generator<readonly ['stdout' | 'stderr', Uint8Array]> {
  const at = { stdout: 0, stderr: 0 };
  const all = { stdout, stderr };
  for (let i = 0; at.stdout < stdout.length || at.stderr < stderr.length; i++) {
    const [first, size] = cuts[i % cuts.length] as readonly [boolean, number];
    const wanted = first ? 'stdout' : 'stderr';
    const stream = at[wanted] < all[wanted].length ? wanted : first ? 'stderr' : 'stdout';
    yield [stream, all[stream].subarray(at[stream], at[stream] + size)];
    at[stream] += size;
  }
}

test('answers come as soon as both streams have them', () => {
  const events: string[] = [];
  const parser = createBatchParser(MARK, {
    onBegin: (pid) => events.push(`begin ${pid}`),
    onAnswer: (index, { status }) => events.push(`answer ${index} ${status}`),
    onEnd: () => events.push('end'),
  });
  parser.stdout(Buffer.concat([frame('A', '7'), Buffer.from('out'), frame('E', '0 0'), frame('E', '1 2')]));
  assert.deepEqual(events, ['begin 7']);
  parser.stderr(Buffer.concat([frame('A'), frame('E', '0')]));
  assert.deepEqual(events, ['begin 7', 'answer 0 0']);
  parser.stderr(Buffer.concat([frame('E', '1'), frame('Z')]));
  parser.stdout(frame('Z'));
  assert.deepEqual(events, ['begin 7', 'answer 0 0', 'answer 1 2', 'end']);
});

test('what breaks the protocol is a fault, said once, and nothing after it counts', () => {
  const good = [frame('A', '7'), frame('E', '0 0')];
  for (const bad of [
    frame('E', '2 0'),
    frame('E', '1 256'),
    frame('E', '1 -1'),
    frame('E', '1'),
    frame('E', 'x y'),
    frame('Q'),
    frame(''),
  ]) {
    const chunks = [...good, bad, frame('E', '1 0'), frame('Z')].map((bytes) => ['stdout', bytes] as const);
    const errors = [frame('A'), frame('E', '0'), frame('E', '1'), frame('Z')].map(
      (bytes) => ['stderr', bytes] as const,
    );
    const seen = parse(MARK, [...chunks, ...errors]);
    assert.notEqual(seen.fault, undefined, bad.toString());
    assert.equal(seen.ended, false);
  }
});

test('more than the limit is a fault', () => {
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  function* flood(): Generator<readonly ['stdout', Uint8Array]> {
    yield ['stdout', frame('A', '7')];
    for (let i = 0; i <= OUTPUT_LIMIT / chunk.length; i++) yield ['stdout', chunk];
  }
  assert.equal(parse(MARK, flood()).fault, 'it sent more than 64 MiB in one go');
});

test('a frame that never ends is a fault', () => {
  const seen = parse(MARK, [
    ['stdout', Buffer.from(`${MARK}P`)],
    ['stdout', Buffer.alloc(200_000, 'x')],
  ]);
  assert.notEqual(seen.fault, undefined);
});

test('what comes before a batch is noise, its end kept', () => {
  const seen = parse(MARK, [
    ['stdout', Buffer.from('Welcome!\n')],
    ['stderr', Buffer.from(`We trust you have received${' '.repeat(20_000)}the usual lecture`)],
    ['stdout', frame('A', '7')],
  ]);
  assert.match(seen.noise, /the usual lecture\nWelcome!/);
  assert.ok(seen.noise.length < 9000);
});

test('arbitrary bytes never throw', () => {
  const bytes = fc.array(fc.oneof(hostile, fc.constant(Buffer.from(MARK)), fc.uint8Array({ maxLength: 40 })));
  fc.assert(
    fc.property(bytes, bytes, (out, err) => {
      parse(MARK, [...out.map((b) => ['stdout', b] as const), ...err.map((b) => ['stderr', b] as const)], 2000);
    }),
    { numRuns: 300 },
  );
});

test('the generated program is clean for shellcheck', () => {
  const text = `#!/bin/sh\n${preamble('runbook-x').text}${program([sh`echo ${'a b'}`, sh`rb_part x; cat ${'/etc/motd'}`], MARK, { stopOnFailure: true })}`;
  // 1007: an empty assignment; 2317: called by the evaluated text.
  const { stdout, status } = spawnSync('shellcheck', ['-s', 'sh', '-e', '1007,2317', '-'], { input: text });
  assert.equal(stdout.toString(), '');
  assert.equal(status, 0);
});

test('the program text is what it is', () => {
  assert.equal(
    program([sh`echo ${'a b'}`, sh`true`, tidy(sh`echo ${'a b'}`)], MARK, { stopOnFailure: true }),
    `rb_stop=
rb_frame() { printf '%s%s%s\\000' '0011223344556677' 8899aabbccddeeff "$1"; }
rb_part() { rb_frame "P$1"; }
rb_tidy() { rb_text=$1; shift; eval "$rb_text"; }
rb_end() { rb_frame "E$1 $2" || exit 141; rb_frame "E$1" >&2 || exit 141; [ "$2" = 0 ] || rb_stop=1; }
rb_frame "A$$"; rb_frame A >&2
[ "$rb_stop" ] || { ( eval 'echo '\\''a b'\\''' ) 9>&- </dev/null; rb_end 0 "$?"; }
[ "$rb_stop" ] || { ( eval true ) 9>&- </dev/null; rb_end 1 "$?"; }
[ "$rb_stop" ] || { rb_tidy 'echo '\\''a b'\\''' 9>&- </dev/null; rb_end 2 "$?"; }
rb_frame Z; rb_frame Z >&2
`,
  );
});
