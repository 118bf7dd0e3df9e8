import type { Ref, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { join, type Sh, sh, tidy } from '../transport/sh.ts';
import { complaint, partLines, partText } from './answer_text.ts';
import { isTemplate, isUnitName, splitUnitId, type UnitScope } from './unit_name.ts';
import type { UnitValue } from './unit_value.ts';

const PROPERTIES =
  'Id,Names,LoadState,LoadError,ActiveState,SubState,UnitFileState,FragmentPath,SourcePath,NeedDaemonReload,Type,RemainAfterExit,CanReload';

interface Asked {
  readonly scope: UnitScope;
  readonly names: readonly string[];
  readonly templates: readonly string[];
}

function asked(refs: readonly Ref<UnitValue>[]): readonly Asked[] {
  const all = refs.map((ref) => splitUnitId(ref.id)).filter(({ name }) => isUnitName(name));
  return (['system', 'user', 'global'] as const).flatMap((scope) => {
    const names = all.filter((one) => one.scope === scope).map((one) => one.name);
    if (names.length === 0) return [];
    return [{ scope, names: names.filter((n) => !isTemplate(n)), templates: names.filter(isTemplate) }];
  });
}

/** One systemctl for all units of a scope, and more only for templates and units of kind `indirect`. */
export function lookAtUnits(refs: readonly Ref<UnitValue>[]): Sh {
  const scopes = asked(refs);
  if (scopes.length === 0) return sh`:`;
  const parts = scopes.map(lookAtScope);
  // What the user's systemd is found by is not to stay in the shell.
  if (scopes.some(({ scope }) => scope === 'user')) return join([running(sh`exit`), ...parts]);
  return tidy(join([running(sh`return`), ...parts]));
}

/** sd_booted(3). */
const running = (leave: Sh) => sh`if [ ! -d /run/systemd/system ]; then
  echo 'systemd does not run on this host (there is no /run/systemd/system): units cannot be managed' >&2
  ${leave} 69
fi`;

/** The user's systemd is found by this variable, which only a login sets (pam_systemd(8)). */
export const USER_MANAGER = sh`: "\${XDG_RUNTIME_DIR:=/run/user/$(id -u)}"
export XDG_RUNTIME_DIR`;

export function scopeFlag(scope: UnitScope): readonly string[] {
  return scope === 'system' ? [] : [`--${scope}`];
}

function lookAtScope({ scope, names, templates }: Asked): Sh {
  const flag = scopeFlag(scope);
  const parts: Sh[] = scope === 'user' ? [USER_MANAGER] : [];
  if (scope === 'global') return join([...names, ...templates].map((name) => globalState(name)));
  if (names.length > 0) {
    parts.push(sh`rb_show=$(systemctl ${[...flag, 'show']} -p ${PROPERTIES} -- ${names})
rb_status=$?
rb_part ${`${scope} status`}
echo "$rb_status"
rb_part ${`${scope} show`}
printf '%s\\n' "$rb_show"
case $rb_show in
  *UnitFileState=indirect* | *UnitFileState=alias*)
    # shellcheck disable=SC2043 # there may be one only
    for rb_unit in ${names}; do
      rb_part "links $rb_unit"
      systemctl ${[...flag, 'is-enabled']} -l -- "$rb_unit"
    done ;;
esac`);
  }
  if (names.length > 0 && scope === 'system') parts.push(filesOf(names));
  if (templates.length > 0) {
    parts.push(
      sh`rb_part ${`${scope} templates`}\nsystemctl ${[...flag, 'list-unit-files']} --no-legend --plain -- ${templates}`,
    );
  }
  return join(parts);
}

function globalState(name: string): Sh {
  return sh`rb_part ${`global ${name}`}\nsystemctl --global is-enabled -- ${name}`;
}

/** Unit files that systemd may not have read yet, and the links that enable an init script. No process is started. */
function filesOf(names: readonly string[]): Sh {
  return sh`rb_part files
# shellcheck disable=SC2043
for rb_unit in ${names}; do
  rb_template=$rb_unit
  case $rb_unit in
    *@*) rb_template=\${rb_unit%%@*}@.\${rb_unit##*.} ;;
  esac
  for rb_dir in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system \\
    /usr/lib/systemd/system /lib/systemd/system /run/systemd/generator /run/systemd/transient; do
    if [ -f "$rb_dir/$rb_unit" ] || [ -f "$rb_dir/$rb_template" ]; then echo "file $rb_unit"; break; fi
  done
  rb_script=\${rb_unit%.service}
  if [ -x "/etc/init.d/$rb_script" ] && [ "$rb_script" != "$rb_unit" ]; then
    echo "file $rb_unit"
    for rb_link in /etc/rc[S2345].d/S[0-9][0-9]"$rb_script"; do
      if [ -e "$rb_link" ]; then echo "init $rb_unit"; break; fi
    done
  fi
done`;
}

export function parseUnits(answer: Answer, refs: readonly Ref<UnitValue>[]): readonly Seen[] {
  const files = new Set(partLines(answer, 'files'));
  const scopes = new Map(asked(refs).map((one) => [one.scope, blocksOf(answer, one)]));
  return refs.map((ref): Seen => {
    const { scope, name } = splitUnitId(ref.id);
    if (!isUnitName(name)) return { ref, error: `\`${name}\` is not the name of a unit` };
    if (answer.status === 69) return { ref, error: complaint(answer) };
    if (scope === 'global') return globalUnit(answer, ref, name);
    if (isTemplate(name)) return { ref, value: template(answer, scope, name) };
    const block = scopes.get(scope)?.get(name);
    if (block === undefined) return { ref, error: unasked(answer, scope) };
    return { ref, value: unitFrom(block, ref.id, files, partLines(answer, `links ${name}`)) };
  });
}

function unasked(answer: Answer, scope: UnitScope): string {
  const why = complaint(answer);
  if (scope === 'system') return why;
  return `${why} (the user's own systemd must run: \`loginctl enable-linger USER\` keeps it running)`;
}

type Block = ReadonlyMap<string, string>;

/** The properties of each unit. Blocks come in the order of the names, and are found by name where one is missing. */
function blocksOf(answer: Answer, { scope, names }: Asked): ReadonlyMap<string, Block> {
  const blocks = partText(answer, `${scope} show`)
    .split(/\n{2,}/)
    .map(parseBlock)
    .filter((block) => block.has('Id'));
  const complete = blocks.length === names.length && partText(answer, `${scope} status`).trim() === '0';
  return new Map(
    names.flatMap((name, i): [string, Block][] => {
      const block = complete ? blocks[i] : blocks.find((one) => namesIn(one).includes(name));
      return block === undefined ? [] : [[name, block]];
    }),
  );
}

function parseBlock(text: string): Block {
  const block = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) block.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return block;
}

function namesIn(block: Block): readonly string[] {
  return [block.get('Id') ?? '', ...(block.get('Names') ?? '').split(' ')];
}

function unitFrom(block: Block, id: string, files: ReadonlySet<string>, links: readonly string[]): UnitValue | null {
  const { scope, name } = splitUnitId(id);
  const get = (property: string) => block.get(property) ?? '';
  const load = get('LoadState');
  const missing = load === 'not-found' || load === '';
  if (missing && !files.has(`file ${name}`)) return null;
  const file = get('UnitFileState');
  const script = get('SourcePath').startsWith('/etc/init.d/');
  const problem = /"(.*)"$/.exec(get('LoadError'))?.[1];
  return {
    name: missing ? name : get('Id'),
    load: missing ? 'unread' : load,
    ...(problem !== undefined && load !== 'masked' && !missing && { problem }),
    active: get('ActiveState') || 'inactive',
    sub: get('SubState') || 'dead',
    enabled: script ? files.has(`init ${name}`) : isEnabled(file, links),
    file,
    ...(get('FragmentPath') !== '' && { path: get('FragmentPath') }),
    ...(script && { script }),
    ...(load === 'masked' && scope === 'system' && !files.has(`file ${name}`) && { hollow: true }),
    masked: file === 'masked' || file === 'masked-runtime' || load === 'masked',
    canReload: get('CanReload') === 'yes',
    type: get('Type'),
    once: get('Type') === 'oneshot' && get('RemainAfterExit') !== 'yes',
    stale: get('NeedDaemonReload') === 'yes',
  };
}

/** The table of states under `is-enabled` in systemctl(1), read as Ansible reads it. */
function isEnabled(file: string, links: readonly string[]): boolean {
  // Enabled through another unit, or not at all: then the state stands alone.
  if (file === 'indirect' || file === 'alias') return links.length > 1;
  return ['enabled', 'enabled-runtime', 'static', 'generated', 'transient'].includes(file);
}

const BARE: Omit<UnitValue, 'name' | 'enabled' | 'file' | 'masked'> = {
  load: 'loaded',
  active: 'inactive',
  sub: 'dead',
  canReload: false,
  type: '',
  once: false,
  stale: false,
};

/** `NAME STATE PRESET`. */
function template(answer: Answer, scope: UnitScope, name: string): UnitValue | null {
  const line = partLines(answer, `${scope} templates`).find((one) => one.startsWith(`${name} `));
  return line === undefined ? null : fromState(name, line.split(/ +/)[1] ?? '');
}

function fromState(name: string, file: string): UnitValue {
  return { ...BARE, name, file, enabled: isEnabled(file, []), masked: file.startsWith('masked') };
}

function globalUnit(answer: Answer, ref: Ref<UnitValue>, name: string): Seen {
  const state = partLines(answer, `global ${name}`)[0] ?? '';
  return { ref, value: state === '' || state === 'not-found' ? null : fromState(name, state) };
}
