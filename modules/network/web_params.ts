import type { ParamProperty } from '../../engine/language/module_spec.ts';
import type { ValueMap } from '../../engine/language/values.ts';

/** Parameters of the modules that ask a web server. */
export interface WebParams {
  readonly url: string;
  readonly url_username?: string;
  readonly url_password?: string;
  readonly force_basic_auth: boolean;
  readonly headers?: ValueMap;
  readonly http_agent: string;
  readonly timeout: number;
  readonly use_proxy: boolean;
  readonly use_netrc: boolean;
  readonly validate_certs: boolean;
  readonly ca_path?: string;
  readonly client_cert?: string;
  readonly client_key?: string;
  readonly ciphers?: readonly string[];
  readonly decompress: boolean;
  readonly force: boolean;
}

/** What both modules have under the same names. */
export const WEB_PARAMETERS: { readonly [name: string]: ParamProperty } = {
  force_basic_auth: {
    type: 'boolean',
    default: false,
    description: 'Send user name and password at once. Otherwise they are sent when the server asks for them.',
  },
  headers: {
    type: 'object',
    additionalProperties: true,
    description: 'Headers of the request, by name. They are in no command line.',
  },
  http_agent: { type: 'string', default: 'ansible-httpget', description: 'What the request says of who asks.' },
  use_proxy: { type: 'boolean', default: true, description: "Use the proxy of the task's environment." },
  use_netrc: { type: 'boolean', default: true, description: "Take user name and password from the user's ~/.netrc." },
  validate_certs: { type: 'boolean', default: true, description: 'Refuse a server whose certificate is not valid.' },
  ca_path: { type: 'string', format: 'path', description: 'File on the host with the certificates to trust, in PEM.' },
  client_cert: {
    type: 'string',
    format: 'path',
    description: 'File on the host with the certificate to show, in PEM.',
  },
  client_key: { type: 'string', format: 'path', description: 'File on the host with its key, if that has it not.' },
  ciphers: { type: 'array', items: { type: 'string' }, description: 'Ciphers of TLS, in the words of OpenSSL.' },
  decompress: { type: 'boolean', default: true, description: 'Take a compressed response, and unpack it.' },
};
