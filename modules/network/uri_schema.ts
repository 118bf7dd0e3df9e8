import type { ParamSchema } from '../../engine/language/module_spec.ts';
import { ATTRIBUTES } from '../files/attributes.ts';
import { WEB_PARAMETERS } from './web_params.ts';

const { mode, owner, group, unsafe_writes } = ATTRIBUTES;

export const uriSchema: ParamSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  mutuallyExclusive: [['body', 'src']],
  properties: {
    url: { type: 'string', description: 'What is asked for: http or https.' },
    method: { type: 'string', default: 'GET', description: 'Method of HTTP.' },
    body: { description: 'What is sent: a text, or a value that `body_format` makes a text of.' },
    body_format: {
      type: 'string',
      enum: ['raw', 'json', 'form-urlencoded'],
      default: 'raw',
      description: 'How a body is written that is no text yet, and what the header Content-Type says of it.',
    },
    src: { type: 'string', description: 'File whose content is sent, instead of `body`.' },
    remote_src: { type: 'boolean', default: false, description: '`src` is a path on the host.' },
    status_code: {
      type: 'array',
      items: { type: 'integer' },
      default: [200],
      description: 'Statuses that are a success.',
    },
    return_content: {
      type: 'boolean',
      default: false,
      description: 'Register what was answered as `content`. JSON is registered as `json` in any case.',
    },
    follow_redirects: {
      type: 'string',
      enum: ['all', 'no', 'none', 'safe', 'urllib2', 'yes'],
      default: 'safe',
      description: '`all`; `safe`: of GET and HEAD only; or `none`.',
    },
    dest: {
      type: 'string',
      format: 'path',
      description:
        'Write what was answered to this file, or to one in this directory that is called as the URL has it.',
    },
    creates: { type: 'string', format: 'path', description: 'Nobody is asked where this is there.' },
    removes: { type: 'string', format: 'path', description: 'Nobody is asked where this is not there.' },
    url_username: { type: 'string', aliases: ['user'], description: 'User name for the server.' },
    url_password: { type: 'string', aliases: ['password'], secret: true, description: 'Password for the server.' },
    unix_socket: { type: 'string', format: 'path', description: 'Socket on the host to ask by. Needs curl.' },
    ...WEB_PARAMETERS,
    force: { type: 'boolean', default: false, description: 'Ask caches on the way for nothing.' },
    timeout: { type: 'integer', default: 30, minimum: 1, description: 'Seconds in which something has to come.' },
    ...({ mode, owner, group, unsafe_writes } as typeof ATTRIBUTES),
  },
};

export const uriReturns: { readonly [name: string]: string } = {
  status: 'HTTP status; -1: there was no response.',
  msg: 'What the server said, or why there is no response.',
  url: 'Where redirects have led.',
  redirected: 'Whether there were any.',
  content: 'What was answered, with `return_content` or if the status is none of `status_code`.',
  json: 'The same as a value, if it is JSON.',
  cookies: 'Cookies of the response, by name.',
  cookies_string: 'The same as the header Cookie of a next request.',
  elapsed: 'Seconds that it took.',
  path: 'Path of the file, with `dest`.',
};
