import { sh } from '../transport/sh.ts';
import { commandWord, unitLine, unitWord } from './systemd_text.ts';

/** Runs of playbooks that a timer of systemd starts. */
export interface Schedule {
  readonly name: string;
  readonly scope: 'system' | 'user';
  /** The program and its words up to the command. */
  readonly program: readonly string[];
  readonly command: 'audit' | 'plan' | 'apply';
  readonly playbooks: readonly string[];
  /** Options of the run, as on a command line. */
  readonly options: readonly string[];
  /** Where it is started, and its journal is. */
  readonly directory: string;
  /** systemd.time(7). */
  readonly onCalendar: string;
  readonly randomizedDelay?: string | undefined;
  /** Where each run leaves a page of its own. */
  readonly reportDir?: string | undefined;
  /** Run by a shell where a run ends with anything but 0. */
  readonly onFailure?: string | undefined;
  /** Who runs it; of units of a user nobody else. */
  readonly user?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Kept from everything but SSH to other hosts. */
  readonly sandbox: boolean;
  /** Where its user keeps the keys of hosts, if new ones are to be kept. */
  readonly knownHostsDir?: string | undefined;
}

interface UnitFile {
  readonly name: string;
  readonly text: string;
}

/** What a unit file of ours begins with: others are left alone. */
export const MADE_BY = '# Made by `runbook schedule`';

export function unitName(schedule: string, kind: 'timer' | 'service' | 'failed'): string {
  return kind === 'failed' ? `runbook-schedule-${schedule}-failed.service` : `runbook-schedule-${schedule}.${kind}`;
}

/** Service, timer, and what runs on failure; in the order in which they are written. */
export function scheduleUnits(schedule: Schedule): readonly UnitFile[] {
  const { name, onFailure } = schedule;
  return [
    ...(onFailure === undefined ? [] : [{ name: unitName(name, 'failed'), text: failedText(schedule, onFailure) }]),
    { name: unitName(name, 'service'), text: serviceText(schedule) },
    { name: unitName(name, 'timer'), text: timerText(schedule) },
  ];
}

function serviceText(schedule: Schedule): string {
  const { name, scope, command, playbooks, onFailure, sandbox } = schedule;
  const online = scope === 'system' ? 'Wants=network-online.target\nAfter=network-online.target\n' : '';
  return `${header(name)}[Unit]
Description=${unitLine(`runbook ${command} ${playbooks.join(' ')}`)}
${online}${onFailure === undefined ? '' : `OnFailure=${unitName(name, 'failed')}\n`}
[Service]
Type=oneshot
${whoAndWhere(schedule)}ExecStart=${execStart(schedule)}
# A run that hangs does not keep the next ones from starting.
TimeoutStartSec=12h
UMask=0077
${sandbox ? `\n${sandboxText(schedule)}` : ''}`;
}

function header(name: string): string {
  return `${MADE_BY}: \`runbook schedule remove ${name}\` removes it.\n`;
}

function whoAndWhere({ scope, user, directory, environment }: Schedule): string {
  const variables = Object.entries(environment).map(([name, value]) => `Environment=${unitWord(`${name}=${value}`)}\n`);
  // Without User= root has no HOME, and ssh no keys.
  const who = scope === 'system' ? `User=${unitLine(user ?? 'root')}\n` : '';
  return `${who}WorkingDirectory=${unitLine(directory)}\n${variables.join('')}`;
}

/** Each run's page has its time in its name: systemd knows none. */
function execStart({ name, program, command, playbooks, options, reportDir }: Schedule): string {
  const words = [...program, command, ...playbooks, ...options];
  if (reportDir === undefined) return words.map(commandWord).join(' ');
  const page = sh`${`${reportDir}/${name}-`}"$(date +%Y-%m-%dT%H%M%S)".html`;
  return ['/bin/sh', '-c', sh`exec ${words} --report ${page}`.text].map(commandWord).join(' ');
}

function timerText({ name, command, playbooks, onCalendar, randomizedDelay }: Schedule): string {
  return `${header(name)}[Unit]
Description=${unitLine(`When to run: runbook ${command} ${playbooks.join(' ')}`)}

[Timer]
OnCalendar=${unitLine(onCalendar)}
# What was missed while the machine was off is made up for.
Persistent=true
AccuracySec=1s
${randomizedDelay === undefined ? '' : `RandomizedDelaySec=${unitLine(randomizedDelay)}\n`}
[Install]
WantedBy=timers.target
`;
}

/** systemd adds MONITOR_UNIT, MONITOR_SERVICE_RESULT and MONITOR_EXIT_STATUS (systemd.exec(5)). */
function failedText(schedule: Schedule, command: string): string {
  const { name, reportDir } = schedule;
  const environment = { RUNBOOK_SCHEDULE: name, ...(reportDir !== undefined && { RUNBOOK_REPORT_DIR: reportDir }) };
  return `${header(name)}[Unit]
Description=${unitLine(`What is done when the schedule ${name} fails`)}

[Service]
Type=oneshot
${whoAndWhere({ ...schedule, environment })}ExecStart=${['/bin/sh', '-c', command].map(commandWord).join(' ')}
`;
}

/**
 * systemd.exec(5). It reads what is its user's own, writes its journal and reports, and talks to hosts, the agent, and
 * whoever resolves names. Not here: MemoryDenyWriteExecute, as Node.js compiles on the way. Of those that a user's
 * own systemd cannot give without being root, none.
 */
function sandboxText(schedule: Schedule): string {
  const filters = [
    'NoNewPrivileges=yes',
    'LockPersonality=yes',
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    'SystemCallErrorNumber=EPERM',
  ];
  return [...filters, ...(schedule.scope === 'system' ? walls(schedule) : []), ''].join('\n');
}

function walls({ user, directory, reportDir, knownHostsDir, environment }: Schedule): readonly string[] {
  const writable = [directory, reportDir, knownHostsDir].flatMap((path) =>
    path === undefined ? [] : [unitWord(path)],
  );
  // An agent of a login may listen below /tmp.
  const agent = environment.SSH_AUTH_SOCK?.startsWith('/tmp/') === true;
  return [
    // root reads what belongs to others, such as the playbooks of whoever writes them.
    `CapabilityBoundingSet=${(user ?? 'root') === 'root' ? 'CAP_DAC_READ_SEARCH' : ''}`,
    'ProtectSystem=strict',
    'ProtectHome=read-only',
    `ReadWritePaths=${writable.join(' ')}`,
    ...(agent ? [] : ['PrivateTmp=yes']),
    'PrivateDevices=yes',
    'ProtectClock=yes',
    'ProtectControlGroups=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    'ProtectProc=invisible',
    'RemoveIPC=yes',
  ];
}
