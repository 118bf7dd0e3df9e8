import type { ParamProperty } from '../../engine/language/module_spec.ts';

export interface Deb822Params {
  readonly name: string;
  readonly state: 'present' | 'absent';
  readonly mode?: string;
  readonly uris?: readonly string[];
  readonly suites?: readonly string[];
  readonly components?: readonly string[];
  readonly signed_by?: string;
  readonly [field: string]: unknown;
}

const words = (description: string): ParamProperty => ({ type: 'array', items: { type: 'string' }, description });
const flag = (description: string): ParamProperty => ({ type: 'boolean', description });

/** The fields of a `.sources` file (sources.list(5)), by Ansible's names. */
export const FIELDS: { readonly [name: string]: ParamProperty } = {
  types: {
    type: 'array',
    items: { type: 'string', enum: ['deb', 'deb-src'] },
    default: ['deb'],
    description: 'Packages, sources, or both.',
  },
  uris: words('Where the repository is.'),
  suites: words('Suites, such as `bookworm`, or exact paths that end in a slash.'),
  components: words('Components, such as `main`; none where a suite is a path.'),
  architectures: words("Only these architectures (default: the host's)."),
  signed_by: {
    type: 'string',
    description: 'Its key: a path on the host, a URL, fingerprints, or the armored key itself.',
  },
  enabled: flag('Whether apt uses it.'),
  trusted: flag('Trust it whether it is signed or not. Dangerous.'),
  allow_downgrade_to_insecure: flag('Go on where it is no longer signed. Dangerous.'),
  allow_insecure: flag('Go on where it is not signed. Dangerous.'),
  allow_weak: flag('Accept weak hashes. Dangerous.'),
  by_hash: flag('Get indexes by their hash.'),
  check_date: flag("Hold the date of the release against the host's."),
  check_valid_until: flag('Refuse a release that is too old by its own word.'),
  date_max_future: { type: 'integer', description: 'How many seconds a release may be ahead of the host.' },
  inrelease_path: { type: 'string', description: 'Where the InRelease file is, from the suite on.' },
  languages: words('Languages of the descriptions.'),
  pdiffs: flag('Get differences of indexes.'),
  targets: words('Which indexes are got.'),
};

/** A name for files, as Ansible makes it. */
export function keyNameOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[_\s]+/g, '-')
    .replaceAll(/[^a-z0-9-]+/g, '');
}

/** The stanza as Ansible writes it: by the names of its parameters, sorted. */
export function sourcesText(params: Deb822Params, signedBy: string | undefined): string {
  const values: Readonly<Record<string, unknown>> = { ...params, signed_by: signedBy };
  const lines = ['name', ...Object.keys(FIELDS)].sort().flatMap((name) => {
    const value = values[name];
    return value === undefined || value === null ? [] : [`${fieldName(name)}: ${fieldText(value)}\n`];
  });
  return lines.join('').replaceAll(/: \n/g, ':\n');
}

function fieldName(name: string): string {
  if (name === 'name') return 'X-Repolib-Name';
  if (name === 'uris') return 'URIs';
  return name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('-');
}

function fieldText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.join(' ');
  const text = String(value);
  // A line of its own for each, an empty one as a dot (deb-control(5)).
  return text.trim().includes('\n')
    ? `\n${text
        .trim()
        .split('\n')
        .map((line) => `    ${line.trim() || '.'}`)
        .join('\n')}`
    : text.trim();
}
