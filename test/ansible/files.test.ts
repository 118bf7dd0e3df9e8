import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse, stringify } from 'yaml';
import type { ValueMap } from '../../engine/language/values.ts';
import type { Module } from '../../engine/planning/contracts.ts';
import { blockinfile } from '../../modules/files/blockinfile.ts';
import { copy } from '../../modules/files/copy.ts';
import { file } from '../../modules/files/file.ts';
import { lineinfile } from '../../modules/files/lineinfile.ts';
import { replace } from '../../modules/files/replace.ts';
import { stat } from '../../modules/files/stat.ts';
import { template } from '../../modules/files/template.ts';
import type { Case } from '../cases/driver.ts';
import { type Applied, applyModule } from './real_host.ts';
import { runAlone, type TheirResult } from './run_modules.ts';

/**
 * The cases of the file modules once more, this time for real: by ansible-playbook in one directory, by our modules
 * in another that began the same. Both must end the same, in content, mode, owner and what is told of it.
 */
const MODULES: readonly Module<never>[] = [blockinfile, copy, file, lineinfile, replace, stat, template];

/** Where we mean to differ, and why. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  ['lineinfile: adds after a last line that has no end', 'Ansible glues the new line to it'],
  ['blockinfile: a file that is not there has no such block', 'Ansible fails'],
  ['blockinfile: a file that has no such block stays as it is, to the last byte', 'Ansible adds a line end'],
  ['blockinfile: a marker without {mark} cannot find the block again', 'Ansible adds the block again each time'],
  ['blockinfile: a marker is one line', 'Ansible adds the block again each time'],
  ['blockinfile: keeps empty lines around the block', 'newer than the Ansible that it is compared with'],
  ['replace: each pattern is one of its own', 'Ansible takes them together'],
  ['replace: what cannot be written in the encoding is an error', 'Ansible writes question marks'],
  ['copy: a device is not replaced', 'Ansible replaces it'],
  ['copy: content has no mode to preserve', 'Ansible takes that of its temporary file'],
  ['copy: copies a directory of the host', 'Ansible leaves the mode of what is the same'],
  ['copy: only what is in it', 'Ansible gives the mode to the directory'],
  ['copy: a fifo is not copied', 'Ansible hangs on it'],
  ['copy: a directory where a file goes is an error', 'Ansible puts it in there'],
  ['copy: a relative destination is an error', 'Ansible takes it from the home directory'],
  ['stat: a relative path is an error', 'Ansible takes it from the home directory'],
  ['lineinfile: a relative path is an error that says what to write', 'Ansible takes it from the home directory'],
  ['file: an empty path is an error', 'Ansible takes it for the current directory'],
  ['file: sets what links below lead to', 'Ansible runs in circles'],
]);

interface Trial {
  readonly name: string;
  readonly module: Module<never>;
  readonly one: Case;
}

const USERS: Readonly<Record<string, string>> = { app: 'daemon', ops: 'adm' };

let root = '';
let theirs: readonly TheirResult[] = [];
const trials: readonly Trial[] = MODULES.flatMap(trialsOf).filter(isReal);

function trialsOf(module: Module<never>): readonly Trial[] {
  const text = fs.readFileSync(new URL(`../cases/${module.name}.yml`, import.meta.url), 'utf8');
  return (parse(text) as Case[]).map((one) => ({ name: `${module.name}: ${one.name}`, module, one }));
}

/** What can be made on a disk, for root. */
function isReal({ name, one }: Trial): boolean {
  const shorts = Object.entries(one.state ?? {});
  return (
    !DIFFERENT.has(name) &&
    one.user === undefined &&
    !('setype' in one.params) &&
    !/flags|attr/.test(Object.keys(one.params).join()) &&
    !JSON.stringify(one.params).includes('"//"') &&
    shorts.every(
      ([key, short]) => key.startsWith('path:') && !/"(error|sha256|inode|flags)":/.test(JSON.stringify(short)),
    )
  );
}

before(() => {
  process.umask(0o022);
  root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'rb-ansible-')));
  trials.forEach(({ one }, i) => {
    for (const side of ['theirs', 'ours']) makeState(join(root, side, String(i)), one);
    makeLocal(join(root, 'local', String(i)), one);
  });
  theirs = runAnsible();
});
after(() => fs.rmSync(root, { recursive: true, force: true }));

function makeState(top: string, one: Case): void {
  fs.mkdirSync(top, { recursive: true });
  const entries = Object.entries(one.state ?? {}).map(([key, short]) => [key.slice('path:'.length), short] as const);
  for (const [id, short] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const at = join(top, id);
    fs.mkdirSync(dirname(at), { recursive: true });
    if (short !== null) make(at, top, short as Short);
  }
}

interface Short {
  readonly kind?: string;
  readonly text?: string;
  readonly base64?: string;
  readonly target?: string;
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly modified?: string;
}

function make(at: string, top: string, short: Short): void {
  if (short.target !== undefined)
    fs.symlinkSync(short.target.startsWith('/') ? join(top, short.target) : short.target, at);
  else if (short.kind === 'directory') fs.mkdirSync(at, { recursive: true });
  else if (short.kind === 'other') spawnSync('mkfifo', [at]);
  else fs.writeFileSync(at, short.base64 === undefined ? (short.text ?? '') : Buffer.from(short.base64, 'base64'));
  spawnSync('chown', ['-h', `${named(short.owner ?? 'root')}:${named(short.group ?? 'root')}`, at]);
  if (short.target === undefined && short.mode !== undefined) spawnSync('chmod', [short.mode.padStart(5, '0'), at]);
  if (short.modified !== undefined) spawnSync('touch', ['-d', short.modified.replace(/ [+-]\d+$/, ''), at]);
}

function named(name: string): string {
  return USERS[name] ?? name;
}

function makeLocal(top: string, one: Case): void {
  for (const [path, short] of Object.entries(one.local ?? {})) {
    const at = join(top, path);
    fs.mkdirSync(path.endsWith('/') ? at : dirname(at), { recursive: true });
    if (path.endsWith('/')) continue;
    const { text, base64, mode, link } = (typeof short === 'string' ? { text: short } : short) as Short & {
      link?: string;
    };
    if (link !== undefined) fs.symlinkSync(link, at);
    else fs.writeFileSync(at, base64 === undefined ? (text ?? '') : Buffer.from(base64, 'base64'));
    if (mode !== undefined) fs.chmodSync(at, Number.parseInt(mode, 8));
  }
}

/** The case's parameters, moved into a directory of its own. */
function paramsFor(trial: Trial, side: string, i: number): Record<string, unknown> {
  const { one } = trial;
  const top = join(root, side, String(i));
  const moved = Object.entries(one.params).map(([name, value]): [string, unknown] => {
    if (typeof value !== 'string') return [name, value];
    if (name === 'owner' || name === 'group') return [name, value === '1000' ? '1' : named(value)];
    if (name === 'validate') return [name, value.includes('%s') ? 'test -f %s' : value];
    const onHost =
      /^(path|dest|destfile|name)$/.test(name) ||
      (name === 'src' && (trial.module.name === 'file' || one.params.remote_src === true));
    if (onHost) return [name, value.startsWith('/') ? top + value : value];
    if (name === 'src')
      return [
        name,
        join(root, 'local', String(i), value) + (value.endsWith('/') && !join(value).endsWith('/') ? '/' : ''),
      ];
    return [name, value];
  });
  return Object.fromEntries(moved);
}

/** Modules alone where they do all the work; copy and template are half done by the playbook, which is slow. */
function runAnsible(): readonly TheirResult[] {
  const indexed = trials.map((trial, i) => ({ trial, i, params: paramsFor(trial, 'theirs', i) }));
  const inPlaybook = ({ trial }: { readonly trial: Trial }) => /copy|template/.test(trial.module.name);
  const results: TheirResult[] = [];
  const alone = indexed.filter((one) => !inPlaybook(one));
  runModules(alone).forEach((told, k) => {
    results[(alone[k] as Indexed).i] = told;
  });
  const played = indexed.filter(inPlaybook);
  runPlaybook(played).forEach((told, k) => {
    results[(played[k] as Indexed).i] = told;
  });
  return results;
}

interface Indexed {
  readonly trial: Trial;
  readonly i: number;
  readonly params: Record<string, unknown>;
}

function runModules(all: readonly Indexed[]): readonly TheirResult[] {
  return runAlone(all.map(({ trial, params }) => [trial.module.name, params]));
}

function runPlaybook(all: readonly Indexed[]): readonly TheirResult[] {
  const tasks = all.map(({ trial, params }) => ({
    name: trial.name.replaceAll(/[{}]/g, ''),
    [trial.module.name]: escapeTemplates(params),
    ...(trial.one.vars !== undefined && { vars: trial.one.vars }),
    ignore_errors: true,
  }));
  const vars = { ansible_python_interpreter: '/usr/bin/python3', ansible_pipelining: true };
  const play = [{ hosts: 'localhost', connection: 'local', gather_facts: false, vars, tasks }];
  const book = join(root, 'play.yml');
  fs.writeFileSync(book, stringify(play, { version: '1.1' }));
  const settings = {
    ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
    ANSIBLE_LOCALHOST_WARNING: 'false',
    ANSIBLE_NOCOLOR: '1',
  };
  const ran = spawnSync('ansible-playbook', ['-i', 'localhost,', book], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...settings, LC_ALL: 'C.UTF-8' },
  });
  if (ran.error !== undefined) throw ran.error;
  const report = JSON.parse(ran.stdout.slice(ran.stdout.indexOf('{'))) as {
    plays: { tasks: { hosts: Record<string, TheirResult> }[] }[];
  };
  const results = (report.plays[0]?.tasks ?? []).map((task) => task.hosts.localhost as TheirResult);
  assert.equal(results.length, all.length, ran.stderr);
  return results;
}

/** What is data to us would be a template to Ansible. */
function escapeTemplates(value: unknown): unknown {
  if (typeof value === 'string') return /\{[{%#]/.test(value) ? `{% raw %}${value}{% endraw %}` : value;
  if (Array.isArray(value)) return value.map(escapeTemplates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escapeTemplates(inner)]));
}

describe('the file modules and those of Ansible', () => {
  for (const [i, trial] of trials.entries()) {
    it(trial.name, () => {
      const their = theirs[i] as TheirResult;
      const our = applyModule(trial.module, paramsFor(trial, 'ours', i), (trial.one.vars ?? {}) as ValueMap);
      assert.equal(
        our.failed !== undefined,
        their.failed === true,
        `ours: ${our.failed}; theirs: ${String(their.msg)}`,
      );
      assert.deepEqual(snapshot('ours', i), snapshot('theirs', i));
      if (our.failed !== undefined) return;
      assert.equal(our.changed, their.changed, `changed; theirs: ${JSON.stringify(their)}`);
      compareResults(our, their, i);
      assert.ok(our.looks <= 4, `${our.looks} looks`);
    });
  }
});

function snapshot(side: string, i: number): Record<string, unknown> {
  const top = join(root, side, String(i));
  const entries = fs.readdirSync(top, { recursive: true, encoding: 'utf8' }).sort();
  const told = entries.map((entry) => {
    const at = join(top, entry);
    const { mode, uid, gid, nlink } = fs.lstatSync(at);
    const kind = mode & 0o170000;
    const link = kind === 0o120000 ? fs.readlinkSync(at).replace(top, '') : undefined;
    const text = kind === 0o100000 ? fs.readFileSync(at, 'latin1') : undefined;
    // The names of backups hold a process id and a time.
    return [
      entry.replace(/\.\d+\.\d{4}-\d\d-\d\d@.*~$/, '.BACKUP'),
      { mode: link === undefined ? mode : kind, uid, gid, link, text, ...(text !== undefined && { nlink }) },
    ];
  });
  return Object.fromEntries(told);
}

const COMPARED = [
  'state',
  'mode',
  'owner',
  'group',
  'uid',
  'gid',
  'size',
  'checksum',
  'md5sum',
  'msg',
  'found',
  'dest',
  'path',
  'rc',
  'stat',
];
const VOLATILE = new Set([
  'inode',
  'ctime',
  'mtime',
  'atime',
  'dev',
  'version',
  'blocks',
  'attributes',
  'attr_flags',
  'mimetype',
  'charset',
]);

/** What both tell must be the same. */
function compareResults(our: Applied, their: TheirResult, i: number): void {
  const clean = (value: unknown, side: string): unknown => {
    if (typeof value === 'string') return value.replaceAll(join(root, side, String(i)), '').replace(/\/$/, '');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !VOLATILE.has(key))
        .map(([key, inner]) => [key, clean(inner, side)]),
    );
  };
  for (const key of COMPARED) {
    if (!(key in our.result) || !(key in their)) continue;
    assert.deepEqual(clean(our.result[key], 'ours'), clean(their[key], 'theirs'), key);
  }
}
