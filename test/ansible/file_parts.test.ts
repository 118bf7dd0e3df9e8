import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import fc from 'fast-check';
import type { Value } from '../../engine/language/values.ts';
import { resolveMode } from '../../modules/files/mode.ts';
import { pythonJson } from '../../modules/files/python_json.ts';
import { decodeEscaped, encodeEscaped } from '../../modules/files/python_text.ts';
import { parseTime } from '../../modules/files/python_time.ts';

/** Runs a function `f` of Python on each item. */
function python<T>(definition: string, items: readonly unknown[]): readonly T[] {
  const script = `import json, os, sys, time
${definition}
json.dump([f(x) for x in json.load(sys.stdin)], sys.stdout)`;
  const ran = spawnSync('/usr/bin/python3', ['-c', script], {
    input: JSON.stringify(items),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.equal(ran.status, 0, ran.stderr);
  return JSON.parse(ran.stdout) as readonly T[];
}

it('reads modes as Ansible does', () => {
  const who = fc.constantFrom('', 'u', 'g', 'o', 'a', 'ug', 'go', 'ugo');
  const letters = fc.constantFrom('', 'r', 'w', 'x', 'X', 's', 't', 'rw', 'rX', 'rwx', 'u', 'g', 'o', 'rws');
  const action = fc.tuple(fc.constantFrom('+', '-', '='), letters).map((a) => a.join(''));
  const clause = fc.tuple(who, fc.array(action, { minLength: 1, maxLength: 2 })).map(([w, a]) => w + a.join(''));
  const mode = fc.array(clause, { minLength: 1, maxLength: 3 }).map((c) => c.join(','));
  const cases = fc.sample(fc.tuple(mode, fc.integer({ min: 0, max: 0o7777 }), fc.boolean()), {
    numRuns: 1500,
    seed: 3,
  });
  const theirs = python<number | null>(
    `from ansible.module_utils.basic import AnsibleModule
os.umask(0o022)
class S: pass
def f(x):
    s = S(); s.st_mode = x[1] | (0o040000 if x[2] else 0o100000)
    try: return AnsibleModule._symbolic_mode_to_octal(s, x[0])
    except ValueError: return None`,
    cases,
  );
  cases.forEach(([text, current, directory], i) => {
    const ours = resolveMode(text, current, directory);
    assert.equal(ours.ok ? ours.mode : null, theirs[i], JSON.stringify([text, current.toString(8), directory]));
  });
});

it('reads times as Python does', () => {
  const cases = [
    ['202401020304.05', '%Y%m%d%H%M.%S'],
    ['2024-1-2 3:4:5', '%Y-%m-%d %H:%M:%S'],
    ['24/12/31', '%y/%m/%d'],
    ['70 001', '%y %j'],
    ['2024 366', '%Y %j'],
    ['3 Feb 1999', '%d %b %Y'],
    ['3 February 1999 12:30 AM', '%d %B %Y %I:%M %p'],
    ['1 PM', '%I %p'],
    ['100%', '100%%'],
    ['2023-02-29', '%Y-%m-%d'],
    ['2023-13-01', '%Y-%m-%d'],
    ['now', '%Y'],
    ['2024   5', '%Y %m'],
    ['', '%Y'],
    ['3 Foo 1999', '%d %b %Y'],
  ] as const;
  const theirs = python<string | null>(
    `def f(x):
    try: return time.strftime('%Y-%m-%d %H:%M:%S', time.strptime(*x))
    except ValueError: return None`,
    cases,
  );
  cases.forEach(([text, format], i) => {
    const ours = parseTime(text, format);
    assert.equal(ours.ok ? ours.time : null, theirs[i], `${text} as ${format}`);
  });
  assert.match(JSON.stringify(parseTime('x', '%Q')), /not supported/);
});

it('writes JSON as Python does', () => {
  const values = fc
    .sample(fc.jsonValue({ noUnicodeString: false }), { numRuns: 300, seed: 5 })
    .filter((v) => !/\d[eE.]|-0/.test(JSON.stringify(v)));
  const theirs = python<string>('def f(x): return json.dumps(x)', values);
  values.forEach((value, i) => {
    assert.equal(pythonJson(value as Value), theirs[i]);
  });
});

it('keeps bytes that are not UTF-8', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      assert.deepEqual(encodeEscaped(decodeEscaped(bytes)), Buffer.from(bytes));
    }),
    { numRuns: 500 },
  );
  const cases = fc
    .sample(fc.uint8Array({ maxLength: 12 }), { numRuns: 500, seed: 9 })
    .map((b) => Buffer.from(b).toString('hex'));
  const theirs = python<number[]>(
    `def f(x): return [ord(c) for c in bytes.fromhex(x).decode('utf-8', 'surrogateescape')]`,
    cases,
  );
  cases.forEach((hex, i) => {
    assert.deepEqual(
      Array.from(decodeEscaped(Buffer.from(hex, 'hex')), (c) => c.codePointAt(0)),
      theirs[i],
      hex,
    );
  });
});
