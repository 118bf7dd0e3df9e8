import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Change } from '../../engine/planning/contracts.ts';
import { secrets, secretsType } from '../../engine/resources/secrets.ts';
import type { SecretsValue } from '../../engine/resources/secrets_value.ts';
import { type Sh, sh } from '../../engine/transport/sh.ts';
import { runProgram, SHELLS, type ShellName } from './local_shell.ts';

let dir = '';
let file = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rb-secrets-'));
  file = join(dir, "it's .env");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const TEMPLATE =
  'A=1\nKEY=@{KEY}\nOLD=@{KEY.previous}\nURL=x://@{USER}:@{PASS}@h/@{\n# @{not one}\n\ttab @{KEY}@{PASS}\n';

function wanted(versions: { key: number; pass: number; turn: string; previous?: number }): SecretsValue {
  const { key, pass, turn, previous } = versions;
  return {
    mode: 0o600,
    template: TEMPLATE,
    file: 'whole',
    unfinished: false,
    entries: {
      KEY: { version: key, ...(previous !== undefined && { previous: { version: previous } }) },
      PASS: { version: pass, turn: { name: 'USER', value: turn } },
    },
  };
}

const OPTIONS = { 'draw KEY': 'hex 32', 'draw PASS': 'chars 40 abcXYZ-]\\' };

function look(shell: ShellName = 'dash'): SecretsValue | null {
  const ref = secrets(file);
  const [seen] = secretsType.parse(runProgram(secretsType.collect([ref]), shell), [ref]);
  assert.ok(seen !== undefined && 'value' in seen, JSON.stringify(seen));
  return seen.value as SecretsValue | null;
}

function make(after: SecretsValue | null, more: Readonly<Record<string, string>> = {}, shell: ShellName = 'dash') {
  const change: Change<SecretsValue> = { ref: secrets(file), before: look(), after, options: { ...OPTIONS, ...more } };
  return runProgram(secretsType.transition([change]), shell);
}

const read = () => readFileSync(file, 'utf8');
const keyOf = (text: string) => /^KEY=(.*)$/m.exec(text)?.[1] as string;
const fill = (key: string, old: string, user: string, pass: string) =>
  `A=1\nKEY=${key}\nOLD=${old}\nURL=x://${user}:${pass}@h/@{\n# @{not one}\n\ttab ${key}${pass}\n`;
const passOf = (text: string) => /^URL=x:\/\/[a-z]+:(.*)@h/m.exec(text)?.[1] as string;

for (const shell of SHELLS) {
  describe(`a file with secrets, in ${shell}`, () => {
    it('comes to be, is known without its secrets, and is the same when nothing is to be drawn', () => {
      assert.equal(look(shell), null);
      const after = wanted({ key: 1, pass: 1, turn: 'blue' });
      const made = make(after, {}, shell);
      assert.equal(made.status, 0, Buffer.from(made.stderr).toString());
      const text = read();
      assert.match(keyOf(text), /^[0-9a-f]{64}$/);
      assert.match(passOf(text), /^[abcXYZ\]\\-]{40}$/);
      assert.equal(text, fill(keyOf(text), '', 'blue', passOf(text)));
      for (const name of [file, `${file}.secrets`]) assert.equal(statSync(name).mode & 0o777, 0o600);
      assert.deepEqual(readdirSync(dir).sort(), ["it's .env", "it's .env.secrets"]);
      const seen = look(shell);
      assert.ok(secretsType.same?.(seen, after), JSON.stringify(seen));
      const told = Buffer.from(runProgram(secretsType.collect([secrets(file)]), shell).stdout).toString();
      const all = JSON.stringify(seen) + told + JSON.stringify([...made.parts]) + Buffer.from(made.stderr);
      for (const secret of [keyOf(text), passOf(text)]) assert.ok(!all.includes(secret));
      assert.equal(make({ ...after, mode: 0o640 }, {}, shell).status, 0);
      assert.equal(read(), text);
      assert.equal(statSync(file).mode & 0o777, 0o640);
    });

    it('has a new value and still the old one, and then no more', () => {
      make(wanted({ key: 1, pass: 1, turn: 'blue' }), {}, shell);
      const first = read();
      const made = make(wanted({ key: 2, pass: 2, turn: 'green', previous: 1 }), {}, shell);
      assert.equal(made.status, 0, Buffer.from(made.stderr).toString());
      const second = read();
      assert.equal(second, fill(keyOf(second), keyOf(first), 'green', passOf(second)));
      assert.notEqual(keyOf(second), keyOf(first));
      assert.equal(look(shell)?.entries.KEY?.previous?.version, 1);
      assert.equal(make(wanted({ key: 2, pass: 2, turn: 'green' }), {}, shell).status, 0);
      assert.equal(read(), fill(keyOf(second), '', 'green', passOf(second)));
      assert.ok(!readFileSync(`${file}.secrets`, 'utf8').includes(keyOf(first)));
    });

    it('takes over what a file has', () => {
      writeFileSync(file, "export KEY=\"it's $x `y` \\n &\"\nPASS='p w'\nUSER=prod\nEMPTY=\nother\n", { mode: 0o644 });
      const before = look(shell);
      assert.deepEqual(before?.foreign, ['KEY', 'PASS', 'USER']);
      const after: SecretsValue = {
        ...wanted({ key: 1, pass: 1, turn: '' }),
        entries: { KEY: { version: 1, adopted: true }, PASS: { version: 1, adopted: true, turn: { name: 'USER' } } },
      };
      const made = make(after, {}, shell);
      assert.equal(made.status, 0, Buffer.from(made.stderr).toString());
      assert.equal(read(), fill("it's $x `y` \\n &", '', 'prod', 'p w'));
      assert.equal(look(shell)?.entries.PASS?.turn?.value, 'prod');
      assert.ok(secretsType.same?.(look(shell), after));
    });
  });
}

describe('a file with secrets', () => {
  it('is known to be edited by hand, and is set right', () => {
    const after = wanted({ key: 1, pass: 1, turn: 'blue' });
    make(after);
    const text = read();
    writeFileSync(file, `${text}MORE=1\n`);
    assert.equal(look()?.file, 'edited');
    make(after);
    assert.equal(read(), text);
    rmSync(file);
    assert.equal(look()?.file, 'missing');
    make(after);
    assert.equal(read(), text);
  });

  it('stays as it is where new values cannot be made valid; the next run goes on with the same', () => {
    make(wanted({ key: 1, pass: 1, turn: 'blue' }));
    const text = read();
    const seen = join(dir, 'seen');
    const next = wanted({ key: 2, pass: 2, turn: 'green' });
    const failed = make(next, { activate: `sh -c 'cp "$1" "$2"; exit 1' - %s ${seen}` });
    assert.notEqual(failed.status, 0);
    assert.match(Buffer.from(failed.stderr).toString(), /could not be made valid/);
    assert.equal(read(), text);
    assert.equal(look()?.unfinished, true);
    assert.equal(make(next, { activate: 'test -f %s' }).status, 0);
    assert.equal(read(), readFileSync(seen, 'utf8'));
    assert.equal(look()?.unfinished, false);
  });

  it('is whole at every instant, and killed anywhere it is gone on with by the next run', () => {
    const next = wanted({ key: 2, pass: 2, turn: 'green', previous: 1 });
    let step = 1;
    for (let killed = true; killed; step++) {
      rmSync(dir, { recursive: true });
      dir = mkdtempSync(join(tmpdir(), 'rb-secrets-'));
      file = join(dir, "it's .env");
      make(wanted({ key: 1, pass: 1, turn: 'blue' }));
      const first = read();
      const active = join(dir, 'active');
      const options = { ...OPTIONS, activate: `cp %s ${active}` };
      const change: Change<SecretsValue> = { ref: secrets(file), before: look(), after: next, options };
      const ran = runProgram(killedAt(step, secretsType.transition([change])));
      killed = ran.status !== 0;
      const after = read();
      const valid = existsSync(active) ? [first, readFileSync(active, 'utf8')] : [first];
      assert.ok(valid.includes(after), `killed at step ${step}, the file is one that is valid`);
      const again = make(next, { activate: `cp %s ${active}` });
      assert.equal(again.status, 0, Buffer.from(again.stderr).toString());
      assert.ok(secretsType.same?.(look(), next));
      const last = read();
      assert.equal(last, readFileSync(active, 'utf8'));
      if (valid.length > 1) assert.equal(last, valid[1], `killed at step ${step}: what was made valid stays so`);
      assert.ok(step < 40);
    }
    assert.ok(step > 7, 'it was killed at several steps');
  });

  it('is not read through what others may have put in its place', () => {
    const other = join(dir, 'other');
    writeFileSync(other, 's\tKEY\t1\t1\tx\ne\n');
    const ref = secrets(file);
    assert.equal(runProgram(sh`ln -s ${other} ${`${file}.secrets`}`).status, 0);
    const [seen] = secretsType.parse(runProgram(secretsType.collect([ref])), [ref]);
    assert.match(JSON.stringify(seen), /is not a file of the user/);
    assert.notEqual(
      runProgram(
        secretsType.transition([
          { ref, before: null, after: wanted({ key: 1, pass: 1, turn: 'b' }), options: OPTIONS },
        ]),
      ).status,
      0,
    );
    assert.ok(!existsSync(file));
  });
});

/** The program, whose shell is killed before the nth of the tools that change something. */
function killedAt(step: number, program: Sh): Sh {
  return sh`rb_count=0
rb_tick() { rb_count=$((rb_count + 1)); if [ "$rb_count" -ge ${step} ]; then kill -9 "$(exec sh -c 'echo $PPID')"; fi; }
mv() { rb_tick; command mv "$@"; }
sync() { rb_tick; command sync "$@"; }
chmod() { rb_tick; command chmod "$@"; }
cp() { rb_tick; command cp "$@"; }
${program}`;
}
