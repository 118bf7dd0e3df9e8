import type { Ref } from '../planning/contracts.ts';
import { join, type Sh, sh, tidy } from '../transport/sh.ts';
import { chunks } from './chunks.ts';
import { CONTENT_LIMIT, type DigestName, WHOLE_LIMIT } from './content.ts';

/** Parts of a value that cost something: a read, a process. */
export type PathAspect = 'content' | 'whole' | 'mime' | 'attributes' | 'access' | DigestName;

export const DIGESTS: readonly DigestName[] = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];

/** PATH_MAX of Linux, with its NUL. */
const LONGEST_PATH = 4095;

/** What all programs are asked about, in the order that answers are read in: the parser goes by the same lists. */
export interface PathQuestions {
  readonly look: readonly (readonly string[])[];
  readonly read: readonly { readonly limit: number; readonly paths: readonly string[] }[];
  readonly kernel: readonly string[];
  readonly sums: readonly { readonly algorithm: DigestName; readonly paths: readonly string[] }[];
  readonly access: readonly (readonly string[])[];
  readonly mime: readonly (readonly string[])[];
  readonly attributes: readonly (readonly string[])[];
}

/** Whether the id of a ref can be asked about at all. */
export function isPath(id: string): boolean {
  return id.startsWith('/') && !id.includes('\0') && Buffer.byteLength(id) <= LONGEST_PATH;
}

export function questionsOf(refs: readonly Ref[]): PathQuestions {
  const asked = aspectsById(refs);
  const withAspect = (...names: readonly string[]) =>
    chunks([...asked].filter(([, aspects]) => names.some((name) => aspects.has(name))).map(([id]) => id));
  const read = (id: string, aspects: ReadonlySet<string>) =>
    !isKernelFile(id) && (aspects.has('content') || aspects.has('whole'));
  const small = [...asked].filter(([id, aspects]) => read(id, aspects) && !aspects.has('whole')).map(([id]) => id);
  const whole = [...asked].filter(([id, aspects]) => read(id, aspects) && aspects.has('whole')).map(([id]) => id);
  return {
    look: chunks([...asked.keys()]),
    read: [
      ...chunks(small).map((paths) => ({ limit: CONTENT_LIMIT, paths })),
      ...chunks(whole).map((paths) => ({ limit: WHOLE_LIMIT, paths })),
    ],
    kernel: withAspect('content', 'whole').flat().filter(isKernelFile),
    sums: DIGESTS.flatMap((algorithm) => withAspect(algorithm).map((paths) => ({ algorithm, paths }))),
    access: withAspect('access'),
    mime: withAspect('mime'),
    attributes: withAspect('attributes'),
  };
}

/** proc(5), sysfs(5): sizes there mean nothing. */
export function isKernelFile(id: string): boolean {
  return id.startsWith('/proc/') || id.startsWith('/sys/');
}

/** Aspects of one path add up, whoever asks. */
export function aspectsById(refs: readonly Ref[]): ReadonlyMap<string, ReadonlySet<string>> {
  const asked = new Map<string, Set<string>>();
  for (const { id, aspects } of refs) {
    if (!isPath(id)) continue;
    const known = asked.get(id);
    if (known === undefined) asked.set(id, new Set(aspects));
    else for (const aspect of aspects) known.add(aspect);
  }
  return asked;
}

/** stat(1) fields of one record, each ended by NUL: 14 numbers, two names, two local times, the path, path and target. */
export const STAT_FIELDS = '%f %u %g %s %b %o %d %i %h %t %T %.9X %.9Y %.9Z\\0%U\\0%G\\0%x\\0%y\\0%n\\0%N\\0';

/**
 * Programs that answer a PathQuestions. What each prints, in the part of this name (N: index of the list):
 * `statN` stat records in order, those of paths that cannot be looked at left out, their reasons on stderr;
 * `linksN` where each link leads, `behindN` stat records of what is there;
 * `tarN` the contents of what is not empty and not big, what tar could not read on stderr, `bigN` hashes;
 * `kernelK` the content of the K-th, `kernel_faultK` why it could not be read;
 * `sumN` hashes; `accessN` three letters a path; `mimeN`, `attributesN` as file(1) and lsattr(1) print them.
 */
export function lookProgram(questions: PathQuestions): Sh {
  const { look, read, kernel, sums, access, mime, attributes } = questions;
  const programs = [
    LOOK,
    ...look.map((paths, i) => sh`rb_look ${i} ${paths}`),
    ...(read.length > 0 ? [READ] : []),
    ...read.map(({ limit, paths }, i) => sh`rb_read ${i} ${limit} ${paths}`),
    ...(kernel.length > 0 ? [READ_KERNEL, sh`rb_kernel ${kernel}`] : []),
    ...(sums.length > 0 ? [SUM] : []),
    ...sums.map(({ algorithm, paths }, i) => sh`rb_sum ${i} ${`${algorithm}sum`} ${paths}`),
    ...(access.length > 0 ? [ACCESS] : []),
    ...access.map((paths, i) => sh`rb_access ${i} ${paths}`),
    ...mime.map((paths, i) => sh`rb_part ${`mime${i}`}\nfile -r0 --mime-type --mime-encoding -- ${paths} 2>/dev/null`),
    ...attributes.map((paths, i) => sh`rb_part ${`attributes${i}`}\nlsattr -vd -- ${paths} 2>/dev/null`),
    sh`:`,
  ];
  return tidy(join(programs));
}

// realpath -m names a place for every link, so that its lines keep step with the links.
const LOOK = sh`rb_look() {
  rb_part "stat$1"
  rb_i=$1; shift
  QUOTING_STYLE=literal stat --printf ${STAT_FIELDS} -- "$@"
  rb_n=$#
  for rb_f; do [ -L "$rb_f" ] && set -- "$@" "$rb_f"; done
  shift "$rb_n"
  [ $# -gt 0 ] || return 0
  rb_part "links$rb_i"
  realpath -mz -- "$@" 2>/dev/null
  rb_part "behind$rb_i"
  QUOTING_STYLE=literal stat -L --printf ${STAT_FIELDS} -- "$@" 2>/dev/null
}`;

/**
 * Only regular files are opened: a fifo would wait for its writer. One tar(1) for all, since its headers tell where
 * each file begins and ends, whatever is in them and however they grow meanwhile. Sizes go by line, in step with the
 * files; should one of them vanish in between, nothing is read.
 */
const READ = sh`rb_tar() {
  shift "$1"
  tar --format=gnu -b8 -chPf - --hard-dereference --no-unquote --quoting-style=literal -- "$@"
}
rb_read() {
  rb_i=$1 rb_max=$2; shift 2
  rb_n=$#
  for rb_f; do [ -f "$rb_f" ] && set -- "$@" "$rb_f"; done
  shift "$rb_n"
  [ $# -gt 0 ] || return 0
  rb_sizes=$(stat -Lc %s -- "$@" 2>/dev/null)
  rb_c=0
  while read -r rb_s; do [ -z "$rb_s" ] || rb_c=$((rb_c + 1)); done <<RB_SIZES
$rb_sizes
RB_SIZES
  [ "$rb_c" -eq $# ] || return 0
  rb_n=$#
  for rb_f; do
    read -r rb_s && [ "$rb_s" -gt 0 ] && [ "$rb_s" -le "$rb_max" ] && set -- "$@" "$rb_f"
  done <<RB_SIZES
$rb_sizes
RB_SIZES
  if [ $# -gt "$rb_n" ]; then
    rb_part "tar$rb_i"
    rb_tar "$((rb_n + 1))" "$@"
  fi
  rb_n=$#
  for rb_f; do
    read -r rb_s && [ "$rb_s" -gt "$rb_max" ] && set -- "$@" "$rb_f"
  done <<RB_SIZES
$rb_sizes
RB_SIZES
  shift "$rb_n"
  [ $# -gt 0 ] || return 0
  rb_part "big$rb_i"
  sha256sum -z -- "$@" 2>/dev/null
}`;

/** Files that the kernel makes up as they are read: of no known size, and reading may block. */
const READ_KERNEL = sh`rb_kernel() {
  rb_k=0
  for rb_f; do
    if [ -f "$rb_f" ]; then
      rb_part "kernel$rb_k"
      rb_e=$(timeout 2 head -c ${CONTENT_LIMIT + 1} -- "$rb_f" 2>&1 >&3) || { rb_part "kernel_fault$rb_k"; printf %s "$rb_e"; }
    fi
    rb_k=$((rb_k + 1))
  done
} 3>&1`;

const SUM = sh`rb_sum() {
  rb_part "sum$1"
  rb_sum=$2; shift 2
  rb_n=$#
  for rb_f; do [ -f "$rb_f" ] && set -- "$@" "$rb_f"; done
  shift "$rb_n"
  [ $# -eq 0 ] || "$rb_sum" -z -- "$@" 2>/dev/null
}`;

const ACCESS = sh`rb_access() {
  rb_part "access$1"; shift
  for rb_f; do
    rb_r=- rb_w=- rb_x=-
    [ -r "$rb_f" ] && rb_r=r; [ -w "$rb_f" ] && rb_w=w; [ -x "$rb_f" ] && rb_x=x
    printf %s "$rb_r$rb_w$rb_x"
  done
}`;
