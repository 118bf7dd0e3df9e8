import { posix } from 'node:path';
import type { Change } from '../planning/contracts.ts';
import { content, join, type Sh, sh } from '../transport/sh.ts';
import { bits, ownerSpec } from './path_adjust.ts';
import { openWorkshop } from './path_program.ts';
import type { SecretEntry, SecretsValue } from './secrets_value.ts';
import { validateCommand } from './validate_command.ts';

/*
 * The store beside a file, FILE.secrets, in lines of fields set apart by tabs; no value has a tab or a line end in it:
 *
 *     s NAME VERSION MADE VALUE         a secret
 *     p NAME VERSION RETIRED VALUE      the one before
 *     t NAME OTHER VALUE                what takes turns with it
 *     |...                              a line of the template
 *     e                                 the end
 *
 * FILE.secrets.next is the store that is to be: it is there from the moment at which new values are on the disk until
 * they are the ones. Whoever finds it goes on with its values, so that what a killed run has made valid elsewhere
 * (a password in a database) is not lost.
 */

/** Fills the template of a store with its secrets. */
const FILL = String.raw`
$1 == "s" { v[$2] = $5 }
$1 == "p" { v[$2 ".previous"] = $5 }
$1 == "t" { v[$3] = $4 }
/^\|/ {
  rest = substr($0, 2); out = ""
  while ((i = index(rest, "@{")) > 0) {
    tail = substr(rest, i + 2); j = index(tail, "}"); name = substr(tail, 1, j - 1)
    if (j > 0 && name ~ /^[A-Za-z_][A-Za-z0-9_]*(\.previous)?$/) {
      out = out substr(rest, 1, i - 1) v[name]; rest = substr(tail, j + 1)
    } else { out = out substr(rest, 1, i + 1); rest = tail }
  }
  print out rest
}`;

/** Of a store, what may be told. */
const TELL = String.raw`$1 == "s" || $1 == "p" { print $1 "\t" $2 "\t" $3 "\t" $4 } $1 == "t"`;

/** Names that a file sets to something, as environment files do. */
const NAMES = String.raw`
{ sub(/^export[ \t]+/, "") }
/^[A-Za-z_][A-Za-z0-9_]*=./ && !/\t/ { print substr($0, 1, index($0, "=") - 1) }`;

/**
 * Prints, in parts with the number of the path: `file` mode, owner and ids; `store` what may be told of its secrets,
 * `template`, `whole` where the file is the template filled in, `unfinished`; `names` where there is no store;
 * `fault` why it cannot be told; `end`.
 */
export function lookAtSecrets(paths: readonly string[]): Sh {
  return join([LOOK, ...paths.map((path, i) => sh`rb_secrets ${i} ${path}`), sh`:`]);
}

/** A store that somebody else could have put there is none. */
const OWN = sh`rb_own() {
  if [ -L "$1" ] || [ ! -f "$1" ] || [ ! -O "$1" ]; then
    echo "$1 is not a file of the user who looks at it"
    return 1
  fi
}`;

const LOOK = sh`${OWN}
rb_secrets() {
  if [ -e "$2" ] || [ -L "$2" ]; then
    if [ -L "$2" ] || [ ! -f "$2" ]; then rb_part "fault $1"; echo "$2 is no regular file"; return 0; fi
    rb_part "file $1"; stat -c '%a %U %G %u %g' -- "$2"
  fi
  if [ -e "$2.secrets.next" ]; then rb_part "unfinished $1"; fi
  if [ -e "$2.secrets" ] || [ -L "$2.secrets" ]; then
    rb_own "$2.secrets" >/dev/null || { rb_part "fault $1"; rb_own "$2.secrets"; return 0; }
    if [ "$(tail -n 1 -- "$2.secrets")" != e ]; then rb_part "fault $1"; echo "$2.secrets is damaged"; return 0; fi
    rb_part "store $1"; awk -F '\\t' ${TELL} "$2.secrets"
    rb_part "template $1"; awk '/^\\|/ { print substr($0, 2) }' "$2.secrets"
    if [ -f "$2" ] && awk -F '\\t' ${FILL} "$2.secrets" | cmp -s -- - "$2"; then rb_part "whole $1"; fi
  elif [ -f "$2" ]; then
    rb_part "names $1"; awk ${NAMES} "$2"
  fi
  rb_part "end $1"
}`;

/** Makes the changes one after the other; the first that fails ends the program. */
export function secretsProgram(changes: readonly Change<SecretsValue>[]): Sh {
  return join(changes.map((change) => sh`(\n${programOf(change)}\n) || exit`));
}

function programOf(change: Change<SecretsValue>): Sh {
  const { before, after, ref } = change;
  const path = ref.id;
  if (after === null) return sh`rm -f -- ${path} ${[`${path}.secrets`, `${path}.secrets.next`]}`;
  const back = Object.keys(after.entries).find((name) => goesBack(before?.entries[name], after.entries[name]));
  if (back !== undefined) return sh`printf '%s\\n' ${`the value that ${back} had cannot be drawn again`} >&2; exit 1`;
  const { activate } = change.options;
  const failed = `the new values could not be made valid by \`${activate}\`; they are kept for the next run`;
  return join([
    openWorkshop(path),
    OWN,
    LINE,
    sh`rb_path=${path}
rb_old=$rb_path.secrets rb_next=$rb_path.secrets.next rb_made=$rb_dir/${`${posix.basename(path)}.secrets`}
rb_now=$(date +%s)
for rb_f in "$rb_old" "$rb_next"; do
  if [ -e "$rb_f" ] || [ -L "$rb_f" ]; then rb_own "$rb_f" >&2 || exit 1; fi
done`,
    sh`{\n${join(Object.entries(after.entries).map(([name, entry]) => storeEntry(name, entry, change)))}
${content(Buffer.from(after.template, 'utf8'))} | sed 's/^/|/'
echo e
} >"$rb_made" || exit`,
    sh`awk -F '\\t' '$1 == "s" && $5 == "" { print "no value has been drawn for " $2; bad = 1 } END { exit bad }' "$rb_made" >&2 || exit`,
    sh`: >"$rb_new" || exit`,
    ...chown(after),
    sh`chmod ${bits(after.mode ?? 0o600)} -- "$rb_new" || exit
awk -F '\\t' ${FILL} "$rb_made" >"$rb_new" || exit
sync -- "$rb_made" "$rb_new" || exit
mv -fT -- "$rb_made" "$rb_next" || exit
sync -- ${posix.dirname(path)} || exit`,
    ...(typeof activate === 'string' ? [validateCommand(activate, sh`"$rb_new"`, failed)] : []),
    sh`mv -fT -- "$rb_new" "$rb_path" || exit
mv -fT -- "$rb_next" "$rb_old" || exit
sync -- ${posix.dirname(path)} || exit`,
  ]);
}

function goesBack(before: SecretEntry | undefined, after: SecretEntry | undefined): boolean {
  return before !== undefined && after !== undefined && after.version < before.version;
}

function chown(after: SecretsValue): readonly Sh[] {
  const spec = ownerSpec(after);
  return spec === undefined ? [] : [sh`chown -h -- ${spec} "$rb_new" || exit`];
}

/** Prints the line of a store by kind, name and version. */
const LINE = sh`rb_line() {
  [ -f "$4" ] && awk -F '\\t' -v k="$1" -v n="$2" -v v="$3" '
$1 == k && $2 == n && $3 == v { print; found = 1; exit }
END { exit !found }' "$4"
}`;

function storeEntry(name: string, entry: SecretEntry, { before, options }: Change<SecretsValue>): Sh {
  const old = before?.entries[name];
  const lines = [valueLine(name, entry, old, String(options[`draw ${name}`] ?? ''))];
  if (entry.previous !== undefined) lines.push(previousLine(name, entry.previous.version, old));
  if (entry.turn !== undefined) lines.push(turnLine(name, entry.turn));
  return join(lines);
}

function valueLine(name: string, entry: SecretEntry, old: SecretEntry | undefined, draw: string): Sh {
  const { version, adopted } = entry;
  if (old?.version === version) return sh`rb_line s ${name} ${version} "$rb_old" || exit 1`;
  if (adopted) {
    return sh`rb_line s ${name} ${version} "$rb_next" || {
  printf 's\\t%s\\t%s\\t%s\\t%s\\n' ${name} ${version} "$(stat -c %Y -- "$rb_path")" "$(${taken(name)})"
}`;
  }
  return sh`rb_line s ${name} ${version} "$rb_next" || {
  printf 's\\t%s\\t%s\\t%s\\t' ${name} ${version} "$rb_now"; ${drawn(draw)}; echo
}`;
}

/** What `NAME=value` has in the file that is taken over: without the quotes around it. */
function taken(name: string): Sh {
  const program = String.raw`
{ sub(/^export[ \t]+/, "") }
index($0, n "=") == 1 {
  value = substr($0, length(n) + 2)
  q = substr(value, 1, 1)
  if (length(value) > 1 && (q == "\"" || q == "'") && substr(value, length(value)) == q)
    value = substr(value, 2, length(value) - 2)
}
END { print value }`;
  return sh`awk -v n=${name} ${program} "$rb_path"`;
}

function previousLine(name: string, version: number, old: SecretEntry | undefined): Sh {
  if (old?.previous?.version === version) return sh`rb_line p ${name} ${version} "$rb_old" || exit 1`;
  return sh`rb_line p ${name} ${version} "$rb_next" || rb_line s ${name} ${version} "$rb_old" |
  awk -F '\\t' -v now="$rb_now" '{ print "p\\t" $2 "\\t" $3 "\\t" now "\\t" $5 }'`;
}

function turnLine(name: string, { name: other, value }: NonNullable<SecretEntry['turn']>): Sh {
  if (value !== undefined) return sh`printf 't\\t%s\\t%s\\t%s\\n' ${name} ${other} ${value}`;
  return sh`printf 't\\t%s\\t%s\\t%s\\n' ${name} ${other} "$(${taken(other)})"`;
}

/** Draws from the kernel's random numbers; none is preferred to another. */
function drawn(draw: string): Sh {
  const [format = '', amount = '', set = ''] = draw.split(' ');
  const n = Number(amount);
  switch (format) {
    case 'hex':
      return sh`od -An -v -tx1 -N ${n} /dev/urandom | tr -d ' \\n'`;
    case 'base64':
      return sh`head -c ${n} /dev/urandom | base64 | tr -d '\\n'`;
    case 'base64url':
      return sh`head -c ${n} /dev/urandom | base64 | tr -d '=\\n' | tr +/ -_`;
    default:
      return sh`tr -dc ${trSet(set)} </dev/urandom | head -c ${n}`;
  }
}

/** Each character by its number: none means a range or a class to tr(1). */
function trSet(characters: string): string {
  return [...characters].map((one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`).join('');
}
