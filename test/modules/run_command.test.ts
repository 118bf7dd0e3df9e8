// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell variables are what the tests are about
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { AnyModule, Module } from '../../engine/planning/contracts.ts';
import { sh } from '../../engine/transport/sh.ts';
import { command } from '../../modules/commands/command.ts';
import { raw } from '../../modules/commands/raw.ts';
import { shell } from '../../modules/commands/shell.ts';
import { bindParams } from '../cases/params.ts';
import { fakeView } from '../cases/view.ts';
import { runProgram, SHELLS, type ShellName } from '../resources/local_shell.ts';
import { shellcheck } from '../resources/programs.ts';

/** The module's action, run on this machine. */
function perform(module: AnyModule, given: Record<string, unknown>, by: ShellName = 'dash', before = sh``) {
  const { wants } = module as Module<never>;
  const view = fakeView({ name: '', params: {} }, new Map());
  const [step] = wants(bindParams(module, given) as never, view).steps;
  assert.ok(step?.kind === 'action');
  const answer = runProgram(sh`${before}\n${step.script}`, by);
  return { result: step.result(answer) as Record<string, unknown>, failed: step.failed?.(answer), script: step.script };
}

describe('running commands', () => {
  const root = mkdtempSync(join(tmpdir(), 'runbook-command-'));
  after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'a b'));

  for (const by of SHELLS) {
    it(`gives a program its words as they are, by ${by}`, () => {
      const argv = ['/usr/bin/printf', '[%s]', 'a  b', "it's", '$(reboot)', '*', '', '~', '\\', 'é\n', '-n', '${HOME'];
      const { result } = perform(command, { argv, expand_argument_vars: false }, by);
      assert.equal(result.stdout, "[a  b][it's][$(reboot)][*][][~][\\][é\n][-n][${HOME]");
      assert.deepEqual(result.cmd, argv);
    });

    it(`expands variables as Python does, by ${by}`, () => {
      const before = sh`export FOO='f o' HOME=/home/me EMPTY=`;
      const argv = [
        '/usr/bin/printf',
        '[%s]',
        '$FOO/x',
        '${FOO}$EMPTY',
        '$NOPE',
        '${NOPE}',
        '~',
        '~/x',
        'a~',
        '$IFS',
        '$rb_began',
        '$1',
        "'$FOO'",
      ];
      assert.equal(
        perform(command, { argv }, by, before).result.stdout,
        "[f o/x][f o][$NOPE][${NOPE}][/home/me][/home/me/x][a~][$IFS][$rb_began][$1]['f o']",
      );
    });

    it(`runs programs and no builtins of the shell, by ${by}`, () => {
      const { failed, result } = perform(command, { cmd: 'cd /' }, by);
      assert.equal(failed, 'there is no command `cd` on the host');
      assert.equal(result.rc, 127);
    });

    it(`runs a script by /bin/sh and by bash, by ${by}`, () => {
      const script = 'set -e\nx="a  b"\ncat <<END | tr a-z A-Z\n$x $0\nEND\nexit 3';
      const posix = perform(shell, { cmd: script }, by);
      assert.deepEqual(
        [posix.result.stdout, posix.result.rc, posix.failed],
        ['A  B /BIN/SH', 3, 'non-zero return code'],
      );
      const bash = perform(shell, { cmd: 'a=(x y); echo "${a[1]}" <(:) | cut -c1-6', executable: '/bin/bash' }, by);
      assert.match(String(bash.result.stdout), /^y \/dev/);
    });

    it(`keeps a script out of every argument list, by ${by}`, () => {
      const cmd = 'tr "\\0" "\\n" </proc/$$/cmdline; ls -l /proc/$$/fd | grep -c " 9 ->"; : s3cret';
      const lines = perform(shell, { cmd }, by).result.stdout_lines as string[];
      assert.deepEqual([lines[0], lines[1], lines.at(-1)], ['/bin/sh', '-c', '0']);
      assert.doesNotMatch(lines.join(' '), /s3cret/);
    });

    it(`runs scripts of any length, by ${by}`, () => {
      const cmd = `${'# a line that only makes it longer\n'.repeat(20_000)}echo done`;
      assert.equal(perform(shell, { cmd }, by).result.stdout, 'done');
    });

    it(`survives a script that is wrong, by ${by}`, () => {
      const { result, failed } = perform(shell, { cmd: 'if then; "' }, by);
      assert.equal(failed, 'non-zero return code');
      assert.notEqual(result.rc, 0);
      assert.equal(result.cmd, 'if then; "');
    });

    it(`lets a command read, by ${by}`, () => {
      assert.equal(
        perform(command, { cmd: 'cat', stdin: "it's\n$x", stdin_add_newline: true }, by).result.stdout,
        "it's\n$x",
      );
      assert.equal(
        perform(shell, { cmd: 'read -r line; printf "<%s>" "$line"', stdin: 'é\\n' }, by).result.stdout,
        '<é\\n>',
      );
      assert.equal(
        perform(command, { cmd: 'wc -c', stdin: 'x'.repeat(300_000), stdin_add_newline: false }, by).result.stdout,
        '300000',
      );
      assert.equal(perform(command, { cmd: 'true', stdin: 'x'.repeat(300_000) }, by).result.rc, 0);
      assert.equal(perform(command, { cmd: 'wc -c' }, by).result.stdout, '0');
    });

    it(`runs in a directory, by ${by}`, () => {
      assert.equal(perform(command, { cmd: 'pwd', chdir: join(root, 'a b') }, by).result.stdout, join(root, 'a b'));
      const { failed, result } = perform(command, { cmd: 'touch made', chdir: join(root, 'gone') }, by);
      assert.match(String(failed), /^Unable to change directory before execution: .*gone/);
      assert.equal(result.rc, 1);
    });
  }

  it('registers what Ansible registers', () => {
    const { result, failed } = perform(shell, { cmd: 'printf "a\\nb\\r\\nc\\n\\n"; echo oh >&2' });
    assert.equal(failed, undefined);
    const { start, end, delta, ...rest } = result;
    assert.deepEqual(rest, {
      cmd: 'printf "a\\nb\\r\\nc\\n\\n"; echo oh >&2',
      rc: 0,
      msg: '',
      stdout: 'a\nb\r\nc',
      stdout_lines: ['a', 'b', 'c'],
      stderr: 'oh',
      stderr_lines: ['oh'],
    });
    assert.match(String(start), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
    assert.match(String(end), /^\d{4}-/);
    assert.match(String(delta), /^0:00:0\d\.\d{6}$/);
  });

  it('keeps empty ends where it is told to, and makes something of every byte', () => {
    const { result } = perform(shell, { cmd: 'printf "\\357\\273\\277a\\000\\377\\n\\n"', strip_empty_ends: false });
    assert.equal(result.stdout, '\ufeffa\0\ufffd\n\n');
  });

  it('runs in the locale of the login and not of the transport', () => {
    assert.equal(perform(command, { cmd: 'printenv LC_ALL' }).result.rc, 1);
  });

  it('leaves nothing of the transport in the environment', () => {
    const { result } = perform(command, { cmd: 'env' });
    assert.doesNotMatch(String(result.stdout), /^rb_/m);
  });

  it('runs raw scripts', () => {
    assert.deepEqual(perform(raw, { cmd: 'echo a | tr a b' }).result.stdout_lines, ['b']);
  });

  it('writes what it is told, once', () => {
    perform(shell, { cmd: `echo line >>${join(root, 'log')}` });
    assert.equal(readFileSync(join(root, 'log'), 'utf8'), 'line\n');
  });

  it('writes programs that shellcheck passes', () => {
    const view = fakeView({ name: '', params: {} }, new Map());
    const script = (module: AnyModule, given: Record<string, unknown>) => {
      const [step] = (module as Module<never>).wants(bindParams(module, given) as never, view).steps;
      assert.ok(step?.kind === 'action');
      return step.script;
    };
    const findings = shellcheck({
      command: script(command, { cmd: "ls '$HOME' ~/x ~root/y ${A}", chdir: '/a b', stdin: 'x' }),
      shell: script(shell, { cmd: 'echo $x', executable: '/bin/bash' }),
    });
    assert.equal(findings, '');
  });
});
