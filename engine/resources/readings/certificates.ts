import { type KeyObject, X509Certificate } from 'node:crypto';
import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { join, type Sh, sh } from '../../transport/sh.ts';
import { complaint, partText } from '../answer_text.ts';
import { readingType } from '../reading.ts';

/** A certificate as X.509 tells it; times in milliseconds since 1970. */
export interface CertificateValue {
  /** Common name, or the whole subject where it has none. */
  readonly subject: string;
  readonly names: readonly string[];
  readonly issuer: string;
  readonly from: number;
  readonly to: number;
  /** `RSA 2048`, `EC prime256v1`, `ed25519`. */
  readonly key: string;
  /** Such as `1024-bit RSA`: what nobody should trust any more. */
  readonly weak?: string;
}

/** What one file holds, or what one service shows: the certificate of the service first, then those that vouch for it. */
export interface ChainValue {
  /** A path, or `host:port`. */
  readonly source: string;
  readonly certificates: readonly CertificateValue[];
  /** Each is signed by the next. */
  readonly linked: boolean;
  /** What openssl(1) on the host says of trust, all but the time; `ok`, or why not. Missing: it has no openssl. */
  readonly trust?: string;
  /** Of a service: whether its certificate is for that name. Missing: it was asked by address. */
  readonly named?: boolean;
  /** Why there is nothing to see. */
  readonly problem?: string;
}

/** Where certificates are: files by a shell pattern, or what a service shows that the host can reach. */
export type CertificatePlace =
  | { readonly files: string; readonly authority?: string }
  | { readonly service: string; readonly authority?: string };

const certificatesType = readingType<readonly ChainValue[]>({
  name: 'certificates',
  collect,
  parse,
  derived: true,
});

/** `authority`: a file on the host with the authorities to trust, instead of the system's. */
export function certificates(place: CertificatePlace): Ref<readonly ChainValue[]> {
  return { type: certificatesType, id: JSON.stringify(place), aspects: [] };
}

function placeOf(ref: Ref<readonly ChainValue[]>): CertificatePlace {
  return JSON.parse(ref.id) as CertificatePlace;
}

/** Only what is between the marks of a certificate leaves the host: a key may stand beside it. */
const ONLY_CERTIFICATES = '/^-----BEGIN \\(TRUSTED \\)\\{0,1\\}CERTIFICATE-----/,/^-----END /p';

function collect(refs: readonly Ref<readonly ChainValue[]>[]): Sh {
  return join(refs.map((ref, i) => ('files' in placeOf(ref) ? ofFiles(placeOf(ref), i) : ofService(placeOf(ref), i))));
}

/** First line: the source, then a line for trust, then PEM. A pattern out of a variable is never evaluated. */
function ofFiles(place: CertificatePlace, i: number): Sh {
  if (!('files' in place)) return sh`:`;
  const trusted = place.authority === undefined ? [] : ['-CAfile', place.authority];
  return sh`rb_pattern=${place.files}
rb_old=$IFS
IFS=
rb_n=0
# shellcheck disable=SC2086 # it is to be expanded
for rb_path in $rb_pattern; do
  IFS=$rb_old
  if [ ! -e "$rb_path" ]; then continue; fi
  rb_n=$((rb_n + 1))
  rb_part ${`chain ${i} `}"$rb_n"
  printf '%s\\n' "$rb_path"
  if [ ! -r "$rb_path" ]; then echo 'problem it cannot be read'; continue; fi
  if command -v openssl >/dev/null 2>&1; then
    if rb_said=$(openssl verify -no_check_time ${trusted} -untrusted "$rb_path" "$rb_path" 2>&1); then
      echo 'trust ok'
    else
      printf 'trust %s\\n' "$(printf '%s\\n' "$rb_said" | sed -n 's/^error [0-9]* at [0-9]* depth lookup: *//p' | head -n 1)"
    fi
  else
    echo
  fi
  sed -n ${ONLY_CERTIFICATES} "$rb_path"
done
IFS=$rb_old
rb_part ${`done ${i}`}`;
}

function ofService(place: CertificatePlace, i: number): Sh {
  if (!('service' in place)) return sh`:`;
  const { host } = splitService(place.service);
  const name = isAddress(host) ? [] : ['-servername', host];
  const trusted = place.authority === undefined ? [] : ['-CAfile', place.authority];
  return sh`rb_part ${`chain ${i} 1`}
printf '%s\\n' ${place.service}
if command -v openssl >/dev/null 2>&1; then
  rb_said=$(timeout 10 openssl s_client -connect ${place.service} ${name} ${trusted} -no_check_time -showcerts 2>&1 </dev/null)
  case $rb_said in
    *'BEGIN CERTIFICATE'*)
      printf 'trust %s\\n' "$(printf '%s\\n' "$rb_said" | sed -n 's/^ *Verify return code: [0-9]* (\\(.*\\))$/\\1/p' | head -n 1)"
      printf '%s\\n' "$rb_said" | sed -n ${ONLY_CERTIFICATES} ;;
    *) printf 'problem it shows no certificate: %s\\n' "$(printf '%s\\n' "$rb_said" | sed -n -e 's/^.*:\\(errno=\\)/\\1/p' -e 's/^connect: *//p' | head -n 1)" ;;
  esac
else
  echo 'problem the host has no openssl to ask with'
fi
rb_part ${`done ${i}`}`;
}

/** `host:port`, `[::1]:443`. */
function splitService(service: string): { readonly host: string } {
  return { host: service.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1') };
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^[\d.]+$/.test(host);
}

function parse(answer: Answer, refs: readonly Ref<readonly ChainValue[]>[]): readonly Seen[] {
  return refs.map((ref, i): Seen => {
    if (!answer.parts.has(`done ${i}`)) return { ref, error: complaint(answer) };
    const place = placeOf(ref);
    const parts = [...answer.parts.keys()].filter((part) => part.startsWith(`chain ${i} `));
    const name = 'service' in place ? splitService(place.service).host : undefined;
    return { ref, value: parts.map((part) => chainOf(partText(answer, part), name)) };
  });
}

function chainOf(text: string, name: string | undefined): ChainValue {
  const [source = '', said = '', ...rest] = text.split('\n');
  const [, word, about = ''] = /^(trust|problem) (.*)$/.exec(said) ?? [];
  const empty = { source, certificates: [], linked: false };
  if (word === 'problem') return { ...empty, problem: about.replace(/: $/, '') };
  const read = readCertificates(rest.join('\n'));
  const [first] = read ?? [];
  if (read === undefined) return { ...empty, problem: 'what it holds is no certificate' };
  if (first === undefined) return { ...empty, problem: 'it holds no certificate' };
  return {
    source,
    certificates: read.map(told),
    linked: read.every((one, at) => read[at + 1] === undefined || signedBy(one, read[at + 1] as X509Certificate)),
    ...(word === 'trust' && { trust: about === '' ? 'openssl could not verify it' : about }),
    ...(name !== undefined && !isAddress(name) && { named: first.checkHost(name) !== undefined }),
  };
}

/** `undefined`: one of them is none. What a host sends is not trusted, and Node throws where it cannot read it. */
function readCertificates(text: string): readonly X509Certificate[] | undefined {
  const blocks = text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END [^-]*-----/g) ?? [];
  try {
    return blocks.slice(0, MOST_IN_CHAIN).map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

const MOST_IN_CHAIN = 10;

function signedBy(one: X509Certificate, by: X509Certificate): boolean {
  try {
    return one.checkIssued(by) && one.verify(by.publicKey);
  } catch {
    return false;
  }
}

function told(one: X509Certificate): CertificateValue {
  const common = (text: string) => /^CN=(.*)$/m.exec(text)?.[1] ?? text.trim().replaceAll('\n', ', ');
  const names = (one.subjectAltName ?? '')
    .split(', ')
    .flatMap((name) => /^(?:DNS|IP Address):(.*)$/.exec(name)?.[1] ?? []);
  return {
    subject: common(one.subject ?? ''),
    names,
    issuer: common(one.issuer ?? ''),
    from: Date.parse(one.validFrom),
    to: Date.parse(one.validTo),
    ...keyOf(one),
  };
}

/** NIST SP 800-131A: RSA below 2048 bits and curves below 224 are no longer to be used. */
function keyOf(one: X509Certificate): Pick<CertificateValue, 'key' | 'weak'> {
  let key: KeyObject;
  try {
    key = one.publicKey;
  } catch {
    return { key: 'unknown' };
  }
  const kind = key.asymmetricKeyType ?? 'unknown';
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (modulusLength === undefined) return { key: namedCurve === undefined ? kind : `EC ${namedCurve}` };
  const told = `${kind.toUpperCase()} ${modulusLength}`;
  return { key: told, ...(modulusLength < 2048 && { weak: `${modulusLength}-bit ${kind.toUpperCase()}` }) };
}
