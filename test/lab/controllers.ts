import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Lab } from './lab.ts';
import { withLock } from './lock.ts';
import { type Finished, must, type RunOptions, run } from './process.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

let program: Promise<string> | undefined;

/**
 * The built program; built anew if a source is newer. A process has a copy of its own, so that a build in another
 * terminal does not take the parts away that it has yet to load.
 */
export function builtProgram(): Promise<string> {
  program ??= copyOfBuild();
  return program;
}

async function copyOfBuild(): Promise<string> {
  const copy = join(REPOSITORY, 'node_modules/.cache/runbook-test', String(process.pid), 'dist');
  process.on('exit', () => rmSync(dirname(copy), { recursive: true, force: true }));
  await withLock(join(REPOSITORY, 'node_modules'), async () => {
    if (isStale()) await must([process.execPath, join(REPOSITORY, 'scripts/build.mjs')]);
    cpSync(join(REPOSITORY, 'dist'), copy, { recursive: true });
  });
  return join(copy, 'cli.js');
}

function isStale(): boolean {
  const sources = ['engine', 'modules', 'scripts/build.mjs', 'package-lock.json'].map((name) => join(REPOSITORY, name));
  const built = statSync(join(REPOSITORY, 'dist/cli.js'), { throwIfNoEntry: false });
  return built === undefined || built.mtimeMs < Math.max(...sources.map(newestBelow));
}

/** A program with its environment and folder: nothing of whoever runs the tests comes along. */
export interface Command {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** `runbook ARGS`, in the folder `work`. */
export async function runbookCommand(work: string, args: readonly string[]): Promise<Command> {
  return { argv: [process.execPath, await builtProgram(), ...args], env: emptyEnvironment(work), cwd: work };
}

/** `ansible-playbook ARGS`: pipelining on, and one persistent connection a host. */
export function ansibleCommand(lab: Lab, work: string, args: readonly string[]): Command {
  const config = join(work, 'ansible.cfg');
  if (!existsSync(config)) writeFileSync(config, ansibleConfiguration(lab, work));
  const env = { ...emptyEnvironment(work), ANSIBLE_CONFIG: config, ANSIBLE_HOME: join(work, 'ansible') };
  return { argv: ['ansible-playbook', ...args], env, cwd: work };
}

export function runCommand({ argv, env, cwd }: Command, options: RunOptions = {}): Promise<Finished> {
  return run(argv, { cwd, timeoutMs: 600_000, ...options, env: { ...env, ...options.env } });
}

function ansibleConfiguration(lab: Lab, work: string): string {
  return `[defaults]
local_tmp = ${join(work, 'ansible/tmp')}
host_key_checking = True
retry_files_enabled = False
nocows = True
nocolor = True
collections_path = /usr/lib/python3/dist-packages
[ssh_connection]
pipelining = True
ssh_args = -F none -C -o ControlMaster=auto -o ControlPersist=60s -o IdentityAgent=none
control_path = ${join(lab.record.dir, 'sockets')}/%%C
`;
}

function emptyEnvironment(work: string): NodeJS.ProcessEnv {
  const home = join(work, 'home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8' };
}

function newestBelow(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestBelow(join(path, name))));
}
