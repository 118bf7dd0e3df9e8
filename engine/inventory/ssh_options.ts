import { type Diagnostic, error, fail, ok, type Result, type Span } from '../language/diagnostics.ts';
import { splitWords } from '../language/shlex.ts';
import { didYouMean } from '../language/suggest.ts';
import { oneWord } from './ssh_values.ts';

/** One option of ssh(1), its name in lower case: `-p 22` is `port`. */
export interface SshOption {
  readonly key: string;
  readonly value: string;
  /** The variable or option of the command line that it comes from, and its place in the inventory. */
  readonly origin: string;
  readonly span: Span | undefined;
}

/** Options of ssh_config(5) that change how a host is reached, and that are honoured. */
export const HONOURED = [
  'Compression',
  'ConnectTimeout',
  'GlobalKnownHostsFile',
  'HostKeyAlias',
  'HostName',
  'IdentitiesOnly',
  'IdentityAgent',
  'IdentityFile',
  'Port',
  'ProxyCommand',
  'ProxyJump',
  'ServerAliveCountMax',
  'ServerAliveInterval',
  'StrictHostKeyChecking',
  'User',
  'UserKnownHostsFile',
] as const;

/**
 * Accepted and ignored: they tune the OpenSSH client's connection sharing, terminal, logging and prompts, or name
 * ways to log in that are tried anyway; leaving them out never makes a connection less safe.
 */
const HARMLESS = [
  'AddKeysToAgent',
  'AddressFamily',
  'BatchMode',
  'ChallengeResponseAuthentication',
  'CheckHostIP',
  'ClearAllForwardings',
  'ConnectionAttempts',
  'ControlMaster',
  'ControlPath',
  'ControlPersist',
  'EscapeChar',
  'ExitOnForwardFailure',
  'FingerprintHash',
  'GSSAPIAuthentication',
  'GSSAPIKeyExchange',
  'HashKnownHosts',
  'HostbasedAuthentication',
  'IgnoreUnknown',
  'IPQoS',
  'KbdInteractiveAuthentication',
  'LogLevel',
  'NumberOfPasswordPrompts',
  'PasswordAuthentication',
  'PreferredAuthentications',
  'PubkeyAuthentication',
  'RekeyLimit',
  'RequestTTY',
  'SendEnv',
  'TCPKeepAlive',
  'UpdateHostKeys',
  'VerifyHostKeyDNS',
  'VisualHostKey',
] as const;

/** Accepted only where they are off: on, they would promise what is not done. */
const ONLY_OFF = [
  'CanonicalizeHostname',
  'ForkAfterAuthentication',
  'ForwardAgent',
  'ForwardX11',
  'ForwardX11Trusted',
  'GSSAPIDelegateCredentials',
  'NoHostAuthenticationForLocalhost',
  'PermitLocalCommand',
  'StdinNull',
  'Tunnel',
] as const;

/** Values that are more than one word, and are taken apart where they are used. */
const UNSPLIT: ReadonlySet<string> = new Set(['proxycommand', 'userknownhostsfile', 'globalknownhostsfile']);

const names = (list: readonly string[]): ReadonlySet<string> => new Set(list.map((name) => name.toLowerCase()));
const HONOURED_NAMES = names(HONOURED);
const HARMLESS_NAMES = names(HARMLESS);
const ONLY_OFF_NAMES = names(ONLY_OFF);

/** Letters of ssh(1) that are an option of ssh_config(5) with an argument. */
const LETTERS: Readonly<Record<string, string>> = {
  p: 'port',
  l: 'user',
  i: 'identityfile',
  J: 'proxyjump',
  F: 'configfile',
  S: 'controlpath',
  e: 'escapechar',
};
/** `-C` aside: quiet, verbose, address family, terminal, X11 off, agent off, no stdin, syslog. */
const IGNORED_LETTERS = 'qv46tTxakny';

interface Parser {
  readonly options: SshOption[];
  readonly diagnostics: Diagnostic[];
  readonly origin: string;
  readonly span: Span | undefined;
}

/**
 * Takes a string of ssh(1) options apart as Ansible does for `ansible_ssh_common_args` and its kin: words as a shell
 * would make them, then `-o Key=Value`, `-oKey=Value`, `-o "Key Value"`, `-p 22`, `-J jump`, ... `-F FILE` becomes
 * `configfile`. An option that is not honoured is an error; `origin` names the variable in it.
 */
export function parseSshOptions(text: string, origin: string, span?: Span): Result<readonly SshOption[]> {
  const split = splitWords(text, false);
  if (!split.ok) return fail(error('inventory', `\`${origin}\` has ${split.problem}`, span));
  const parser: Parser = { options: [], diagnostics: [], origin, span };
  const words = split.words.map((word) => word.text);
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (/^-[^-]/.test(word)) at += readLetters(parser, word, words[at + 1]);
    else report(parser, `expected an option of ssh, such as \`-o Key=Value\`, and not \`${word}\``);
  }
  return parser.diagnostics.length > 0 ? fail(...parser.diagnostics) : ok(parser.options);
}

/** Letters may stand together (`-Cq`); one with an argument takes the rest of the word, or the next. */
function readLetters(parser: Parser, word: string, next: string | undefined): 0 | 1 {
  for (let at = 1; at < word.length; at += 1) {
    const letter = word.charAt(at);
    if (letter === 'C') {
      push(parser, 'compression', 'yes');
      continue;
    }
    if (IGNORED_LETTERS.includes(letter)) continue;
    const key = LETTERS[letter];
    if (key === undefined && letter !== 'o') {
      report(parser, `the option \`-${letter}\` of ssh is not honoured`, 'Remove it.');
      return 0;
    }
    const attached = word.slice(at + 1);
    const value = attached === '' ? next : attached;
    if (value === undefined || value === '') report(parser, `the option \`-${letter}\` needs a value`);
    else if (key === undefined) readAssignment(parser, value);
    else if (!HARMLESS_NAMES.has(key)) push(parser, key, value);
    return attached === '' ? 1 : 0;
  }
  return 0;
}

/** `Key=Value`, `Key Value`, `Key = Value`. */
function readAssignment(parser: Parser, text: string): void {
  const found = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*\S)\s*$/s.exec(text);
  if (found === null) {
    report(parser, 'expected `-o Key=Value`');
    return;
  }
  const [, name = '', value = ''] = found;
  const key = name.toLowerCase();
  if (HONOURED_NAMES.has(key)) {
    push(parser, key, UNSPLIT.has(key) ? value : oneWord(value));
  } else if (ONLY_OFF_NAMES.has(key)) {
    if (!/^(?:no|false|off)$/i.test(value)) report(parser, `\`${name} ${value}\` is not honoured`, 'Remove it.');
  } else if (!HARMLESS_NAMES.has(key)) {
    const near = didYouMean(name, [...HONOURED, ...HARMLESS, ...ONLY_OFF]);
    report(parser, `the ssh option \`${name}\` is not honoured`, near ?? `Honoured are ${HONOURED.join(', ')}.`);
  }
}

function push({ options, origin, span }: Parser, key: string, value: string): void {
  options.push({ key, value, origin, span });
}

function report(parser: Parser, message: string, hint?: string): void {
  parser.diagnostics.push(error('inventory', `\`${parser.origin}\`: ${message}`, parser.span, hint));
}
