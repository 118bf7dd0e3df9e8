import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { openSshConfig, type SshConfig } from './ssh_config.ts';

/** What ssh(1) would find out about the machine it runs on. */
export interface Controller {
  readonly home: string;
  readonly userName: string;
  readonly uid: number;
  readonly hostName: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly sshConfig: SshConfig;
}

/**
 * This machine, as the environment describes it. `~` is `$HOME`, as in a shell: ssh(1) itself takes the home
 * directory of the passwd entry, which is another one only where somebody set `HOME` on purpose.
 */
export function openController(environment: Readonly<Record<string, string | undefined>>): Controller {
  const account = readAccount();
  const home = environment.HOME || account?.homedir || homedir();
  return {
    home,
    userName: account?.username ?? environment.USER ?? environment.LOGNAME ?? 'root',
    uid: account?.uid ?? -1,
    hostName: hostname(),
    environment,
    sshConfig: openSshConfig({
      home,
      userFile: join(home, '.ssh', 'config'),
      // ssh(1) looks for it in the passwd entry's home; elsewhere it has to be told.
      userFileIsDefault: home === account?.homedir,
      systemFile: '/etc/ssh/ssh_config',
      program: 'ssh',
      timeoutMs: 5_000,
    }),
  };
}

let here: Controller | undefined;

/** The machine this process runs on: looked at once, when first needed. */
export function thisController(): Controller {
  here ??= openController(process.env);
  return here;
}

/** `undefined` in a container whose user id has no passwd entry. */
function readAccount() {
  try {
    return userInfo();
  } catch {
    return undefined;
  }
}
