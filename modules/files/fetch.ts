import { posix } from 'node:path';
import type { ValueMap } from '../../engine/language/values.ts';
import { type Action, defineModule, type View, type Wish } from '../../engine/planning/contracts.ts';
import { contentOf, type DigestName, digest } from '../../engine/resources/content.ts';
import { kindName, normalPath, type PathValue } from '../../engine/resources/path_value.ts';
import type { Answer } from '../../engine/transport/connection.ts';
import { sh } from '../../engine/transport/sh.ts';
import { type Failure, failedWish, isFailure } from './failure.ts';
import { looksAtTarget, pathProblem, targetOf } from './target.ts';

interface FetchParams {
  readonly src: string;
  readonly dest: string;
  readonly flat: boolean;
  readonly fail_on_missing: boolean;
  readonly validate_checksum: boolean;
}

/** What an answer of a host may hold, and some room for what frames it, in bytes. */
const LIMIT = 60 * 1024 * 1024;

export const fetch = defineModule<FetchParams>({
  name: 'fetch',
  collection: 'ansible.builtin',
  summary: 'Brings a file of the host to this machine',
  description: [
    'The file of this machine is changed if its checksum differs. It is replaced at once, and only its owner can read it: directories that are missing are made so too.',
    'Nothing is written outside `dest`, whatever a host calls its files and itself. Up to 60 MiB are taken; pack what is larger in parts.',
    'An undo does not take back what was fetched.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['src', 'dest'],
    properties: {
      src: { type: 'string', format: 'path', description: 'The file on the host; a link is followed.' },
      dest: {
        type: 'string',
        description:
          'Directory on this machine, seen from the playbook’s directory: `fetched` makes `fetched/web1/etc/passwd`. With `flat` the file itself, or with a slash at its end the directory that it goes to.',
      },
      flat: { type: 'boolean', default: false, description: 'Without the host and the path of the file.' },
      fail_on_missing: { type: 'boolean', default: true, description: 'A file that is not there is a failure.' },
      validate_checksum: {
        type: 'boolean',
        default: true,
        description: 'A file that changes while it is read is a failure. A log that is written to needs `false`.',
      },
    },
  },
  examples: `- name: Keep what the host was
  fetch:
    src: /var/log/auth.log
    dest: "{{ playbook_dir }}/evidence"
    validate_checksum: false
`,
  returns: {
    dest: 'The file on this machine.',
    file: 'The file on the host, where nothing was to be done.',
    checksum: 'SHA-1 of what is on this machine now.',
    remote_checksum: 'SHA-1 that the host has told.',
    md5sum: 'MD5 of what is on this machine now.',
  },
  looksAt: ({ src }, view) =>
    pathProblem(src, 'src') === undefined ? looksAtTarget(normalPath(src), view, 'sha1') : [],
  wants: (params, view) => {
    const problem = pathProblem(params.src, 'src');
    if (problem !== undefined) return failedWish(problem);
    const dest = destination(params, view);
    if (isFailure(dest)) return failedWish(dest);
    const target = targetOf(normalPath(params.src), view, 'sha1');
    const wrong = isFailure(target) ? target : unfit(target.value, params);
    if (wrong !== undefined) return missing(params, wrong);
    return wish(params, dest.path, (target as { value: PathValue }).value, view);
  },
});

function unfit(value: PathValue | null, { src }: FetchParams): Failure | undefined {
  if (value === null) return { failed: `the remote file does not exist: ${src}`, parameter: 'src' };
  if (value.kind === 'file') return undefined;
  const what = value.kind === 'directory' ? 'fetch cannot work on directories; pack it first' : 'it is not fetched';
  return { failed: `${src} is a ${kindName(value)}: ${what}`, parameter: 'src' };
}

function missing({ src, fail_on_missing }: FetchParams, { failed, parameter }: Failure): Wish {
  if (fail_on_missing) return failedWish({ failed, ...(parameter !== undefined && { parameter }) });
  return { steps: [], result: { changed: false, file: src, msg: `${failed}, not transferring, ignored` } };
}

/** Where it goes on this machine. What a host has told may be in all of it: no part leads out. */
function destination({ src, dest, flat }: FetchParams, view: View): { readonly path: string } | Failure {
  if (dest === '' || dest.includes('\0')) return { failed: 'dest is no path', parameter: 'dest' };
  if (dest.split('/').includes('..')) {
    const failed = `dest must not have \`..\` in it: ${dest}; write \`{{ playbook_dir | dirname }}\` for what is above`;
    return { failed, parameter: 'dest' };
  }
  const base = posix.resolve(told(view, 'playbook_dir'), dest);
  const file = posix.resolve('/', normalPath(src));
  if (flat) {
    if (dest.endsWith('/')) return { path: posix.join(base, posix.basename(file)) };
    if (view.local(base, 'file', { decrypt: false })?.kind !== 'directory') return { path: base };
    return { failed: `${base} is a directory: end dest with a slash to fetch into it`, parameter: 'dest' };
  }
  const host = told(view, 'inventory_hostname');
  if (host === '' || host === '.' || host === '..' || /[/\0]/.test(host)) {
    return { failed: `${JSON.stringify(host)} cannot be the name of a directory: use flat`, parameter: 'dest' };
  }
  return { path: posix.join(base, host, file) };
}

function told(view: View, name: string): string {
  const value = view.evaluate(name);
  return value.ok && typeof value.value === 'string' ? value.value : '';
}

function wish({ src, validate_checksum }: FetchParams, dest: string, value: PathValue, view: View): Wish {
  const size = value.stat?.size ?? 0;
  if (size > LIMIT) {
    return failedWish({ failed: `${src} has ${size} bytes: no more than ${LIMIT} are fetched`, parameter: 'src' });
  }
  const local = view.local(dest, 'file', { decrypt: false });
  if (local?.kind === 'directory') return failedWish({ failed: `${dest} is a directory here`, parameter: 'dest' });
  const own = local === undefined ? undefined : contentOf(local.bytes());
  const remote = value.stat?.digests?.sha1;
  if (own !== undefined && remote !== undefined && digest(own, 'sha1') === remote) {
    const checksum = remote;
    return { steps: [], result: { changed: false, dest, file: src, checksum, md5sum: digest(own, 'md5') ?? null } };
  }
  const summary = `fetch ${src} to ${dest} (${own === undefined ? 'new there' : 'differs there'}, ${size} bytes)`;
  return { steps: [fetching(src, dest, validate_checksum, summary)], result: { dest } };
}

function fetching(src: string, dest: string, validate: boolean, summary: string): Action {
  return {
    kind: 'action',
    summary,
    // One byte more than is taken, so that a file that has grown is noticed.
    script: sh`[ -f ${src} ] || { printf '%s\\n' ${`${src} is no regular file any more`} >&2; exit 1; }
head -c ${LIMIT + 1} -- ${src} || exit
rb_part sum
sha1sum -- ${src}`,
    disturbs: 'nothing',
    changed: true,
    failed: (answer) => whyNot(answer, src, validate),
    keeps: { path: dest, bytes: ({ stdout }) => stdout },
    result: (answer) => fetched(answer, dest),
  };
}

function whyNot(answer: Answer, src: string, validate: boolean): string | undefined {
  const { status, stdout, stderr } = answer;
  if (status !== 0) return `${src} could not be read: ${Buffer.from(stderr).toString('utf8').trim()}`;
  if (stdout.length > LIMIT) return `${src} has grown: no more than ${LIMIT} bytes are fetched`;
  if (!validate || remoteSum(answer) === sumOf(stdout, 'sha1')) return undefined;
  return `checksum mismatch: ${src} changed while it was read; validate_checksum: false takes it as it is`;
}

/** sha1sum(1) begins the line with a backslash where it has escaped the name. */
function remoteSum({ parts }: Answer): string | undefined {
  return /^\\?([0-9a-f]{40}) /.exec(Buffer.from(parts.get('sum') ?? []).toString('latin1'))?.[1];
}

function fetched(answer: Answer, dest: string): ValueMap {
  const { stdout } = answer;
  const sums = { checksum: sumOf(stdout, 'sha1'), md5sum: sumOf(stdout, 'md5') };
  return { dest, ...sums, remote_checksum: remoteSum(answer) ?? null, remote_md5sum: null };
}

function sumOf(bytes: Uint8Array, algorithm: DigestName): string | null {
  return digest(contentOf(bytes), algorithm) ?? null;
}
