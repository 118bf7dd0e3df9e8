import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding, type Measure } from '../../engine/planning/finding.ts';
import { type CertificatePlace, type ChainValue, certificates } from '../../engine/resources/readings/certificates.ts';
import { type Level, threshold, worst, worstRows } from './level.ts';

interface CertificatesParams {
  readonly paths: readonly string[];
  readonly services: readonly string[];
  readonly warn_days: number;
  readonly fail_days: number;
  readonly chain: boolean;
  readonly authority?: string;
  readonly required: boolean;
}

const DAY_MS = 86_400_000;

export const check_certificates = defineCheck<CertificatesParams>({
  name: 'check_certificates',
  collection: 'runbook',
  summary: 'Judges how long certificates hold, and whether anybody will trust them',
  description: [
    'Reads the files of certificates, and asks the services that are named, from the host itself. Of what it reads nothing but certificates leaves the host. The first certificate that ends counts, also where it is one of an authority between.',
    'The chain is verified by the host’s openssl against the authorities that the host trusts.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      paths: {
        type: 'array',
        items: { type: 'string' },
        default: ['/etc/letsencrypt/live/*/fullchain.pem'],
        description: 'Files with a certificate and its chain (PEM), or shell patterns for them.',
      },
      services: {
        type: 'array',
        items: { type: 'string', pattern: '^[A-Za-z0-9_.:\\[\\]-]+:[0-9]+$' },
        default: [],
        description: 'Services with TLS that show theirs, as `host:port`; also those that do not run on the host.',
      },
      warn_days: threshold(21, 'So many days before the end it warns.'),
      fail_days: threshold(7, 'So many days before the end it fails.'),
      chain: { type: 'boolean', default: true, description: 'Judge also who vouches for it.' },
      authority: {
        type: 'string',
        format: 'path',
        description: 'File with the authorities to trust instead of the host’s own, for certificates of your own.',
      },
      required: { type: 'boolean', default: false, description: 'Fail where there is no certificate at all.' },
    },
  },
  examples: `- name: Certificates
  check_certificates:
    services: ["localhost:443"]
    required: true
`,
  looksAt: (params) => placesOf(params).map(certificates),
  judge: (params, view): Finding => {
    const chains = placesOf(params).flatMap((place) => view.get(certificates(place)) ?? []);
    if (chains.length === 0) {
      const level = params.required ? 'fail' : 'pass';
      return { level, summary: `there is no certificate in ${params.paths.join(', ')}` };
    }
    const judged = chains.map((chain) => judgeChain(chain, params, view.now));
    const level = worst(judged.map((one) => one.level));
    const bad = judged.filter((one) => one.level !== 'pass').length;
    const next = Math.min(...judged.flatMap(({ days }) => days ?? []));
    const soonest = Number.isFinite(next) ? `; the first one ends ${inDays(next)}` : '';
    return {
      level,
      summary: `${bad === 0 ? `${count(chains.length, 'certificate')} in order` : `${bad} of ${count(chains.length, 'certificate')} not in order`}${soonest}`,
      evidence: evidence(
        ['source', 'for', 'ends', 'issuer', 'what'],
        worstRows(judged).map(({ cells }) => cells),
      ),
      remedy: 'Renew it (`certbot renew`) and reload what uses it; serve the whole chain (fullchain.pem).',
      reference: 'security guide, SSL Auto-Renewal',
      measures: judged.flatMap(({ measure }) => measure ?? []),
    };
  },
});

function placesOf({ paths, services, authority }: CertificatesParams): readonly CertificatePlace[] {
  const trusted = authority === undefined ? {} : { authority };
  return [...paths.map((files) => ({ files, ...trusted })), ...services.map((service) => ({ service, ...trusted }))];
}

interface Judged {
  readonly level: Level;
  readonly cells: readonly string[];
  readonly days?: number;
  readonly measure?: Measure;
}

function judgeChain(chain: ChainValue, params: CertificatesParams, now: number): Judged {
  const [first] = chain.certificates;
  if (first === undefined) {
    return { level: 'fail', cells: [chain.source, '', '', '', chain.problem ?? 'no certificate'] };
  }
  const ends = Math.min(...chain.certificates.map(({ to }) => to));
  const days = Math.floor((ends - now) / DAY_MS);
  const told: { readonly level: Level; readonly what: string }[] = [];
  if (ends <= now) told.push({ level: 'fail', what: 'it has ended' });
  else if (days < params.fail_days) told.push({ level: 'fail', what: `it ends ${inDays(days)}` });
  else if (days < params.warn_days) told.push({ level: 'warn', what: `it ends ${inDays(days)}` });
  if (ends !== first.to && told.length > 0) told.push({ level: 'pass', what: 'the one of an authority between' });
  if (first.from > now) told.push({ level: 'fail', what: 'it does not hold yet' });
  if (first.weak !== undefined) told.push({ level: 'warn', what: `its key is too short (${first.weak})` });
  if (chain.named === false) told.push({ level: 'fail', what: 'it is not for this name' });
  if (params.chain && !chain.linked)
    told.push({ level: 'fail', what: 'the chain is broken: one does not vouch for the other' });
  else if (params.chain && chain.trust !== undefined && chain.trust !== 'ok') {
    told.push({ level: 'fail', what: `nobody will trust it: ${chain.trust}` });
  }
  const name = first.names[0] ?? first.subject;
  return {
    level: worst(told.map(({ level }) => level)),
    cells: [
      chain.source,
      [...new Set([first.subject, ...first.names])].join(', '),
      new Date(ends).toISOString().slice(0, 10),
      first.issuer,
      told.map(({ what }) => what).join('; '),
    ],
    days,
    measure: { name, value: days, unit: 'days' },
  };
}

function inDays(days: number): string {
  return days < 0 ? `${count(-days, 'day')} ago` : `in ${count(days, 'day')}`;
}
