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
import { partText } from '../../engine/resources/answer_text.ts';
import { path } from '../../engine/resources/path.ts';
import type { PathValue } from '../../engine/resources/path_value.ts';
import type { Answer } from '../../engine/transport/connection.ts';
import { join, type Sh, sh } from '../../engine/transport/sh.ts';
import { ATTRIBUTES } from '../files/attributes.ts';
import { failedWish, isFailure } from '../files/failure.ts';
import { PATH_RETURNS, pathInfo } from '../files/result.ts';
import { pathProblem } from '../files/target.ts';
import { type Checksum, readChecksum, sumsProgram } from './checksum.ts';
import {
  looksAtPlace,
  nameInUrl,
  type Place,
  type PlaceParams,
  placeEffects,
  placeOf,
  placeProgram,
} from './downloaded_file.ts';
import { WEB_PARAMETERS, type WebParams } from './web_params.ts';
import { requestProblem, requestProgram, shownUrl, type WebRequest } from './web_request.ts';
import { readResponse, responseMessage } from './web_response.ts';

interface GetUrlParams extends WebParams, PlaceParams {
  readonly backup: boolean;
  readonly checksum: string;
}

const { mode, owner, group, unsafe_writes } = ATTRIBUTES;

export const get_url = defineModule<GetUrlParams>({
  name: 'get_url',
  collection: 'ansible.builtin',
  summary: 'Downloads a file to the host',
  description: [
    'The host itself downloads it, by curl or, where that is not there, GNU wget. The file takes its place at once, when all of it has come and has the right `checksum`: before that nobody sees it, and a file that was there stays.',
    'What is there is not downloaded again, unless it has another `checksum` or `force` is set: a plan cannot know whether the server has something else by now. In a directory the file is called as the URL has it, and is compared with what the server has every time.',
    'Give a `checksum` wherever you can: it is what tells that nobody has changed the file on its way, and what makes a plan certain.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['url', 'dest'],
    properties: {
      url: { type: 'string', description: 'Where it is: http, https, ftp or file.' },
      dest: { type: 'string', format: 'path', description: 'Where it goes: a file, or a directory that is there.' },
      checksum: {
        type: 'string',
        default: '',
        description:
          'Algorithm and checksum that it must have, such as `sha256:b5bb9d80...`; or the URL of a file that names it: `sha256:https://example.com/SHA256SUMS`.',
      },
      force: {
        type: 'boolean',
        default: false,
        description: 'Download it every time, and replace the file where it differs.',
      },
      backup: {
        type: 'boolean',
        default: false,
        description: 'Copy the old file to a name with the date in it before it is replaced.',
      },
      url_username: { type: 'string', aliases: ['username'], description: 'User name for the server.' },
      url_password: { type: 'string', aliases: ['password'], secret: true, description: 'Password for the server.' },
      ...WEB_PARAMETERS,
      timeout: { type: 'integer', default: 10, minimum: 1, description: 'Seconds in which something has to come.' },
      ...({ mode, owner, group, unsafe_writes } as typeof ATTRIBUTES),
    },
  },
  examples: `- name: A program, as its makers have signed it off
  get_url:
    url: https://example.com/releases/tool-1.2.3
    dest: /usr/local/bin/tool
    checksum: sha256:b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
    mode: "0755"
`,
  returns: {
    dest: 'Path of the file.',
    url: 'Where it came from in the end.',
    status_code: 'HTTP status of the response.',
    msg: 'What the server said.',
    elapsed: 'Seconds that the download took.',
    checksum_src: 'SHA-1 of what was downloaded.',
    checksum_dest: 'SHA-1 of the file that was there before, or nothing.',
    md5sum: 'MD5 of the file.',
    backup_file: 'Path of the copy of the old file, if there is one.',
    ...PATH_RETURNS,
  },
  looksAt: (params, view) => {
    if (pathProblem(params.dest, 'dest') !== undefined) return [];
    const name = nameInUrl(params.url, 'index.html');
    const refs = looksAtPlace(params, name, view);
    const sum = readChecksum(params.checksum);
    if (sum === undefined || 'failed' in sum || !('hex' in sum)) return refs;
    return [
      ...refs,
      ...refs.filter(({ type }) => type.name === 'path').map(({ id }) => path(id, sum.algorithm) as Ref),
    ];
  },
  wants,
});

function wants(params: GetUrlParams, view: View): Wish {
  const wrong = pathProblem(params.dest, 'dest');
  if (wrong !== undefined) return failedWish(wrong);
  const request: WebRequest = { ...params, method: 'GET', follows: true };
  const problem = requestProblem(request);
  if (problem !== undefined) return failedWish(problem);
  const sum = readChecksum(params.checksum);
  if (sum !== undefined && 'failed' in sum) return failedWish(sum);
  const place = placeOf(params, nameInUrl(params.url, 'index.html'), view);
  if (isFailure(place)) return failedWish(place);
  if (isThere(place, params, sum, view)) return onlyAdjusted(place, params);
  return { steps: [download(request, place, params, sum)], result: {} };
}

/** Whether nothing has to be downloaded. */
function isThere(
  { ref, before, inDirectory }: Place,
  { force }: GetUrlParams,
  sum: Checksum | undefined,
  view: View,
): boolean {
  if (before === null || force) return false;
  if (sum === undefined) return !inDirectory;
  if (!('hex' in sum)) return false;
  const seen = view.get(path(ref.id, sum.algorithm) as Ref<PathValue>);
  return seen?.stat?.digests?.[sum.algorithm] === sum.hex;
}

function onlyAdjusted({ ref, before, after }: Place, { url }: GetUrlParams): Wish {
  const content = before?.content;
  const step = set(ref, content === undefined ? after : { ...after, content });
  return {
    steps: [step as Step],
    result: { dest: ref.id, url, msg: 'file already exists', elapsed: 0, ...pathInfo(after, before) },
  };
}

function download(request: WebRequest, place: Place, params: GetUrlParams, sum: Checksum | undefined): Action {
  return {
    kind: 'action',
    summary: `download ${shownUrl(params.url)} to ${place.ref.id}`,
    script: downloadProgram(request, place, params, sum),
    changed: (answer) => partText(answer, 'placed').trim() !== 'same',
    result: (answer) => resultOf(answer, place, params.url),
    failed: (answer) => failureOf(answer, params.url),
    ...placeEffects(place),
  };
}

function downloadProgram(request: WebRequest, place: Place, params: GetUrlParams, sum: Checksum | undefined): Sh {
  const listed = sum !== undefined && 'url' in sum;
  return join([
    ...(listed ? [sumsProgram({ ...request, url: sum.url }, sum.algorithm, nameInUrl(params.url, ''))] : []),
    requestProgram(request),
    sh`rb_part headers
cat "$rb_web/headers"
[ "$rb_status" = 0 ] || exit "$rb_status"
case $rb_code in 2?? | '') ;; *) exit 22 ;; esac
rb_part sums
sha1sum <"$rb_web/body"
if [ -f ${place.ref.id} ]; then sha1sum <${place.ref.id}; else echo; fi
md5sum <"$rb_web/body"`,
    ...(sum === undefined
      ? []
      : [
          listed ? sh`:` : sh`rb_want=${sum.hex}`,
          sh`rb_have=$(${`${sum.algorithm}sum`} <"$rb_web/body") || exit
if [ "\${rb_have%% *}" != "$rb_want" ]; then
  printf 'it has the checksum %s, not %s\\n' "\${rb_have%% *}" "$rb_want" >&2
  exit 65
fi`,
        ]),
    placeProgram(place, params),
    sh`rb_part stat
stat -c '%U %G %u %g %a %s' -- ${place.ref.id}`,
  ]);
}

function failureOf(answer: Answer, url: string): string | undefined {
  if (answer.status === 0) return undefined;
  const response = readResponse(url, partText(answer, 'headers'));
  if (answer.status === 22 && response.status !== -1) return `Request failed: ${responseMessage(response, answer)}`;
  const said = new TextDecoder().decode(answer.stderr).trim();
  return `it could not be downloaded: ${said || `status ${answer.status}`}`;
}

function resultOf(answer: Answer, { ref, backup, before }: Place, url: string): ValueMap {
  const response = readResponse(url, partText(answer, 'headers'));
  const [source, dest, md5] = partText(answer, 'sums')
    .split('\n')
    .map((line) => line.split(' ')[0] || null);
  const [owner, group, uid, gid, mode, size] = partText(answer, 'stat').trim().split(' ');
  const replaced = before !== null && partText(answer, 'placed').trim() === 'new';
  return {
    dest: ref.id,
    url: response.url,
    status_code: response.status === -1 ? null : response.status,
    msg: responseMessage(response, answer),
    elapsed: Math.floor(answer.ms / 1000),
    checksum_src: source ?? null,
    checksum_dest: dest ?? null,
    md5sum: md5 ?? null,
    ...(size !== undefined && {
      ...{ owner: owner as string, group: group as string, uid: Number(uid), gid: Number(gid) },
      ...{ mode: `0${(mode as string).padStart(3, '0')}`, size: Number(size), state: 'file' },
    }),
    ...(backup !== undefined && replaced && { backup_file: backup }),
  };
}
