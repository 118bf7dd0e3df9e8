import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { error, fail, ok, type Result, warning } from '../language/diagnostics.ts';
import { type ConfigBlock, readConfigBlocks } from './ssh_config_file.ts';

/** Options by their name in lower case, each with the values it was given. */
export type SshSettings = ReadonlyMap<string, readonly string[]>;

export interface SshQuery {
  /** As ssh(1) would be told it. */
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** `-F`: instead of the user's and the system's files; `none`: no file at all. */
  readonly configFile?: string | undefined;
}

export interface SshConfig {
  /** What ssh_config(5) says about a host; empty where no block of it concerns the host. */
  settingsFor(query: SshQuery): Promise<Result<SshSettings>>;
}

export interface SshConfigFiles {
  readonly home: string;
  readonly userFile: string;
  /** ssh finds the user's file by itself. */
  readonly userFileIsDefault: boolean;
  readonly systemFile: string;
  /** The ssh(1) to ask. */
  readonly program: string;
  /** How long it may take: a `Match exec` may hang. */
  readonly timeoutMs: number;
}

/** Processes at a time: each takes a core for about 30 ms. */
const PARALLEL = 4;
const NOTHING: SshSettings = new Map();

/**
 * ssh_config(5) as ssh(1) understands it: `ssh -G HOST` is asked, but only for hosts that a block concerns which
 * sets something of interest, and once for all hosts that get the same answer. Without such a block no process
 * starts; the files are read when the first host is asked for.
 */
export function openSshConfig(files: SshConfigFiles): SshConfig {
  const blocksOf = new Map<string, readonly ConfigBlock[]>();
  const answers = new Map<string, Promise<Result<SshSettings>>>();
  const run = limited(PARALLEL);

  function blocks(configFile: string | undefined): readonly ConfigBlock[] {
    const key = configFile ?? '';
    let known = blocksOf.get(key);
    if (known === undefined) {
      known = readBlocks(files, configFile);
      blocksOf.set(key, known);
    }
    return known;
  }

  return {
    async settingsFor(query) {
      const indices: number[] = [];
      const keys = new Set<string>();
      let varies = false;
      blocks(query.configFile).forEach((block, index) => {
        if (!block.concerns(query.host)) return;
        indices.push(index);
        for (const key of block.keys) keys.add(key);
        varies ||= block.varies;
      });
      if (indices.length === 0) return ok(NOTHING);
      const key = JSON.stringify([indices, query.user, query.port, query.configFile, varies ? query.host : '']);
      let answer = answers.get(key);
      if (answer === undefined) {
        answer = run(() => askSsh(files, query, keys));
        answers.set(key, answer);
      }
      return answer;
    },
  };
}

function readBlocks(files: SshConfigFiles, configFile: string | undefined): readonly ConfigBlock[] {
  if (configFile === 'none') return [];
  const userDirectory = dirname(files.userFile);
  if (configFile !== undefined) return readConfigBlocks(configFile, userDirectory, files.home);
  return [
    ...readConfigBlocks(files.userFile, userDirectory, files.home),
    ...readConfigBlocks(files.systemFile, dirname(files.systemFile), files.home),
  ];
}

function askSsh(files: SshConfigFiles, query: SshQuery, keys: ReadonlySet<string>): Promise<Result<SshSettings>> {
  const configFile = query.configFile ?? (files.userFileIsDefault ? undefined : files.userFile);
  const args = [
    '-G',
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(query.user === undefined ? [] : ['-l', query.user]),
    ...(query.port === undefined ? [] : ['-p', String(query.port)]),
    '--',
    query.host,
  ];
  return new Promise((resolve) => {
    const options = { timeout: files.timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1024 * 1024 } as const;
    const child = execFile(files.program, args, options, (failure, stdout, stderr) => {
      if (failure === null) resolve(ok(parseSettings(stdout, keys)));
      else resolve(explain(failure, stderr, files, query.host));
    });
    child.stdin?.end();
  });
}

function explain(
  failure: Error & { code?: unknown; killed?: boolean },
  stderr: string,
  files: SshConfigFiles,
  host: string,
): Result<SshSettings> {
  if (failure.code === 'ENOENT') {
    const message = `ssh_config may say how to reach \`${host}\`, but there is no \`ssh\` to ask: it is not considered`;
    return ok(NOTHING, [warning('inventory', message, undefined, 'Install openssh-client.')]);
  }
  const said = stderr
    .trim()
    .split('\n')
    .filter((line) => !/^Pseudo-terminal/.test(line))
    .at(-1);
  const why =
    failure.killed === true ? `\`ssh -G\` did not answer within ${files.timeoutMs / 1000} s` : (said ?? 'no reason');
  const hint = `Try it: \`ssh -G ${host}\`.`;
  return fail(error('inventory', `ssh could not read its configuration for \`${host}\`: ${why}`, undefined, hint));
}

/** Takes the output of `ssh -G` apart. It tells ssh's defaults too: only what a block sets is of interest. */
function parseSettings(output: string, keys: ReadonlySet<string>): SshSettings {
  const settings = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const blank = line.indexOf(' ');
    const key = line.slice(0, Math.max(blank, 0)).toLowerCase();
    if (!keys.has(key)) continue;
    const value = line.slice(blank + 1).trimEnd();
    const values = settings.get(key);
    if (values === undefined) settings.set(key, [value]);
    else values.push(value);
  }
  return settings;
}

/** Runs jobs, so many at a time; one that ends hands its place to the next. */
function limited(most: number) {
  let free = most;
  const waiting: (() => void)[] = [];
  return async <T>(job: () => Promise<T>): Promise<T> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
