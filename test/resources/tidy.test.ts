import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { unfinishedRuns } from '../../engine/applying/unfinished.ts';
import { keyOf, type Ref } from '../../engine/planning/contracts.ts';
import { crontab } from '../../engine/resources/crontab.ts';
import { DEFAULT_FACT_PATH, facts } from '../../engine/resources/facts.ts';
import { group } from '../../engine/resources/group.ts';
import { packageOf } from '../../engine/resources/package.ts';
import { path } from '../../engine/resources/path.ts';
import { unit } from '../../engine/resources/unit.ts';
import { user } from '../../engine/resources/user.ts';
import { createBatchParser, preamble, program } from '../../engine/transport/batch.ts';
import { type Sh, sh } from '../../engine/transport/sh.ts';

const MARK = '00112233445566778899aabbccddeeff';

/** With all that makes a program longer, on what is there, what is not, and names that a shell could trip over. */
const LOOKS: readonly (readonly Ref<never>[])[] = [
  [facts(DEFAULT_FACT_PATH, 'hardware', 'network', 'virtual')],
  [packageOf('dash'), packageOf('no-such-package')],
  [group('root', 'local'), group('exit; set -e')],
  [user('root', 'local', 'password', 'ageing'), user("no'body $x")],
  ['/etc/passwd', '/bin', '/etc/rc.local.none', '/proc/version', '/dev/full', '/root/x/y'].map((id) =>
    path(id, 'content', 'access', 'sha256', 'mime', 'attributes'),
  ),
  [path('/etc', 'access'), path('/nowhere/*', 'whole')],
  [crontab('root', 'root'), crontab("no'body", 'root')],
  [unit('cron.service'), unit('no-such@x.service'), unit('getty@.service')],
  [unfinishedRuns('root')],
] as never;

/** All that a question could leave behind in a shell. */
const INSIDE = sh`pwd; umask; trap; echo "$-" "$#"; export -p; set | grep -v '^\\(rb_\\|_=\\|LINENO=\\|PIPESTATUS\\|BASH_\\|FUNCNAME\\|PPID=\\|RANDOM=\\|SRANDOM=\\|EPOCH\\|SECONDS=\\)' | grep = | grep -v '^ '
for rb_file in 0 1 2 3 4 5 6 7 8 9; do [ ! -e "/proc/$$/fd/$rb_file" ] || echo "open $rb_file"; done`;

for (const shell of [['dash'], ['bash', '--posix'], ['busybox', 'sh']]) {
  test(`${shell[0]}: a tidy look tells the same in the shell itself, and leaves nothing in it`, () => {
    const looks = LOOKS.map((refs) => (refs[0] as Ref).type.collect(refs));
    for (const [i, look] of looks.entries()) assert.ok(look.tidy, `${keyOf(LOOKS[i]?.[0] as Ref)} is tidy`);
    const apart = looks.map((look) => sh`rb_apart() {\n${look}\n}\nrb_apart`);
    const answers = ask(shell, [INSIDE, ...looks, INSIDE, ...apart]);
    assert.equal(answers.length, 2 + 2 * looks.length);
    assert.equal(answers[1 + looks.length], answers[0]);
    const [here, there] = [answers.slice(1), answers.slice(2 + looks.length)].map((all) => all.slice(0, looks.length));
    assert.deepEqual(here, there);
  });
}

/** Each answer as one text. */
function ask(shell: readonly string[], questions: readonly Sh[]): readonly string[] {
  const { stdout, stderr } = spawnSync(shell[0] as string, shell.slice(1), {
    input: preamble('runbook-test').text + program(questions, MARK),
    env: { PATH: process.env.PATH, HOME: '/root' },
    maxBuffer: 1 << 28,
  });
  const answers: string[] = [];
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  const parser = createBatchParser(MARK, {
    onAnswer(_, { status, stdout: out, stderr: error, parts }) {
      // Of facts only which there are: how long the machine is up is another one a moment later.
      const told = [...parts].map(([name, bytes]) => (parts.has('date') ? name : `${name}: ${text(bytes)}`));
      answers.push([String(status), text(out), text(error), ...told].join('\n'));
    },
  });
  parser.stdout(stdout);
  parser.stderr(stderr);
  return answers;
}
