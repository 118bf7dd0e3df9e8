import type { Command } from 'commander';
import { type VaultOptions, vaultOptions } from './vault_options.ts';

/** What the command line says, for the commands that run playbooks. */
export interface RunOptions extends VaultOptions {
  readonly inventory: readonly string[];
  readonly limit?: string;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly extraVars: readonly string[];
  readonly forks: number;
  readonly become?: true;
  readonly becomeUser?: string;
  readonly becomeMethod?: string;
  readonly askBecomePass?: true;
  readonly askPass?: true;
  readonly user?: string;
  readonly privateKey?: string;
  readonly connection?: string;
  readonly sshCommonArgs?: string;
  readonly timeout: number;
  readonly retries: number;
  readonly acceptNewHostKeys?: true;
  readonly verbose: number;
  readonly json?: true;
  /** Files to write reports to. */
  readonly report: readonly string[];
  readonly color?: 'always' | 'never' | 'auto';
  /** apply */
  readonly yes?: true;
  readonly check?: true;
  /** Seconds. */
  readonly lockTimeout: number;
  readonly keep: number;
  readonly guard: boolean;
  /** Seconds. */
  readonly guardTimeout: number;
  /** plan */
  readonly out?: string;
  /** Seconds that a saved plan holds. */
  readonly expires?: number;
  readonly detailedExitcode?: true;
  /** audit: the least that is a failure of the whole. */
  readonly failOn?: 'warn' | 'fail';
}

const several = (value: string, before: readonly string[]): readonly string[] => [...before, value];
const commas = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  ...value.split(',').map((tag) => tag.trim()),
];

/** Ansible's options under Ansible's names. */
export function runOptions(command: Command, wrong: (message: string) => never): Command {
  const whole = (name: string, least: number) => (value: string) => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < least)
      wrong(`${name} takes a whole number of at least ${least}, not \`${value}\``);
    return number;
  };
  const all = vaultOptions(command)
    .option(
      '-i, --inventory <path>',
      'inventory file, directory, or host list with commas (may be repeated)',
      several,
      [],
    )
    .option('-l, --limit <pattern>', 'only these of the hosts')
    .option('-t, --tags <tags>', 'only tasks with these tags', commas, [])
    .option('--skip-tags <tags>', 'no tasks with these tags', commas, [])
    .option('-e, --extra-vars <vars>', 'variables as k=v, JSON, YAML or @file (may be repeated)', several, [])
    .option('-f, --forks <n>', 'hosts at once', whole('--forks', 1), 20)
    .option('-b, --become', 'become another user')
    .option('--become-user <user>', 'whom to become (default: root)')
    .option('--become-method <method>', 'sudo or su')
    .option('-K, --ask-become-pass', 'ask for the become password')
    .option('-k, --ask-pass', 'ask for the SSH password')
    .option('-u, --user <user>', 'log in as this user')
    .option('--private-key <file>', 'log in with this key')
    .option('-c, --connection <kind>', 'ssh or local')
    .option('--ssh-common-args <args>', 'further ssh options, such as -o ProxyJump=...')
    .option('-T, --timeout <seconds>', 'for a connection to stand', whole('--timeout', 1), 10)
    .option('--retries <n>', 'how often to try again to reach a host, within that time', whole('--retries', 0), 2)
    .option('--accept-new-host-keys', 'trust hosts that are seen for the first time; a changed key is refused always')
    .option('-v, --verbose', 'say more (may be repeated)', (_, before: number) => before + 1, 0)
    .option('--lock-timeout <seconds>', 'how long to wait for another run on a host', whole('--lock-timeout', 0), 5)
    .option(
      '--guard-timeout <seconds>',
      'how long a host that was changed goes without a sign of the controller before it puts back what lets people in',
      whole('--guard-timeout', 5),
      60,
    )
    .option('--no-guard', 'without the access guard: a change that locks you out stays')
    .option('--keep <runs>', 'how many runs a host keeps to be undone', whole('--keep', 1), 20)
    .option('--json', 'one JSON event a line');
  return colorOption(reportOption(all), wrong);
}

export function reportOption(command: Command): Command {
  return command.option(
    '--report <file>',
    'write a report: FILE.html, .json, .xml (JUnit) or .md (may be repeated)',
    several,
    [],
  );
}

export function colorOption(command: Command, wrong: (message: string) => never): Command {
  return command.option('--color <when>', 'always, never or auto', (value) => {
    if (!['always', 'never', 'auto'].includes(value)) wrong(`--color takes always, never or auto, not \`${value}\``);
    return value;
  });
}
