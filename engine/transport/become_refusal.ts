import type { Entry } from './become.ts';
import { TransportError } from './connection.ts';
import type { Ended } from './link.ts';

type Advice = readonly [says: RegExp, message: (entry: Entry) => string, hint: (entry: Entry) => string];

const NOBODY = (entry: Entry) => `there is no user ${entry.user} on ${entry.host}`;

/** What sudo(8) says, in the C locale, from 1.8 to 1.9. */
const SUDO: readonly Advice[] = [
  [
    /must have a tty|no tty present/i,
    (e) => `sudo on ${e.host} wants a terminal`,
    (e) => `Remove \`requiretty\` from sudoers there, at least for ${e.login}: \`Defaults:${e.login} !requiretty\`.`,
  ],
  [
    /password is required|terminal is required/i,
    (e) => `sudo on ${e.host} asks ${e.login} for a password`,
    (e) =>
      `Give it with --ask-become-pass (-K), or allow it without: \`${e.login} ALL=(ALL) NOPASSWD: ALL\` in sudoers.`,
  ],
  [
    /not in the sudoers file|not allowed to (?:execute|run)|may not run sudo/i,
    (e) => `${e.login} may not become ${e.user} by sudo on ${e.host}`,
    (e) => `Give ${e.login} that right in sudoers there, or log in as a user who has it (-u).`,
  ],
  [
    /account validation failure|account is locked|expired/i,
    (e) => `sudo on ${e.host} refuses ${e.login}: the account or its password is locked or expired`,
    (e) => `Look at \`chage -l ${e.login}\` there.`,
  ],
  [/unknown user|unknown uid/i, NOBODY, () => 'Check become_user.'],
  [
    /no new privileges|effective uid is not 0|must be setuid|must be owned by uid 0/i,
    (e) => `sudo on ${e.host} cannot change the user`,
    () => 'Its file system is mounted nosuid, or the login runs without the right to gain privileges.',
  ],
  [
    /sudo\W*(?:command )?not found|sudo['’]?: No such file/i,
    (e) => `there is no sudo on ${e.host}`,
    (e) => `Install sudo there, set become_method to su, or log in as ${e.user} (-u).`,
  ],
  [
    /syntax error|parse error|no valid sudoers sources/i,
    (e) => `sudoers on ${e.host} is broken`,
    () => 'Repair it as root: `visudo -c` names the place.',
  ],
];

/** What util-linux's su(1) and PAM say. */
const SU: readonly Advice[] = [
  [/does not exist|unknown id|no passwd entry/i, NOBODY, () => 'Check become_user.'],
  [
    /expired/i,
    (e) => `su on ${e.host} refuses ${e.user}: the account or its password is expired`,
    (e) => `Look at \`chage -l ${e.user}\` there.`,
  ],
  [/must be run from a terminal/i, (e) => `su on ${e.host} wants a terminal`, () => 'Use sudo (become_method: sudo).'],
  [
    /authentication failure|permission denied|incorrect password/i,
    (e) => `su on ${e.host} refuses ${e.login} to become ${e.user}`,
    (e) => `Give the password of ${e.user} with --ask-become-pass (-K); PAM may also keep ${e.login} from su.`,
  ],
  [
    /cannot set groups|operation not permitted/i,
    (e) => `su on ${e.host} cannot change the user`,
    () => 'The login runs without the right to gain privileges.',
  ],
];

/** A login that gives no shell. */
const LOGIN: readonly Advice[] = [
  [
    /not available|nologin/i,
    (e) => `${e.user} on ${e.host} has a login shell that lets nobody in`,
    () => 'Log in as another user (-u).',
  ],
  [
    /password has expired|password change required|account (?:has )?expired/i,
    (e) => `the password of ${e.user} on ${e.host} has expired`,
    () => 'Log in with ssh once and set a new one.',
  ],
];

/** Why no program was started as the entry's user, from what was said instead. */
export function becomeRefusal(entry: Entry, said: string, ended: Ended): TransportError {
  const fault = entry.method === 'login' ? 'auth' : 'become';
  const table = entry.method === 'login' ? LOGIN : entry.method === 'sudo' ? SUDO : SU;
  for (const [says, message, hint] of table) {
    if (!says.test(said)) continue;
    const refusal = new TransportError(fault, message(entry), hint(entry));
    refusal.nobody = message === NOBODY;
    return refusal;
  }
  const how =
    ended.status === null
      ? `was ended${ended.signal === null ? '' : ` by ${ended.signal}`}`
      : `exited with ${ended.status}`;
  const quoted = excerpt(said);
  const who = entry.method === 'login' ? `the login shell of ${entry.user}` : `${entry.method} to ${entry.user}`;
  return new TransportError(
    fault,
    `${who} on ${entry.host} ${how} instead of running a program${quoted === '' ? '' : `: ${quoted}`}`,
    entry.method === 'login' ? 'A forced command or a restricted shell stands in the way.' : undefined,
  );
}

/** The one refusal that holds for every later try with the same password. */
export class WrongPassword extends TransportError {}

export function wrongPassword(entry: Entry): WrongPassword {
  const whose = entry.method === 'sudo' ? entry.login : entry.user;
  return new WrongPassword(
    'become',
    `${entry.method} on ${entry.host} refuses the password of ${whose}`,
    'It was sent once and not again, so as not to lock the account.',
  );
}

export function promptNeedsPassword(entry: Entry): TransportError {
  const whose = entry.method === 'sudo' ? entry.login : entry.user;
  return new TransportError(
    'become',
    `${entry.method} on ${entry.host} asks for the password of ${whose}`,
    'Give it with --ask-become-pass (-K).',
  );
}

/** A program that neither starts nor is refused. */
export function slowBecome(entry: Entry, said: string): TransportError {
  const quoted = excerpt(said);
  if (entry.method === 'login') {
    return new TransportError(
      'timeout',
      `${entry.host} did not start a shell in time`,
      'Its login shell or PAM waits for something.',
    );
  }
  return new TransportError(
    'become',
    `${entry.method} on ${entry.host} did not let ${entry.login} become ${entry.user} in time`,
    quoted === '' ? undefined : `It says: ${quoted}`,
  );
}

/** The last line of what a host said, fit for a terminal. */
export function excerpt(said: string): string {
  const lines = said
    .split(/[\r\n]+/)
    .map((line) => printable(line).trim())
    .filter((line) => line !== '');
  return (lines.at(-1) ?? '').slice(0, 300);
}

/** Host text without the control characters that could drive a terminal. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ');
}
