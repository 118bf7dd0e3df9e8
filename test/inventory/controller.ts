import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Controller } from '../../engine/inventory/controller.ts';
import { openSshConfig } from '../../engine/inventory/ssh_config.ts';
import { type Files, writeFiles } from './files.ts';

/** What Debian ships: nothing in it changes how a host is reached. */
export const DEBIAN_SSH_CONFIG = `
Include ssh_config.d/*.conf

Host *
#   ForwardAgent no
#   IdentityFile ~/.ssh/id_rsa
#   Port 22
#   ProxyCommand ssh -q -W %h:%p gateway.example.com
    SendEnv LANG LC_*
    HashKnownHosts yes
    GSSAPIAuthentication yes
`;

export interface TestController {
  readonly controller: Controller;
  readonly home: string;
  /** How often ssh was started. */
  starts(): number;
}

/** A controller with a home of its own; `files` are below it, `etc/` stands for /etc/ssh. */
export function testController(
  files: Files = {},
  environment: Controller['environment'] = {},
  timeoutMs = 30_000,
): TestController {
  const home = writeFiles({
    'etc/ssh_config': DEBIAN_SSH_CONFIG,
    'bin/ssh': '#!/bin/sh\necho >> "$0.log"\nexec ssh "$@"\n',
    'bin/ssh.log': '',
    ...files,
  });
  chmodSync(join(home, 'bin/ssh'), 0o755);
  const controller: Controller = {
    home,
    userName: 'me',
    uid: 1000,
    hostName: 'laptop.example.com',
    environment,
    sshConfig: openSshConfig({
      home,
      userFile: join(home, '.ssh/config'),
      userFileIsDefault: false,
      systemFile: join(home, 'etc/ssh_config'),
      program: join(home, 'bin/ssh'),
      timeoutMs,
    }),
  };
  return { controller, home, starts: () => readFileSync(join(home, 'bin/ssh.log'), 'utf8').length };
}
