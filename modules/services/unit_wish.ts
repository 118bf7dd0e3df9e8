import { type Ref, type Step, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import { unit } from '../../engine/resources/unit.ts';
import { unitAction } from '../../engine/resources/unit_action.ts';
import { fullUnitName, isTemplate, isUnitName, type UnitScope } from '../../engine/resources/unit_name.ts';
import type { VerbOptions } from '../../engine/resources/unit_program.ts';
import { runs, type UnitValue } from '../../engine/resources/unit_value.ts';

/** What is asked of one unit, by `service` or `systemd_service`. */
export interface UnitRequest {
  readonly name: string;
  readonly scope: UnitScope;
  readonly state?: 'started' | 'stopped' | 'restarted' | 'reloaded' | null | undefined;
  readonly enabled?: boolean | null | undefined;
  readonly masked?: boolean | null | undefined;
  readonly force?: boolean | null | undefined;
  readonly noBlock?: boolean | undefined;
  /** systemd reads its files again before. */
  readonly rereads?: boolean | undefined;
}

/** The unit, and under its own name where it is asked for by an alias: one unit is one resource. */
export function unitRefs({ name, scope }: UnitRequest, view: View): readonly Ref[] {
  if (nameProblem(name) !== undefined) return [];
  const asked = unit(name, scope);
  const found = view.peek(asked);
  return found ? [asked, unit(found.name, scope)] : [asked];
}

function nameProblem(name: string): string | undefined {
  if (/[*?[]/.test(name)) return `\`${name}\` is a pattern: name one unit`;
  if (name.startsWith('/')) return `\`${name}\` is a path: name the unit itself, such as \`home.mount\``;
  return isUnitName(fullUnitName(name)) ? undefined : `\`${name}\` is not the name of a unit`;
}

export function unitWish(request: UnitRequest, view: View): Wish {
  const { name, scope } = request;
  const wrongName = nameProblem(name);
  if (wrongName !== undefined) return failure(wrongName, 'name');
  const asked = view.get(unit(name, scope));
  const own = unit(asked?.name ?? name, scope);
  const found = asked === null ? null : view.get(own);
  const lifted = found?.hollow === true && request.masked === false;
  const problem = found === null || lifted ? missing(request) : problemWith(request, found);
  if (problem !== undefined) return problem;
  const warnings = warningsFor(request, found);
  return { steps: stepsFor(request, own, found), result: resultOf(request, found), ...(warnings && { warnings }) };
}

function failure(message: string, parameter: string): Wish {
  return { steps: [], failed: { message, parameter: [parameter] } };
}

/** What people from other systems call it -> what Debian and Ubuntu call it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  sshd: 'ssh',
  crond: 'cron',
  httpd: 'apache2',
  mysqld: 'mysql` or `mariadb',
  ntpd: 'ntpsec` or `chrony',
  'syslog-ng': 'rsyslog',
  smb: 'smbd',
  nfs: 'nfs-server',
};

/** A unit that is not there can be masked all the same, and has no mask to lift. */
function missing({ name, state, enabled, masked, rereads }: UnitRequest): Wish | undefined {
  if (!state && typeof enabled !== 'boolean' && typeof masked === 'boolean') return undefined;
  const full = fullUnitName(name);
  const other = ELSEWHERE[full.replace(/\.service$/, '')];
  const hint = other === undefined ? '' : `; on Debian and Ubuntu it is called \`${other}\``;
  const unread = rereads ? ', and no file for it is there to be read' : '';
  return failure(`could not find the unit ${full} on this host${unread}${hint}`, 'name');
}

function problemWith(request: UnitRequest, found: UnitValue): Wish | undefined {
  const { state, enabled, scope } = request;
  const masked = request.masked ?? found.masked;
  const { name } = found;
  if (request.masked === true && !found.masked && !request.force && MASK.test(found.path ?? '')) {
    return failure(`${name} cannot be masked: its own file is where the mask would be, ${found.path}`, 'masked');
  }
  if (!state && typeof enabled !== 'boolean') return undefined;
  if (found.problem !== undefined) return failure(`systemd cannot load the unit ${name}: ${found.problem}`, 'name');
  if (found.load === 'unread' && !request.rereads) {
    return failure(`systemd has not read the file of ${name} yet: \`daemon_reload: true\` makes it`, 'name');
  }
  if (state && scope === 'global')
    return failure('units of all users are enabled and disabled, never started', 'state');
  if (state && isTemplate(name))
    return failure(`${name} is a template: name an instance, such as ${instance(name)}`, 'name');
  if (masked && enabled === true)
    return failure(`${name} is masked and cannot be enabled; \`masked: false\` lifts it`, 'enabled');
  if (masked && state && state !== 'stopped' && !(runs(found) && state === 'started')) {
    return failure(`${name} is masked and cannot be started; \`masked: false\` lifts it`, 'state');
  }
  if (state === 'reloaded' && runs(found) && !found.canReload) {
    return failure(`${name} cannot be reloaded (it has no ExecReload): use \`state: restarted\``, 'state');
  }
  return undefined;
}

/** Where systemctl(1) puts masks, and refuses to if a file is in the way. */
const MASK = /^(\/etc\/systemd\/(system|user)|.*\/\.config\/systemd\/user)\/[^/]*$/;

function instance(template: string): string {
  return template.replace('@.', '@NAME.');
}

/** States that `systemctl enable` and `disable` leave as they are (systemctl(1), is-enabled). */
const FIXED = new Set(['static', 'transient', 'generated']);

function isFixed({ enabled, script, file = '' }: UnitValue): boolean {
  return FIXED.has(file) && script !== true && enabled === true;
}

function warningsFor({ enabled }: UnitRequest, found: UnitValue | null): readonly string[] | undefined {
  if (enabled !== false || found === null || !isFixed(found)) return undefined;
  return [`${found.name} is ${found.file}: it cannot be disabled, only masked`];
}

function stepsFor(request: UnitRequest, ref: Ref<UnitValue>, found: UnitValue | null): readonly Step[] {
  const { state, noBlock = false } = request;
  const steps: Step[] = [];
  const running = runs(found);
  const starts = !running && state && state !== 'stopped';
  const stops = state === 'stopped' && found !== null && (running || found.active === 'deactivating');
  // What runs to its end, what nobody waits for and what systemd has not read yet may be in another state when one looks.
  const acts = noBlock || (starts && (found?.once === true || found?.load !== 'loaded'));
  const settles = acts ? undefined : starts ? 'active' : stops ? 'inactive' : undefined;
  const wanted = wantedUnit(request, ref, found, settles);
  if (wanted !== found) steps.push(set(ref, wanted, request.force ? { force: true } : {}));
  const act = (verb: string) => steps.push(unitAction(ref.id, verb, optionsOf(request), found));
  if (acts && starts) act('start');
  if (acts && stops) act('stop');
  if (running && state === 'restarted') act('restart');
  if (running && state === 'reloaded') act('reload');
  return steps;
}

/** `null`: it is not there, or no more when its mask is lifted. */
function wantedUnit(
  { masked, enabled }: UnitRequest,
  ref: Ref<UnitValue>,
  found: UnitValue | null,
  settles: 'active' | 'inactive' | undefined,
): UnitValue | null {
  let wanted = found;
  if (masked === true && found?.masked !== true) wanted = { ...(found ?? absent(ref)), ...MASKED };
  if (masked === false && found?.masked === true) {
    if (found.hollow === true) return null;
    const { enabled: _, file: __, ...rest } = found;
    wanted = { ...rest, masked: false, load: 'loaded' };
  }
  if (wanted === null) return null;
  if (typeof enabled === 'boolean' && enabled !== wanted.enabled && !wanted.masked && !isFixed(wanted)) {
    wanted = { ...wanted, enabled, file: enabled ? 'enabled' : 'disabled' };
  }
  if (settles !== undefined) wanted = { ...wanted, active: settles, sub: settles === 'active' ? 'running' : 'dead' };
  return wanted;
}

const MASKED = { masked: true, load: 'masked', enabled: false, file: 'masked' } as const;

function absent({ id }: Ref): UnitValue {
  const name = id.slice(id.indexOf('/') + 1);
  return {
    name,
    load: 'masked',
    hollow: true,
    active: 'inactive',
    sub: 'dead',
    masked: true,
    canReload: false,
    type: '',
    once: false,
    stale: false,
  };
}

function optionsOf({ noBlock, force }: UnitRequest): VerbOptions {
  return { noBlock, force: force ?? false };
}

function resultOf({ name, state, enabled }: UnitRequest, found: UnitValue | null): NonNullable<Wish['result']> {
  return {
    name,
    ...(state && { state: state === 'stopped' ? 'stopped' : 'started' }),
    ...(typeof enabled === 'boolean' && { enabled }),
    status: found === null ? {} : statusOf(found),
  };
}

/** What `systemctl show` said before, under its own names. */
function statusOf(found: UnitValue): NonNullable<Wish['result']> {
  const yesNo = (value: boolean) => (value ? 'yes' : 'no');
  return {
    Id: found.name,
    LoadState: found.load,
    ActiveState: found.active,
    SubState: found.sub,
    UnitFileState: found.file ?? '',
    CanReload: yesNo(found.canReload),
    NeedDaemonReload: yesNo(found.stale),
    Type: found.type,
  };
}
