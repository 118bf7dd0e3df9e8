import type { DigestName } from '../../engine/resources/content.ts';
import { join, type Sh, sh } from '../../engine/transport/sh.ts';
import { requestProgram, type WebRequest } from './web_request.ts';

/** A checksum itself, or the file that holds it. */
export type Checksum = { readonly algorithm: DigestName } & ({ readonly hex: string } | { readonly url: string });

/** Hex digits of each. */
const LENGTHS: Readonly<Record<DigestName, number>> = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
};

/** `sha256:b5bb...` or `sha256:https://...`; empty: none is asked for. */
export function readChecksum(
  given: string,
): Checksum | { readonly failed: string; readonly parameter: string } | undefined {
  if (given === '') return undefined;
  const wrong = (failed: string) => ({ failed, parameter: 'checksum' });
  const [, name = '', rest = ''] = /^([^:]*):(.*)$/s.exec(given.trim()) ?? [];
  const algorithm = (Object.keys(LENGTHS) as DigestName[]).find((one) => one === name.toLowerCase());
  if (algorithm === undefined) {
    return wrong(`\`${given}\` begins with no algorithm: ${Object.keys(LENGTHS).join(', ')}, as in sha256:b5bb9d80...`);
  }
  if (/^[a-z]+:\/\//i.test(rest)) return { algorithm, url: rest };
  const hex = rest.replaceAll(/\W+/g, '').toLowerCase();
  if (!/^[0-9a-f]*$/.test(hex) || hex.length !== LENGTHS[algorithm]) {
    return wrong(`a checksum of ${algorithm} has ${LENGTHS[algorithm]} hexadecimal digits: this one does not`);
  }
  return { algorithm, hex };
}

/** Finds the checksum of `name` in a file such as sha256sum(1) writes, or takes the one that stands there alone, as `$rb_want`. */
export function sumsProgram(request: WebRequest, algorithm: DigestName, name: string): Sh {
  return join([
    sh`rb_want=$(`,
    requestProgram(request),
    sh`[ "$rb_status" = 0 ] || exit "$rb_status"
case $rb_code in 2?? | '') ;; *) printf 'the file of checksums: HTTP error %s\\n' "$rb_code" >&2; exit 22 ;; esac
tr -d '\\r' <"$rb_web/body" | awk -v name=${name.replaceAll('\\', '\\\\')} '
  { lines++; sum = $1; fields = NF; file = $0; sub(/^[^ ]+ [ *]?/, "", file); sub(/^[.\\/]+/, "", file) }
  NF > 1 && file == name && found == "" { found = sum }
  END { print (lines == 1 && fields == 1) ? sum : found }'`,
    sh`) || exit
rb_want=$(printf %s "$rb_want" | tr -d -c '0-9A-Fa-f' | tr A-F a-f)
if [ "\${#rb_want}" != ${LENGTHS[algorithm]} ]; then
  printf 'the file of checksums names none of %s\\n' ${name} >&2
  exit 65
fi`,
  ]);
}
