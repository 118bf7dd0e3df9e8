import {
  type Action,
  defineModule,
  type Ref,
  type Step,
  set,
  type View,
  type Wish,
} from '../../engine/planning/contracts.ts';
import { path } from '../../engine/resources/path.ts';
import type { LinkValue, PathValue } from '../../engine/resources/path_value.ts';
import { sh } from '../../engine/transport/sh.ts';
import { looksAtTarget, newFileOwner, targetOf } from '../files/target.ts';
import { type EditedFile, looksAtFile, readFile, writeText } from './edited_file.ts';

interface TimezoneParams {
  readonly name?: string;
  readonly hwclock?: 'local' | 'UTC';
}

const ZONES = '/usr/share/zoneinfo';
/** localtime(5). */
const LOCALTIME = '/etc/localtime';
/** Debian's own; programs that do not follow the link read it. */
const TIMEZONE = '/etc/timezone';
/** adjtime_config(5). */
const ADJTIME = '/etc/adjtime';

export const timezone = defineModule<TimezoneParams>({
  name: 'timezone',
  collection: 'community.general',
  summary: 'Sets the time zone',
  description: [
    'The link /etc/localtime, and /etc/timezone where there is one. Programs that run already have the old one until they are restarted: cron above all.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    requiredOneOf: [['name', 'hwclock']],
    properties: {
      name: { type: 'string', description: 'Name of the zone, such as `Europe/Berlin`.' },
      hwclock: {
        type: 'string',
        enum: ['local', 'UTC'],
        aliases: ['rtc'],
        description: 'Whether the clock of the hardware has local time. Best left alone.',
      },
    },
  },
  examples: `- name: Logs tell UTC
  timezone:
    name: Etc/UTC
  notify: restart cron
`,
  looksAt: ({ name, hwclock }, view) => [
    ...(name === undefined || !isZone(name) ? [] : zoneRefs(name, view)),
    ...(hwclock === undefined ? [] : looksAtFile(ADJTIME, view)),
  ],
  wants: (params, view) => {
    const zone = params.name === undefined ? { steps: [] } : zoneWish(params.name, view);
    if (zone.failed !== undefined || params.hwclock === undefined) return zone;
    const file = readFile(ADJTIME, view);
    if ('failed' in file) return { steps: [], failed: { message: file.failed } };
    return { steps: [...zone.steps, ...clockSteps(params.hwclock, file)] };
  },
});

function isZone(name: string): boolean {
  return /^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/.test(name);
}

function zoneRefs(name: string, view: View): readonly Ref[] {
  return [
    path(LOCALTIME),
    ...looksAtFile(TIMEZONE, view),
    ...looksAtTarget(`${ZONES}/${name}`, view),
  ] as readonly Ref[];
}

function zoneWish(name: string, view: View): Wish {
  const failed = (message: string): Wish => ({ steps: [], failed: { message, parameter: ['name'] } });
  if (!isZone(name)) return failed(`\`${name}\` is no name of a time zone, such as \`Europe/Berlin\``);
  const data = targetOf(`${ZONES}/${name}`, view);
  if ('failed' in data || data.value?.kind !== 'file') {
    return failed(`there is no time zone \`${name}\` below ${ZONES}: the package tzdata has them`);
  }
  const file = readFile(TIMEZONE, view);
  if ('failed' in file) return { steps: [], failed: { message: file.failed } };
  const steps: Step[] = [];
  const now = view.get(path(LOCALTIME));
  if (zoneOf(now) !== name) {
    const link: LinkValue = { kind: 'link', target: `..${ZONES}/${name}`, ...newFileOwner(view) };
    steps.push(set<PathValue>(path(LOCALTIME), link) as Step);
  }
  if (file.value !== null && file.text.trim() !== name) steps.push(writeText(file, `${name}\n`, 0o644) as Step);
  return { steps };
}

/** The zone that the link names; `undefined`: it is no link into the zones. */
function zoneOf(value: PathValue | null): string | undefined {
  if (value?.kind !== 'link') return undefined;
  const at = value.target.indexOf(`${ZONES}/`);
  return at === -1 ? undefined : value.target.slice(at + ZONES.length + 1);
}

function clockSteps(hwclock: 'local' | 'UTC', file: EditedFile): readonly Step[] {
  const [drift = '0.0 0 0', calibrated = '0', mode = 'UTC'] = file.text.trim().split('\n');
  const wanted = hwclock === 'local' ? 'LOCAL' : 'UTC';
  if (mode.trim() === wanted || (file.text.trim() === '' && wanted === 'UTC')) return [];
  const text = `${[drift || '0.0 0 0', calibrated || '0', wanted].join('\n')}\n`;
  return [writeText(file, text, 0o644) as Step, setClock(hwclock)];
}

/** The hardware's clock has the other time from now on; a container has none. */
function setClock(hwclock: 'local' | 'UTC'): Action {
  const flag = hwclock === 'local' ? '--localtime' : '--utc';
  return {
    kind: 'action',
    summary: `set the hardware clock to ${hwclock === 'local' ? 'local time' : 'UTC'}`,
    script: sh`if [ -e /dev/rtc ] || [ -e /dev/rtc0 ]; then hwclock --systohc ${flag}; fi`,
    disturbs: () => false,
    changed: true,
    result: () => ({}),
  };
}
