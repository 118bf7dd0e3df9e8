import { posix } from 'node:path';
import type { ValueMap } from '../../engine/language/values.ts';
import type { Action, Ref, View } from '../../engine/planning/contracts.ts';
import { path } from '../../engine/resources/path.ts';
import type { PathValue } from '../../engine/resources/path_value.ts';
import { type Sh, sh } from '../../engine/transport/sh.ts';
import type { UserParams } from './user_parameters.ts';

export interface SshKeyWish {
  readonly action?: Action;
  readonly result: ValueMap;
  readonly warnings: readonly string[];
}

function keyFile(params: UserParams, home: string): string {
  return posix.resolve(home, params.ssh_key_file ?? `.ssh/id_${params.ssh_key_type}`);
}

export function looksAtKey(params: UserParams, home: string): readonly Ref[] {
  const file = keyFile(params, home);
  return [path(file) as Ref, path(`${file}.pub`, 'content') as Ref];
}

/** A key is made where there is none; with `force` anew each time. `account` is what the task registers of the user. */
export function sshKeyWish(params: UserParams, home: string, view: View, account: ValueMap): SshKeyWish {
  const file = keyFile(params, home);
  const own = view.get(path(file));
  const pub = view.get(path(`${file}.pub`, 'content'));
  const result = { ...account, ssh_key_file: file, ...publicKey(pub) };
  if (own === null && pub !== null && !params.force) {
    return { result, warnings: [`${file}.pub is there without its private key: no key is made without \`force\``] };
  }
  if ((own !== null || pub !== null) && !params.force) return { result, warnings: [] };
  return {
    action: generate(params, file, home, view, { ...account, ssh_key_file: file }),
    result,
    warnings: own === null ? [] : [`the key ${file} is replaced`],
  };
}

function publicKey(pub: PathValue | null): ValueMap {
  if (pub?.kind !== 'file' || pub.content === undefined || !('text' in pub.content)) return {};
  return { ssh_public_key: pub.content.text.trim() };
}

function generate(params: UserParams, file: string, home: string, view: View, result: ValueMap): Action {
  const directory = posix.dirname(file);
  return {
    kind: 'action',
    summary: `make the SSH key ${file}`,
    script: program(params, file, home, view.user),
    disturbs: (other) =>
      other.type.name === 'path' && (other.id === directory || other.id === file || other.id === `${file}.pub`),
    changed: true,
    result: () => result,
  };
}

/**
 * Below the home the user makes the key, so that no link put there can lead root astray; elsewhere root does, and
 * hands it over. A passphrase goes to ssh-keygen(1) on its standard input, which it reads where there is no terminal.
 */
function program(params: UserParams, file: string, home: string, actingUser: string): Sh {
  const { name, ssh_key_passphrase: passphrase } = params;
  const keygen = keygenProgram(params, file);
  const inHome = file.startsWith(home.endsWith('/') ? home : `${home}/`);
  const asUser = actingUser === 'root' && name !== 'root' && inHome;
  const run = asUser ? sh`runuser -u ${name} -- sh -c ${keygen.text}` : sh`(\n${keygen}\n)`;
  const given = passphrase ? sh`printf '%s\\n%s\\n' ${passphrase} ${passphrase} | ${run}` : run;
  if (asUser || actingUser !== 'root') return given;
  return sh`${given} && chown -h -- ${`${name}:`} ${file} ${`${file}.pub`}`;
}

function keygenProgram(params: UserParams, file: string): Sh {
  const { ssh_key_type: type, ssh_key_bits: bits, ssh_key_comment: comment } = params;
  const words = ['-q', '-t', type, ...(bits > 0 ? ['-b', String(bits)] : []), '-f', file];
  const old = params.force ? sh`rm -f -- ${file} ${`${file}.pub`} || exit\n` : sh``;
  const said = comment === undefined || comment === null ? sh`"ansible-generated on $rb_host"` : sh`${comment}`;
  const silent = params.ssh_key_passphrase ? [] : ['-N', ''];
  return sh`mkdir -p -m 700 -- ${posix.dirname(file)} || exit
${old}read -r rb_host </proc/sys/kernel/hostname
unset DISPLAY SSH_ASKPASS
setsid -w ssh-keygen ${words} -C ${said} ${silent}`;
}
