import type { Value } from '../../engine/language/values.ts';
import { fileContent, join, type Sh, sh } from '../../engine/transport/sh.ts';
import type { WebParams } from './web_params.ts';

export interface WebRequest extends WebParams {
  readonly method: string;
  readonly follows: boolean;
  /** What is sent: bytes, or a file on the host. */
  readonly body?: Uint8Array | { readonly file: string };
  readonly unix_socket?: string;
}

export interface WrongRequest {
  readonly failed: string;
  readonly parameter: string;
}

/** Why a request cannot be sent, if so. */
export function requestProblem(request: WebRequest): WrongRequest | undefined {
  const { url, method, headers = {}, url_username: user, url_password: password } = request;
  if (!URL.canParse(url) || /[\s\0]/.test(url)) {
    return { failed: `\`${url}\` is no URL, such as https://example.com/file`, parameter: 'url' };
  }
  if (!/^[A-Z]+$/.test(method))
    return { failed: `\`${method}\` is no method, such as GET or POST`, parameter: 'method' };
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~A-Za-z0-9-]+$/.test(name)) {
      return { failed: `\`${name}\` cannot be the name of a header`, parameter: 'headers' };
    }
    if (typeof value === 'object' && value !== null) {
      return { failed: `the header ${name} has to be a text`, parameter: 'headers' };
    }
    if (/[\r\n\0]/.test(headerText(value))) {
      return { failed: `the header ${name} holds a line break`, parameter: 'headers' };
    }
  }
  if (user?.includes(':')) return { failed: 'a user name cannot hold a colon here', parameter: 'url_username' };
  if (/[\r\n\0]/.test(`${user ?? ''}${password ?? ''}`)) {
    return { failed: 'user name and password hold no line break', parameter: 'url_password' };
  }
  return undefined;
}

/** A header's value as Python prints it. */
function headerText(value: Value): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value ?? '');
}

/**
 * Sends the request by curl(1) or GNU wget(1), whichever is there. All that is secret stands in files that nobody else
 * reads, in the directory `$rb_web`, which is gone in the end; then `$rb_web/body` and `$rb_web/headers` hold the
 * response (the headers of redirects first), `$rb_code` is its status, empty for files and FTP, and `$rb_status` is 0. It is
 * something else where there is no response; why is said on stderr then.
 */
export function requestProgram(request: WebRequest): Sh {
  const { body, method } = request;
  const sent = body === undefined ? (method === 'POST' || method === 'PUT' ? new Uint8Array() : undefined) : body;
  const file = sent === undefined || sent instanceof Uint8Array ? sh`"$rb_web/data"` : sh`${sent.file}`;
  return join([
    sh`umask 077
rb_web=$(mktemp -d -- "\${TMPDIR:-/tmp}/.rb-web-XXXXXXXXXX") || exit 73
trap 'rm -rf -- "$rb_web"' EXIT
trap 'exit 1' HUP INT TERM
: >"$rb_web/body"; : >"$rb_web/headers"`,
    ...(sent instanceof Uint8Array ? [sh`${fileContent(sent)} >"$rb_web/data" || exit 73`] : []),
    sh`if command -v curl >/dev/null 2>&1; then
  ${fileContent(bytes(curlConfig(request)))} >"$rb_web/config" || exit 73
  curl -q -K "$rb_web/config" ${sent === undefined ? [] : ['--data-binary']} ${sent === undefined ? sh`` : sh`@${file}`} -D "$rb_web/headers" -o "$rb_web/body"
  rb_status=$?
elif wget --version 2>/dev/null | grep -q '^GNU Wget'; then
  ${wgetOnly(request)}
  ${fileContent(bytes(wgetConfig(request)))} >"$rb_web/config" || exit 73
  ${fileContent(bytes(`${request.url}\n`))} >"$rb_web/url" || exit 73
  wget --config="$rb_web/config" --method=${method} ${sent === undefined ? sh`` : sh`--body-file=${file}`} -i "$rb_web/url" -O "$rb_web/body" -o "$rb_web/log"
  rb_status=$?
  sed -n 's/^  //p' "$rb_web/log" >"$rb_web/headers"
  # 8: the server's answer is an error, and an answer.
  if [ "$rb_status" = 8 ] && [ -s "$rb_web/headers" ]; then rb_status=0; fi
  [ "$rb_status" = 0 ] || grep -v -e '^--' -e '^ ' -e '^$' "$rb_web/log" | tail -n 3 >&2
else
  echo 'there is neither curl nor GNU wget on the host: install the package curl' >&2
  exit 127
fi
rb_code=$(sed -n 's/^HTTP[^ ]* *\\([0-9]*\\).*/\\1/p' "$rb_web/headers" | tail -n 1)`,
  ]);
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** What only curl can do. */
function wgetOnly({ unix_socket, url }: WebRequest): Sh {
  const why = unix_socket !== undefined ? '`unix_socket`' : /^https?:/i.test(url) ? undefined : 'such a URL';
  return why === undefined ? sh`:` : sh`{ echo ${`${why} needs curl: install the package curl`} >&2; exit 127; }`;
}

/** curl(1), --config: in double quotes, where a backslash escapes. */
function curlConfig(request: WebRequest): string {
  const { url, method, follows, timeout, headers = {}, url_username, url_password } = request;
  const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\t', '\\t')}"`;
  const given = (option: string, value: string | undefined) =>
    value === undefined ? [] : [`${option} = ${quoted(value)}`];
  const has = (name: string) => Object.keys(headers).some((one) => one.toLowerCase() === name);
  const lines = [
    `url = ${quoted(url)}`,
    'globoff\nsilent\nshow-error',
    ...(method === 'HEAD' ? ['head'] : method === 'GET' && request.body === undefined ? [] : [`request = ${method}`]),
    ...(follows ? ['location', 'max-redirs = 10'] : []),
    `connect-timeout = ${timeout}\nspeed-limit = 1\nspeed-time = ${timeout}`,
    ...given('user-agent', request.http_agent),
    ...Object.entries(headers).map(([name, value]) => `header = ${quoted(headerLine(name, headerText(value)))}`),
    'header = "Expect:"',
    ...(request.force && !has('cache-control') ? ['header = "Cache-Control: no-cache"'] : []),
    ...given('user', url_username === undefined ? undefined : `${url_username}:${url_password ?? ''}`),
    ...(url_username === undefined ? [] : [request.force_basic_auth ? 'basic' : 'anyauth']),
    ...(request.use_netrc && url_username === undefined ? ['netrc-optional'] : []),
    ...(request.use_proxy ? [] : ['noproxy = "*"']),
    ...(request.validate_certs ? [] : ['insecure']),
    ...given('cacert', request.ca_path),
    ...given('cert', request.client_cert),
    ...given('key', request.client_key),
    ...given('ciphers', request.ciphers?.join(':')),
    ...(request.decompress ? ['compressed'] : []),
    ...given('unix-socket', request.unix_socket),
  ];
  return `${lines.join('\n')}\n`;
}

/** With a colon curl would take an empty header for one to leave out. */
function headerLine(name: string, value: string): string {
  return value === '' ? `${name};` : `${name}: ${value}`;
}

/** wgetrc commands, as wget(1) documents them. */
function wgetConfig(request: WebRequest): string {
  const { follows, timeout, headers = {}, url_username, url_password } = request;
  const given = (option: string, value: string | undefined) => (value === undefined ? [] : [`${option} = ${value}`]);
  const lines = [
    'server_response = on\ncontent_on_error = on\ntries = 1',
    `timeout = ${timeout}\nmax_redirect = ${follows ? 10 : 0}`,
    ...given('user_agent', request.http_agent),
    ...Object.entries(headers).map(([name, value]) => `header = ${name}: ${headerText(value)}`),
    ...(request.force ? ['cache = off'] : []),
    ...given('http_user', url_username),
    ...given('http_password', url_username === undefined ? undefined : (url_password ?? '')),
    ...(request.force_basic_auth ? ['auth_no_challenge = on'] : []),
    ...(request.use_netrc ? [] : ['netrc = off']),
    ...(request.use_proxy ? [] : ['use_proxy = off']),
    ...(request.validate_certs ? [] : ['check_certificate = off']),
    ...given('ca_certificate', request.ca_path),
    ...given('certificate', request.client_cert),
    ...given('private_key', request.client_key),
    ...given('ciphers', request.ciphers?.join(':')),
    ...(request.decompress ? ['compression = auto'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** The URL for people: without user name and password. */
export function shownUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}
