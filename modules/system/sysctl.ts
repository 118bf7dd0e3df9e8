import {
  type Action,
  defineModule,
  type Ref,
  type Step,
  set,
  type View,
  type Wish,
} from '../../engine/planning/contracts.ts';
import { type SysctlValue, sameSysctl, sysctlPath, sysctl as sysctlRef } from '../../engine/resources/sysctl.ts';
import type { Answer } from '../../engine/transport/connection.ts';
import { sh } from '../../engine/transport/sh.ts';
import { type EditedFile, looksAtFile, readFile, writeText } from './edited_file.ts';
import { valueInFile, withValue } from './sysctl_file.ts';

interface SysctlParams {
  readonly name: string;
  readonly value?: string;
  readonly state: 'present' | 'absent';
  readonly reload: boolean;
  readonly sysctl_set: boolean;
  readonly sysctl_file: string;
  readonly ignoreerrors: boolean;
}

const DEFAULT_FILE = '/etc/sysctl.conf';

export const sysctl = defineModule<SysctlParams>({
  name: 'sysctl',
  collection: 'ansible.posix',
  summary: 'Manages a kernel parameter, in a file and in the running kernel',
  description: [
    'The file is written first. With `reload` it is then loaded whole by `sysctl -p`, if it changed or the kernel has another value. With `sysctl_set` the value is written to the kernel by itself.',
    'In a container most of `kernel`, `vm` and `fs` is read-only: the task then fails with that reason, after the file has been written. `reload: false` leaves the kernel alone.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    requiredIf: [{ param: 'state', value: 'present', requires: ['value'] }],
    properties: {
      name: {
        type: 'string',
        aliases: ['key'],
        minLength: 1,
        description: 'Name of the parameter, such as `net.ipv4.ip_forward`.',
      },
      value: { type: 'string', aliases: ['val'], description: 'Its value.' },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'Whether the file has it. `absent` does not change the running kernel.',
      },
      reload: { type: 'boolean', default: true, description: 'Load the file afterwards.' },
      sysctl_set: { type: 'boolean', default: false, description: 'Also write the value to the running kernel.' },
      sysctl_file: {
        type: 'string',
        format: 'path',
        default: DEFAULT_FILE,
        description: 'The file. Debian 13 has none of this name by default and reads only /etc/sysctl.d at boot.',
      },
      ignoreerrors: {
        type: 'boolean',
        default: false,
        description: 'Pass over parameters that the kernel does not have.',
      },
    },
  },
  examples: `- name: Drop packets whose source has no way back
  sysctl:
    name: net.ipv4.conf.all.rp_filter
    value: "1"
    sysctl_file: /etc/sysctl.d/60-hardening.conf
`,
  looksAt: (params, view) => {
    const live = liveRef(params);
    const file = looksAtFile(params.sysctl_file, view);
    return live === undefined ? file : ([...file, live] as readonly Ref[]);
  },
  wants: (params, view) => {
    const wrong = wrongWith(params);
    if (wrong !== undefined) return { steps: [], failed: wrong };
    const file = readFile(params.sysctl_file, view);
    if ('failed' in file) return { steps: [], failed: { message: file.failed, parameter: ['sysctl_file'] } };
    return wish(params, view, file);
  },
});

/** The running kernel's value, where it matters and has one name. */
function liveRef({ name, state, reload, sysctl_set }: SysctlParams): Ref<SysctlValue> | undefined {
  const matters = state === 'present' && (reload || sysctl_set);
  return matters && sysctlPath(name.trim()) !== undefined ? sysctlRef(name.trim()) : undefined;
}

function wrongWith(params: SysctlParams): Wish['failed'] {
  const { name, state, sysctl_set } = params;
  const pattern = /[*?[\]]/.test(name);
  if (sysctlPath(name.trim()) === undefined && (!pattern || /[\n=]/.test(name))) {
    return { message: `\`${name}\` is no name of a kernel parameter, such as \`vm.swappiness\``, parameter: ['name'] };
  }
  if (pattern && sysctl_set) {
    return { message: '`sysctl_set` needs the name of one parameter, not a pattern', parameter: ['name'] };
  }
  if (state === 'present' && wantedValue(params) === '') return { message: '`value` is empty', parameter: ['value'] };
  if (/[\r\n]/.test(wantedValue(params))) return { message: '`value` cannot have a line break', parameter: ['value'] };
  return undefined;
}

/** Words for yes and no are 1 and 0, as in Ansible. */
function wantedValue({ value = '' }: SysctlParams): string {
  const text = value.trim();
  if (/^(y|yes|on|1|true|t|1\.0)$/i.test(text)) return '1';
  return /^(n|no|off|0|false|f|0\.0)$/i.test(text) ? '0' : text;
}

function wish(params: SysctlParams, view: View, file: EditedFile): Wish {
  const name = params.name.trim();
  const value = wantedValue(params);
  const wanted = params.state === 'present' ? value : undefined;
  const writes = valueInFile(file.text, name) !== wanted;
  const live = liveOf(params, view);
  if (live === 'none') {
    const message = `the kernel has no parameter ${name}: a module may have to be loaded first; \`ignoreerrors: true\` passes over it`;
    return { steps: [], failed: { message, parameter: ['name'] } };
  }
  const differs = live !== undefined && !sameSysctl(live.value, value);
  const steps: Step[] = [];
  if (writes) steps.push(writeText(file, withValue(file.text, name, wanted), 0o644) as Step);
  if (params.sysctl_set && differs) steps.push(set(sysctlRef(name), { value }) as Step);
  if (params.reload && (writes || (differs && !params.sysctl_set)))
    steps.push(reload(params, file.ref.id, writes, differs ? live : undefined));
  return {
    steps,
    result: { name, ...(wanted !== undefined && { value: wanted }) },
    warnings: warningsOf(params, file),
  };
}

/** `undefined`: it does not matter or cannot be told; `none`: the kernel should have it and has not. */
function liveOf(params: SysctlParams, view: View): SysctlValue | 'none' | undefined {
  const ref = liveRef(params);
  // What can only be written cannot be compared: loading the file sets it.
  if (ref === undefined || (view.problem(ref) !== undefined && !params.sysctl_set)) return undefined;
  const live = view.get(ref);
  if (live !== null) return live;
  return params.ignoreerrors ? undefined : 'none';
}

function warningsOf(params: SysctlParams, file: EditedFile): readonly string[] {
  const ignored = params.sysctl_file === DEFAULT_FILE && params.state === 'present' && file.value === null;
  return ignored
    ? [`${DEFAULT_FILE} is not there: where it is missing, boot reads only /etc/sysctl.d; set \`sysctl_file\``]
    : [];
}

function reload(params: SysctlParams, file: string, written: boolean, live: SysctlValue | undefined): Action {
  const name = params.name.trim();
  const after = { value: wantedValue(params) };
  const change = live && { ref: sysctlRef(name) as Ref, before: live, after, options: {} };
  const missing = params.ignoreerrors ? ['-e'] : [];
  return {
    kind: 'action',
    summary: `load ${file} with sysctl -p`,
    script: sh`if command -v sysctl >/dev/null; then
  sysctl ${missing} -p ${file}
elif [ -x /usr/lib/systemd/systemd-sysctl ]; then
  /usr/lib/systemd/systemd-sysctl ${file}
elif [ -x /lib/systemd/systemd-sysctl ]; then
  /lib/systemd/systemd-sysctl ${file}
else
  echo 'there is no sysctl here: install the package procps, or use reload: false' >&2
  exit 127
fi`,
    disturbs: (other) =>
      other.type.name === 'sysctl' || (other.type.name === 'path' && other.id.startsWith('/proc/sys/')),
    changed: true,
    result: () => ({}),
    failed: (answer) => loadFailure(answer, file, written),
    access: /^net[./]/.test(name),
    ...(change && { alters: [change] }),
  };
}

/** sysctl(8) also ends with 0 where the kernel refused a value. */
function loadFailure(answer: Answer, file: string, written: boolean): string | undefined {
  const said = Buffer.from(answer.stderr).toString('utf8').trim();
  const refused = /^sysctl: setting key "[^"]+"(, ignoring)?: (Invalid argument|Read-only file system)$/m.test(said);
  if (answer.status === 0 && !refused) return undefined;
  const reason = said === '' ? `sysctl ended with status ${answer.status}` : said;
  return written ? `${file} is written, but not loaded: ${reason}` : `${file} could not be loaded: ${reason}`;
}
