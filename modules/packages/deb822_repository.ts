import type { ValueMap } from '../../engine/language/values.ts';
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
import { type FileValue, type PathValue, samePath } from '../../engine/resources/path_value.ts';
import { sh } from '../../engine/transport/sh.ts';
import { withAttributes } from '../files/attributes.ts';
import { looksAtDirectory, makeDirectories } from '../files/directories.ts';
import { failedWish, isFailure } from '../files/failure.ts';
import { looksAtTarget, newFileOwner } from '../files/target.ts';
import { type Deb822Params, FIELDS, keyNameOf, sourcesText } from './deb822_fields.ts';

const KEYRINGS = '/etc/apt/keyrings';

export const deb822_repository = defineModule<Deb822Params>({
  name: 'deb822_repository',
  collection: 'ansible.builtin',
  summary: 'Adds a repository of packages, in the deb822 format of sources.list(5)',
  description: [
    'The file is /etc/apt/sources.list.d/NAME.sources, and a key of its own /etc/apt/keyrings/NAME.asc. The lists are not renewed: `apt` with `update_cache` does that.',
    'A key by its URL is downloaded by the host with apt-helper where it has none yet. One that has changed there is not fetched anew: remove the repository and add it again, or give the key itself.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: 'string', minLength: 1, description: 'Name of the repository; its files are called after it.' },
      ...FIELDS,
      state: { type: 'string', enum: ['present', 'absent'], default: 'present', description: 'Whether it is there.' },
      mode: { type: 'string', format: 'mode', default: '0644', description: 'Permissions of the file.' },
    },
  },
  examples: `- name: Docker's own packages
  deb822_repository:
    name: docker
    uris: https://download.docker.com/linux/debian
    suites: bookworm
    components: stable
    architectures: amd64
    signed_by: https://download.docker.com/linux/debian/gpg
`,
  returns: {
    repo: 'What stands in the file.',
    dest: 'The file.',
    key_filename: 'The file of its key, if it has one of its own.',
  },
  looksAt: ({ name, signed_by }, view) => {
    const { dest, asc, gpg } = filesOf(name);
    const given = signed_by?.startsWith('/') ? looksAtTarget(signed_by, view) : [];
    return [
      path(dest, 'content'),
      path(asc, 'content'),
      path(gpg),
      ...looksAtDirectory(KEYRINGS, view),
      ...given,
    ] as readonly Ref[];
  },
  wants: (params, view) => (params.state === 'absent' ? removed(params, view) : added(params, view)),
});

function filesOf(name: string): { readonly dest: string; readonly asc: string; readonly gpg: string } {
  const slug = keyNameOf(name);
  return {
    dest: `/etc/apt/sources.list.d/${slug}.sources`,
    asc: `${KEYRINGS}/${slug}.asc`,
    gpg: `${KEYRINGS}/${slug}.gpg`,
  };
}

function removed({ name }: Deb822Params, view: View): Wish {
  const { dest, asc, gpg } = filesOf(name);
  const refs = [path(dest, 'content'), path(asc, 'content'), path(gpg)];
  const steps = refs.filter((ref) => view.get(ref) !== null).map((ref) => set(ref, null) as Step);
  return { steps, result: { repo: null, dest, key_filename: gpg } };
}

function added(params: Deb822Params, view: View): Wish {
  const wrong = problemWith(params);
  if (wrong !== undefined) return wrong;
  const { dest } = filesOf(params.name);
  const key = keyOf(params, view);
  if (isFailure(key)) return failedWish(key);
  const repo = sourcesText(params, key.signedBy);
  const before = view.get(path(dest, 'content'));
  if (before !== null && before.kind !== 'file') return failedWish({ failed: `${dest} is no file`, parameter: 'name' });
  const found: FileValue = before ?? { kind: 'file', mode: 0o644, ...newFileOwner(view) };
  const wanted = withAttributes(
    { ...found, content: { text: repo } },
    { mode: params.mode ?? '0644', unsafe_writes: false },
  );
  if (isFailure(wanted)) return failedWish(wanted);
  const steps = samePath(before, wanted) ? [] : [set<PathValue>(path(dest, 'content'), wanted) as Step];
  const result: ValueMap = { repo, dest, key_filename: key.file ?? null };
  return { steps: [...key.steps, ...steps], result };
}

function problemWith({ name, uris, suites, components }: Deb822Params): Wish | undefined {
  const failed = (message: string, parameter: string): Wish => ({
    steps: [],
    failed: { message, parameter: [parameter] },
  });
  if (keyNameOf(name) === '')
    return failed(`no name for a file can be made of \`${name}\`: letters a to z, digits and hyphens count`, 'name');
  if (!uris?.length) return failed('`uris` says where the packages are', 'uris');
  if (!suites?.length) return failed('`suites` says which of them, such as `bookworm`', 'suites');
  // sources.list(5): an exact path ends in a slash and has no components; anything else needs some.
  const exact = suites.some((suite) => suite.endsWith('/'));
  if (exact && components?.length)
    return failed('a suite that ends in a slash is a path: it has no `components`', 'components');
  if (!exact && !components?.length) return failed('`components` says which parts, such as `main`', 'components');
  return undefined;
}

/** What `Signed-By` says, and what makes it so. */
interface Key {
  readonly signedBy: string | undefined;
  readonly file?: string;
  readonly steps: readonly Step[];
}

function keyOf(
  { name, signed_by }: Deb822Params,
  view: View,
): Key | { readonly failed: string; readonly parameter: string } {
  if (signed_by === undefined || signed_by.trim() === '') return { signedBy: undefined, steps: [] };
  if (signed_by.startsWith('/')) return { signedBy: signed_by, file: signed_by, steps: [] };
  if (!/^[a-z][a-z0-9+.-]*:/i.test(signed_by)) return { signedBy: signed_by, steps: [] };
  if (!/^(https?|file|ftp):/i.test(signed_by) || /\s/.test(signed_by)) {
    return {
      failed: `\`${signed_by}\` cannot be downloaded: give an https address, a path on the host or the key itself`,
      parameter: 'signed_by',
    };
  }
  const { asc, gpg } = filesOf(name);
  const there = [asc, gpg].find((file) => view.get(file === asc ? path(asc, 'content') : path(gpg)) !== null);
  if (there !== undefined) return { signedBy: there, file: there, steps: [] };
  const above = makeDirectories(KEYRINGS, { mode: '0755', unsafe_writes: false }, view);
  if (isFailure(above)) return { failed: above.failed, parameter: 'signed_by' };
  return { signedBy: asc, file: asc, steps: [...(above.steps as readonly Step[]), download(signed_by, asc)] };
}

/**
 * apt goes by the name of the file: `.asc` is armored (apt-secure(8)). A binary key is armored on the way, so that its
 * name is known before it is there; the checksum of an armor may be left out (RFC 9580, section 6.1).
 */
function download(url: string, file: string): Action {
  const after: FileValue = { kind: 'file', mode: 0o644, owner: 'root', group: 'root' };
  return {
    kind: 'action',
    summary: `download ${url} to ${file}`,
    script: sh`rb_helper=/usr/lib/apt/apt-helper
rb_dir=$(mktemp -d) || exit
trap 'rm -rf -- "$rb_dir"' EXIT
chmod 755 -- "$rb_dir"
"$rb_helper" -q=2 -o Dpkg::Use-Pty=0 download-file ${url} "$rb_dir/key" >&2 || exit
if [ ! -s "$rb_dir/key" ]; then
  echo 'nothing came' >&2
  exit 1
fi
if grep -q -e '-----BEGIN PGP PUBLIC KEY BLOCK-----' -- "$rb_dir/key"; then
  cp -- "$rb_dir/key" "$rb_dir/asc"
else
  { printf '%s\\n\\n' '-----BEGIN PGP PUBLIC KEY BLOCK-----' && base64 -w 64 -- "$rb_dir/key" &&
    printf '%s\\n' '-----END PGP PUBLIC KEY BLOCK-----'; } >"$rb_dir/asc" || exit
fi
install -m 0644 -o root -g root -- "$rb_dir/asc" ${`${file}.new`} && mv -f -- ${`${file}.new`} ${file}`,
    disturbs: (other) => other.id === file,
    changed: true,
    result: () => ({}),
    alters: [{ ref: path(file) as Ref, before: null, after, options: {} }],
  };
}
