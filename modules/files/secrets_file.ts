import type { ParamProperty } from '../../engine/language/module_spec.ts';
import { defineModule, type Ref, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import { kindName, normalPath, octal, parentOf } from '../../engine/resources/path_value.ts';
import { secrets } from '../../engine/resources/secrets.ts';
import type { SecretsValue } from '../../engine/resources/secrets_value.ts';
import { validateProblem } from '../../engine/resources/validate_command.ts';
import { type Failure, failedWish, isFailure } from './failure.ts';
import { resolveMode } from './mode.ts';
import { drawing, type EntryParams, type SecretWishes, wishedSecrets } from './secret_entries.ts';
import { looksAtTarget, newFileOwner, pathProblem, targetOf } from './target.ts';

interface SecretsFileParams {
  readonly path: string;
  readonly entries: readonly EntryParams[];
  readonly src?: string;
  readonly content?: string;
  readonly rotate_after?: number;
  readonly grace: number;
  readonly newer_than?: string;
  readonly activate?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly mode: string;
}

const entry: { readonly [name: string]: ParamProperty } = {
  name: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$', description: 'What the template calls it.' },
  format: {
    type: 'string',
    enum: ['hex', 'base64', 'base64url', 'chars'],
    default: 'hex',
    description: 'How it is written: `bytes` random bytes in hex or base64, or `length` characters of `alphabet`.',
  },
  bytes: { type: 'integer', minimum: 8, maximum: 1024, default: 32, description: 'How many bytes are drawn.' },
  length: { type: 'integer', minimum: 12, maximum: 1024, default: 43, description: 'With `chars`: how many of them.' },
  alphabet: {
    type: 'string',
    pattern: '^[!-~]{10,}$',
    default: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
    description: 'With `chars`: which of them.',
  },
  rotate_after: { type: 'number', minimum: 0, description: 'As the one of the file, for this secret.' },
  turns: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'values'],
    properties: {
      name: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$', description: 'What the template calls it.' },
      values: {
        type: 'array',
        items: { type: 'string', pattern: '^[!-~]+$' },
        minItems: 2,
        description: 'Its values.',
      },
    },
    description:
      'What is not secret and changes with it, in turn, such as one of two users of a database: `{name: DB_USER, values: [app_blue, app_green]}`.',
  },
};

export const secrets_file = defineModule<SecretsFileParams>({
  name: 'secrets_file',
  collection: 'runbook',
  summary: 'Keeps a file whose secrets the host draws itself',
  description: [
    'The host draws each secret from its own /dev/urandom, once. It never leaves the host: no diff, no log, no result and no file of this machine has it. The template stands for it with `@{NAME}`.',
    'Each value has an age. One that is older than `rotate_after` days, or made before `newer_than`, is drawn anew; for `grace` days the template still has the old one as `@{NAME.previous}`, which is empty otherwise.',
    'Values of a file that is there already are taken over where it sets them as `NAME=value`, as environment files do; they count as old as the file is.',
    'The file is replaced at once. Ages and old values stand beside it in `PATH.secrets` (0600). A run that is killed on the way is gone on with by the next one, with the same new values.',
    'An undo does not bring old values back.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path', 'entries'],
    mutuallyExclusive: [['src', 'content']],
    requiredOneOf: [['src', 'content']],
    properties: {
      path: { type: 'string', format: 'path', aliases: ['dest'], description: 'The file.' },
      entries: {
        type: 'array',
        minItems: 1,
        items: { type: 'object', additionalProperties: false, required: ['name'], properties: entry },
        description: 'The secrets.',
      },
      src: {
        type: 'string',
        description:
          'Template of the file on this machine, looked for in `templates/`; it is rendered as by `template`.',
      },
      content: { type: 'string', description: 'The text itself, instead of `src`.' },
      rotate_after: {
        type: 'number',
        minimum: 0,
        description: 'Days after which a secret is drawn anew. Without it: never.',
      },
      grace: {
        type: 'number',
        minimum: 0,
        default: 7,
        description: 'Days for which the value before still counts. 0: it is gone at once.',
      },
      newer_than: {
        type: 'string',
        description:
          'What was made before this time is drawn anew: `2026-11-24T15:00Z`, a date, or `now` for all of them, each time.',
      },
      activate: {
        type: 'string',
        description:
          'Command that makes new values valid where they count, such as in a database, before the file is in place: `%s` stands for the new file. It is run without a shell, has to do no harm when it is run again, and only runs when something is drawn.',
      },
      owner: { type: 'string', description: 'User who owns the file: a name or a number.' },
      group: { type: 'string', description: 'Group that owns it: a name or a number.' },
      mode: { type: 'string', format: 'mode', default: '0600', description: 'Permissions of the file.' },
    },
  },
  examples: `- name: Settings and secrets of the application
  secrets_file:
    path: /opt/app/.env
    mode: "0600"
    rotate_after: 90
    content: |
      API_URL=https://api.example.com
      SECRET_KEY=@{SECRET_KEY}
      SECRET_KEY_PREVIOUS=@{SECRET_KEY.previous}
      DATABASE_PASSWORD=@{DATABASE_PASSWORD}
    entries:
      - name: SECRET_KEY
      - {name: DATABASE_PASSWORD, format: chars, length: 40}
  register: env
`,
  returns: {
    path: 'Path of the file.',
    secrets: 'By name: `version`, `made` (seconds since 1970), `previous` (whether an old value still counts), `turn`.',
    drawn: 'Names of those that were drawn in this run.',
    retired: 'Names of those whose old value stopped counting in this run.',
  },
  looksAt: (params, view) => {
    if (pathProblem(params.path) !== undefined) return [];
    const id = normalPath(params.path);
    return [secrets(id), ...looksAtTarget(parentOf(id), view)] as readonly Ref[];
  },
  wants: (params, view) => {
    const problem = pathProblem(params.path) ?? problemOf(params);
    if (problem !== undefined) return failedWish(problem);
    const template = templateOf(params, view);
    if (isFailure(template)) return failedWish(template);
    const since = sinceOf(params.newer_than, view.now);
    if (isFailure(since)) return failedWish(since);
    return wish(params, template.text, since, view);
  },
});

function problemOf({ entries, activate }: SecretsFileParams): Failure | undefined {
  const names = entries.flatMap(({ name, turns }) => [name, ...(turns === undefined ? [] : [turns.name])]);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return { failed: `${twice} is there twice`, parameter: 'entries' };
  const command = activate === undefined ? undefined : validateProblem(activate, 'activate');
  return command === undefined ? undefined : { failed: command, parameter: 'activate' };
}

function templateOf(params: SecretsFileParams, view: View): { readonly text: string } | Failure {
  const text = params.content ?? renderedOf(params.src ?? '', view);
  if (isFailure(text)) return text;
  if (text.includes('\0')) return { failed: 'the template has a NUL byte', parameter: 'content' };
  const known = new Set(params.entries.flatMap(({ name, turns }) => [name, `${name}.previous`, turns?.name ?? name]));
  const used = [...text.matchAll(/@\{([A-Za-z_][A-Za-z0-9_]*(?:\.previous)?)\}/g)].map((match) => match[1] as string);
  const open = used.find((name) => !known.has(name));
  if (open !== undefined) {
    return { failed: `the template has @{${open}}, and no entry is called so`, parameter: 'entries' };
  }
  return { text: text === '' || text.endsWith('\n') ? text : `${text}\n` };
}

function renderedOf(src: string, view: View): string | Failure {
  const file = view.local(src, 'template');
  if (file === undefined || file.kind !== 'file') {
    return { failed: `there is no template ${src} on this machine`, parameter: 'src' };
  }
  const rendered = view.render(file, { trimBlocks: true, lstripBlocks: false, newline: '\n' });
  if (rendered.ok) return rendered.value;
  return { failed: rendered.diagnostics.map(({ message }) => message).join('; '), parameter: 'src' };
}

/** In seconds since 1970. */
function sinceOf(text: string | undefined, now: number): number | undefined | Failure {
  if (text === undefined || text === '') return undefined;
  if (text === 'now') return Number.POSITIVE_INFINITY;
  const shape = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text.slice(10)) || text.length === 10 ? text : `${text}Z`;
  const time = shape.test(text) ? Date.parse(zoned.replace(' ', 'T')) : Number.NaN;
  const failed = Number.isNaN(time) ? 'is no time' : time > now ? 'is still to come' : undefined;
  if (failed === undefined) return time / 1000;
  return { failed: `newer_than ${failed}: ${text}; write 2026-11-24T15:00Z (UTC), or now`, parameter: 'newer_than' };
}

function wish(params: SecretsFileParams, template: string, since: number | undefined, view: View): Wish {
  const id = normalPath(params.path);
  const parent = targetOf(parentOf(id), view);
  if (isFailure(parent)) return failedWish(parent);
  if (parent.value?.kind !== 'directory') {
    const what = parent.value === null ? 'does not exist' : `is a ${kindName(parent.value)}, not a directory`;
    return failedWish({ failed: `the directory ${parentOf(id)} ${what}: make it first`, parameter: 'path' });
  }
  const before = view.get(secrets(id));
  const mode = resolveMode(params.mode, before?.mode ?? 0o600, false);
  if (!mode.ok) return failedWish({ failed: mode.problem, parameter: 'mode' });
  const wished = wishedSecrets(params.entries, before, {
    now: view.now / 1000,
    rotateAfter: params.rotate_after,
    grace: params.grace,
    since,
  });
  const after: SecretsValue = {
    ...ownerOf(params, before, view),
    mode: mode.mode,
    template,
    entries: wished.entries,
    file: 'whole',
    unfinished: false,
  };
  const step = set(secrets(id), after, optionsOf(params, wished));
  return { steps: [step], result: { path: id, ...wished.result }, warnings: warningsOf(mode.mode) };
}

function ownerOf({ owner, group }: SecretsFileParams, before: SecretsValue | null, view: View) {
  const fallback = before?.mode === undefined ? newFileOwner(view) : { owner: before.owner, group: before.group };
  const found = { owner: owner ?? fallback.owner, group: group ?? fallback.group };
  return {
    ...(found.owner !== undefined && { owner: found.owner }),
    ...(found.group !== undefined && { group: found.group }),
  };
}

function optionsOf({ entries, activate }: SecretsFileParams, { drawn }: SecretWishes) {
  const draws = entries.filter(({ name }) => drawn.includes(name)).map((one) => [`draw ${one.name}`, drawing(one)]);
  return {
    ...Object.fromEntries(draws),
    ...(activate !== undefined && drawn.length > 0 && { activate }),
  };
}

function warningsOf(mode: number): readonly string[] {
  return (mode & 0o007) === 0 ? [] : [`everybody on the host can read the secrets: mode is ${octal(mode)}`];
}
