import type { Value, ValueMap } from '../../engine/language/values.ts';
import { type Action, defineModule, type View, type Wish } from '../../engine/planning/contracts.ts';
import { partText } from '../../engine/resources/answer_text.ts';
import type { Answer } from '../../engine/transport/connection.ts';
import { join, type Sh, sh } from '../../engine/transport/sh.ts';
import { guardRefs, spared } from '../commands/run_command.ts';
import { failedWish, isFailure } from '../files/failure.ts';
import { pathProblem } from '../files/target.ts';
import {
  looksAtPlace,
  nameInUrl,
  type Place,
  type PlaceParams,
  placeEffects,
  placeOf,
  placeProgram,
} from './downloaded_file.ts';
import { type BodyFormat, bodyOf } from './uri_body.ts';
import { uriReturns, uriSchema } from './uri_schema.ts';
import type { WebParams } from './web_params.ts';
import { requestProblem, requestProgram, shownUrl, type WebRequest, type WrongRequest } from './web_request.ts';
import { cookiesOf, headerResult, readResponse, responseMessage, type WebResponse } from './web_response.ts';

interface UriParams extends WebParams, Omit<PlaceParams, 'dest' | 'backup'> {
  readonly dest?: string;
  readonly method: string;
  readonly body?: Value;
  readonly body_format: BodyFormat;
  readonly src?: string;
  readonly remote_src: boolean;
  readonly return_content: boolean;
  readonly follow_redirects: 'all' | 'no' | 'none' | 'safe' | 'urllib2' | 'yes';
  readonly creates?: string;
  readonly removes?: string;
  readonly status_code: readonly number[];
  readonly unix_socket?: string;
}

/** A response of this size is told as `content`; more of it is cut off. */
const MOST_CONTENT = 4 * 1024 * 1024;

export const uri = defineModule<UriParams>({
  name: 'uri',
  collection: 'ansible.builtin',
  summary: 'Asks a web server, and tells what it answers',
  description: [
    'The host itself asks, by curl or, where that is not there, GNU wget. A plan asks nobody.',
    'Another status than those of `status_code` fails the task. With `until` it is asked again until the answer is what is waited for.',
    'Passwords, headers and bodies are in no command line. What the server answers is data, like the output of a command.',
  ],
  schema: uriSchema,
  examples: `- name: The application answers
  uri:
    url: http://127.0.0.1:8000/health
  register: health
  until: health.status == 200
  retries: 10
  delay: 2

- name: A token
  uri:
    url: https://api.example.com/tokens
    method: POST
    body_format: json
    body:
      name: deploy
    url_username: admin
    url_password: "{{ api_password }}"
    force_basic_auth: true
    status_code: [200, 201]
  register: token
  no_log: true
`,
  returns: uriReturns,
  looksAt: (params, view) => {
    const { dest } = params;
    const place =
      dest === undefined || pathProblem(dest, 'dest') !== undefined
        ? []
        : looksAtPlace({ ...params, dest }, nameInUrl(params.url, 'index.html'), view);
    return [...guardRefs(params), ...place];
  },
  wants,
});

function wants(params: UriParams, view: View): Wish {
  const reason = spared(params, view);
  if (reason !== undefined) return { steps: [], result: { ...reason } };
  const request = requestOf(params, view);
  if ('failed' in request) return failedWish(request);
  const problem = requestProblem(request) ?? (params.dest === undefined ? undefined : pathProblem(params.dest, 'dest'));
  if (problem !== undefined) return failedWish(problem);
  const { dest } = params;
  const place =
    dest === undefined ? undefined : placeOf({ ...params, dest }, nameInUrl(params.url, 'index.html'), view);
  if (place !== undefined && isFailure(place)) return failedWish(place);
  return { steps: [ask(request, place, params)], result: {} };
}

function requestOf(params: UriParams, view: View): WebRequest | WrongRequest {
  const method = params.method.toUpperCase();
  const { follow_redirects: follow } = params;
  const safe = method === 'GET' || method === 'HEAD';
  const follows = follow === 'all' || follow === 'yes' || (follow !== 'none' && safe);
  const { body: _, headers = {}, ...rest } = params;
  const common = { ...rest, method, follows, headers };
  if (params.src !== undefined) return withFile(common, params.src, params.remote_src, view);
  if (params.body === undefined || params.body === null) return common;
  const body = bodyOf(params.body, params.body_format);
  if ('failed' in body) return body;
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  const type = typed || body.type === undefined ? {} : { 'Content-Type': body.type };
  return { ...common, headers: { ...headers, ...type }, body: body.bytes };
}

function withFile(request: WebRequest, src: string, remote: boolean, view: View): WebRequest | WrongRequest {
  if (remote) {
    const problem = pathProblem(src, 'src');
    return problem === undefined ? { ...request, body: { file: src } } : { failed: problem.failed, parameter: 'src' };
  }
  const file = view.local(src, 'file');
  if (file?.kind === 'file') return { ...request, body: file.bytes() };
  return { failed: `there is no file ${src} on this machine`, parameter: 'src' };
}

/** Methods that ask and do nothing (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

function ask(request: WebRequest, place: Place | undefined, params: UriParams): Action {
  const { method } = request;
  const effects = place === undefined ? undefined : placeEffects(place);
  return {
    kind: 'action',
    summary: `${method} ${shownUrl(params.url)}${place === undefined ? '' : ` to ${place.ref.id}`}`,
    script: askProgram(request, place, params),
    disturbs: SAFE.has(method) ? 'nothing' : () => false,
    changed: place === undefined ? false : (answer) => /^(new|adjusted)$/m.test(partText(answer, 'placed')),
    result: (answer) => resultOf(answer, place, params),
    failed: (answer) => failureOf(answer, params),
    ...effects,
  };
}

function askProgram(request: WebRequest, place: Place | undefined, params: UriParams): Sh {
  const good = params.status_code.map(String).join('|') || 'none';
  return join([
    requestProgram(request),
    sh`rb_part headers
cat "$rb_web/headers"
rb_part body
head -c ${MOST_CONTENT} "$rb_web/body"
rb_part end
echo "$rb_status"
[ "$rb_status" = 0 ] || exit 0`,
    ...(place === undefined
      ? []
      : [
          sh`if printf '%s\\n' "$rb_code" | grep -Eqx ${good}; then
${placeProgram(place, params)}
fi`,
        ]),
  ]);
}

function responseOf(answer: Answer, { url }: UriParams): WebResponse {
  return readResponse(url, partText(answer, 'headers'));
}

function failureOf(answer: Answer, params: UriParams): string | undefined {
  const response = responseOf(answer, params);
  const message = responseMessage(response, answer);
  if (!params.status_code.includes(response.status)) {
    return `Status code was ${response.status} and not [${params.status_code.join(', ')}]: ${message}`;
  }
  return answer.status === 0
    ? undefined
    : `the response could not be kept: ${new TextDecoder().decode(answer.stderr).trim()}`;
}

function resultOf(answer: Answer, place: Place | undefined, params: UriParams): ValueMap {
  const response = responseOf(answer, params);
  const good = params.status_code.includes(response.status);
  const type = response.headers.get('content-type')?.[0]?.split(';')[0]?.trim().toLowerCase() ?? '';
  const json = /\/(.*\+)?(json|javascript)$/.test(type) ? parsed(partText(answer, 'body')) : undefined;
  const cookies = cookiesOf(response);
  return {
    ...headerResult(response),
    url: response.url,
    status: response.status,
    msg: failureOf(answer, params) ?? responseMessage(response, answer),
    redirected: response.redirected,
    elapsed: Math.floor(answer.ms / 1000),
    cookies,
    cookies_string: Object.entries(cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join('; '),
    ...((params.return_content || !good) && response.status !== -1 && { content: partText(answer, 'body') }),
    ...(json !== undefined && { json }),
    ...(place !== undefined && { path: place.ref.id }),
  };
}

function parsed(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}
