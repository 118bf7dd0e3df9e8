import type { Change, Diff, Ref, ResourceType, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import { partLines } from './answer_text.ts';

/** What the running kernel has, below /proc/sys. */
export interface SysctlValue {
  /** Lines joined by newlines; fields as the kernel separates them (tabs, mostly). */
  readonly value: string;
}

export const sysctlType: ResourceType<SysctlValue> = {
  name: 'sysctl',
  collect,
  parse,
  transition,
  describe,
  same,
  access,
};

/** The live value of a kernel parameter, by its name as in sysctl(8). Ask sysctlPath first whether it is one. */
export function sysctl(name: string): Ref<SysctlValue> {
  return { type: sysctlType, id: name, aspects: [] };
}

const ROOT = '/proc/sys';

/**
 * The file of a parameter. sysctl(8): the first `.` or `/` is the separator, the other one then stands for
 * itself: `net.ipv4.conf.eth0/100.forwarding` is `net/ipv4/conf/eth0.100/forwarding`.
 * `undefined`: no name of one parameter (empty, a pattern, or a way out of /proc/sys).
 */
export function sysctlPath(name: string): string | undefined {
  const first = /[./]/.exec(name)?.[0];
  const inPath = first === '.' ? name.replace(/[./]/g, (c) => (c === '.' ? '/' : '.')) : name;
  const parts = inPath.split('/');
  if (!/^[^\s*?[\]\0=:]+$/.test(name) || parts.some((part) => part === '' || part === '.' || part === '..'))
    return undefined;
  return `${ROOT}/${inPath}`;
}

function pathOf(ref: Ref<SysctlValue>): string {
  const path = sysctlPath(ref.id);
  if (path === undefined) throw new Error(`no name of a kernel parameter: ${ref.id}`);
  return path;
}

/**
 * `read` of a shell takes a byte at a time, which /proc/sys answers with the first byte alone: so one grep reads
 * them all, each line with its file's name in front.
 */
function collect(refs: readonly Ref<SysctlValue>[]): Sh {
  const paths = refs.map(pathOf);
  return sh`rb_part there
for rb_path in ${paths}; do
  if [ ! -f "$rb_path" ]; then continue; elif [ -r "$rb_path" ]; then echo "r $rb_path"; else echo "w $rb_path"; fi
done
rb_part values
grep -Hs '' ${paths} || :`;
}

function parse(answer: Answer, refs: readonly Ref<SysctlValue>[]): readonly Seen[] {
  const there = new Set(partLines(answer, 'there'));
  const values = new Map<string, string[]>();
  for (const line of partLines(answer, 'values')) {
    const [, path, value] = /^([^:]*):(.*)$/s.exec(line) ?? [];
    if (path === undefined || value === undefined) continue;
    const known = values.get(path);
    if (known === undefined) values.set(path, [value]);
    else known.push(value);
  }
  return refs.map((ref): Seen => {
    const path = pathOf(ref);
    if (there.has(`r ${path}`)) return { ref, value: { value: (values.get(path) ?? []).join('\n') } };
    if (there.has(`w ${path}`)) return { ref, error: `${path} cannot be read` };
    return { ref, value: null };
  });
}

function transition(changes: readonly Change<SysctlValue>[]): Sh {
  return join(changes.map(transitionOne), ' && ');
}

/** tee(1) names the reason (`Read-only file system`, `Invalid argument`), which the shell's own printf does not. */
function transitionOne({ ref, after }: Change<SysctlValue>): Sh {
  if (after === null) return sh`{ echo ${`the kernel parameter ${ref.id} cannot be removed`} >&2; exit 1; }`;
  return sh`{ printf '%s\n' ${after.value} | tee -- ${pathOf(ref)} >/dev/null; }`;
}

function describe({ ref, before, after }: Change<SysctlValue>): Diff {
  return {
    title: `sysctl ${ref.id}`,
    action: before === null ? 'create' : after === null ? 'remove' : 'change',
    attributes: [{ name: 'value', before: before?.value, after: after?.value }],
  };
}

/** The kernel writes tabs where a person writes spaces. */
function same(observed: SysctlValue | null, wanted: SysctlValue | null): boolean {
  return observed === null || wanted === null ? observed === wanted : sameSysctl(observed.value, wanted.value);
}

export function sameSysctl(a: string, b: string): boolean {
  const fields = (text: string) => text.trim().split(/\s+/).join(' ');
  return fields(a) === fields(b);
}

/** Forwarding, filters, disabled IPv6: `net` can cut the way in. */
function access(id: string): boolean {
  return /^net[./]/.test(id);
}
