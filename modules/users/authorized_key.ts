import { posix } from 'node:path';
import type { ParamSchema } from '../../engine/language/module_spec.ts';
import { defineModule, type Ref, type Step, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import { path } from '../../engine/resources/path.ts';
import {
  asFound,
  type FileValue,
  type LinkValue,
  type PathValue,
  resolvedTarget,
} from '../../engine/resources/path_value.ts';
import { type UserValue, user as userRef } from '../../engine/resources/user.ts';
import { accountNameProblem } from './account_name.ts';
import { editKeys, type KeyEdit, keysOf, suspicion } from './authorized_keys.ts';

interface AuthorizedKeyParams {
  readonly user: string;
  readonly key: string;
  readonly state: 'present' | 'absent';
  readonly path?: string;
  readonly manage_dir: boolean;
  readonly exclusive: boolean;
  readonly key_options?: string;
  readonly comment?: string;
  readonly follow: boolean;
}

const schema: ParamSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['user', 'key'],
  properties: {
    user: { type: 'string', description: 'Whose keys.' },
    key: {
      type: 'string',
      minLength: 1,
      description: "Public keys, one a line, such as `{{ lookup('file', 'ops.pub') }}`.",
    },
    state: { type: 'string', enum: ['present', 'absent'], default: 'present', description: 'Whether they let in.' },
    exclusive: {
      type: 'boolean',
      default: false,
      description: 'Take out all other keys. In a loop each round would take out the others: give all in one text.',
    },
    key_options: { type: 'string', description: 'Options in front of the key: `no-pty,from="10.0.0.0/8"`.' },
    comment: { type: 'string', description: "Comment in place of the key's own." },
    path: { type: 'string', format: 'path', description: 'The file. Default: ~/.ssh/authorized_keys of the user.' },
    manage_dir: {
      type: 'boolean',
      default: true,
      description: "Make the file's directory, and give it to the user with mode 0700 whenever the file is written.",
    },
    follow: { type: 'boolean', default: false, description: 'Write through a symbolic link instead of refusing it.' },
    validate_certs: { type: 'boolean', default: true, description: 'Accepted for Ansible: keys are not fetched.' },
  },
};

export const authorized_key = defineModule<AuthorizedKeyParams>({
  name: 'authorized_key',
  collection: 'ansible.posix',
  summary: 'Adds and removes the SSH keys that let a user in',
  description: [
    'The file gets the mode 0600 and belongs to the user. It lies in the power of that user: a symbolic link in its place is refused unless `follow` says otherwise, and never followed to what belongs to somebody else.',
  ],
  schema,
  examples: `- name: Keys of those who deploy, and no others
  authorized_key:
    user: deploy
    exclusive: true
    key: |
      ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJnqPcOGm+tdpM2LKqzO9sUcDGDLzUFYBzNmHY3Y0wVb alice
      ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKm8dYhYJbPjEdM8hZbZLPf3DCXpEWpXn8a2UTY2vPxJ bob
`,
  returns: { keyfile: 'Path of the file.', user: 'Whose keys.', state: '`present` or `absent`.' },
  looksAt: (params, view) => {
    if (accountNameProblem(params.user) !== undefined) return [];
    const owner = userRef(params.user);
    const found = view.peek(owner);
    const file = found == null ? params.path : fileOf(params, found);
    if (file === undefined) return [owner];
    const own = path(file, 'content');
    const refs: Ref[] = [owner, path(posix.dirname(file)) as Ref, own as Ref];
    for (const ref of [own, path(posix.dirname(file))]) {
      const target = targetOf(ref.id, view.peek(ref));
      if (target !== undefined) refs.push(path(target, ...(ref === own ? (['content'] as const) : [])) as Ref);
    }
    return refs;
  },
  wants: (params, view) => {
    const problem = accountNameProblem(params.user);
    if (problem !== undefined) return failed(problem, 'user');
    if (/^https?:/i.test(params.key)) {
      return failed('`key` is an address: fetch it first, or give the keys themselves', 'key');
    }
    const owner = view.get(userRef(params.user));
    if (owner === null) return failed(`there is no user ${params.user} on this host`, 'user');
    return wish(params, view, owner);
  },
});

function failed(message: string, parameter: keyof AuthorizedKeyParams): Wish {
  return { steps: [], failed: { message, parameter: [parameter] } };
}

function fileOf(params: AuthorizedKeyParams, owner: UserValue): string | undefined {
  if (params.path !== undefined) return params.path;
  return owner.home?.startsWith('/') ? `${owner.home.replace(/\/+$/, '')}/.ssh/authorized_keys` : undefined;
}

function targetOf(id: string, value: PathValue | null | undefined): string | undefined {
  return value?.kind === 'link' ? (resolvedTarget(id, value) ?? undefined) : undefined;
}

function wish(params: AuthorizedKeyParams, view: View, owner: UserValue): Wish {
  const named = fileOf(params, owner);
  if (named === undefined) return failed(`${owner.name} has no home directory: give \`path\``, 'path');
  const file = place(path(named, 'content'), params, view, owner);
  if ('refused' in file) return failed(file.refused, 'follow');
  const directory = place(path(posix.dirname(named)), params, view, owner);
  if ('refused' in directory) return failed(directory.refused, 'follow');
  const text = textOf(file);
  if ('refused' in text) return failed(text.refused, 'path');

  const edit = editOf(params);
  const edited = editKeys(text.text, edit);
  if ('invalid' in edited) return failed(`this is no public key: ${shortened(edited.invalid)}`, 'key');
  const result = { ...resultOf(params), keyfile: file.ref.id };
  const warnings = warningsOf(edit);
  if (edited.text === text.text) return { steps: [], result, warnings };
  const steps = directorySteps(params, owner, directory);
  if ('refused' in steps) return failed(steps.refused, params.manage_dir ? 'manage_dir' : 'path');
  const before: FileValue = file.value?.kind === 'file' ? asFound(file.value) : NEW_FILE;
  const written: FileValue = { ...before, mode: 0o600, ...mine(owner), content: { text: edited.text } };
  return { steps: [...steps.steps, set(file.ref, written) as Step], result, warnings };
}

const NEW_FILE = { kind: 'file', mode: 0o600 } as const;
const NEW_DIRECTORY = { kind: 'directory', mode: 0o700 } as const;

function editOf({ key, state, exclusive, key_options, comment }: AuthorizedKeyParams): KeyEdit {
  return {
    keys: key,
    state,
    exclusive,
    ...(key_options !== undefined && { options: key_options }),
    ...(comment !== undefined && { comment }),
  };
}

function mine(owner: UserValue): { readonly owner: string; readonly group?: string } {
  return { owner: owner.name, ...(owner.group !== undefined && { group: owner.group }) };
}

interface Place {
  readonly ref: Ref<PathValue>;
  readonly value: Exclude<PathValue, LinkValue> | null;
}

/** What is to be written to: the name itself, or what a link leads to where that is allowed and harmless. */
function place(
  ref: Ref<PathValue>,
  params: AuthorizedKeyParams,
  view: View,
  owner: UserValue,
): Place | { readonly refused: string } {
  const value = view.get(ref);
  if (value?.kind !== 'link') return { ref, value };
  const link = `${ref.id} is a symbolic link to ${value.target}`;
  if (!params.follow) return { refused: `${link}: writing through it has to be asked for with \`follow: true\`` };
  const target = targetOf(ref.id, value);
  const behind = target === undefined ? undefined : view.get(path(target, ...(ref.aspects as readonly 'content'[])));
  if (target === undefined || behind?.kind === 'link') return { refused: `${link} and leads in circles` };
  // A user may point a link of their own anywhere: root must not hand them what is there.
  if (value.owner !== 'root' && behind?.owner !== owner.name) {
    return { refused: `${link}, which does not belong to ${owner.name}: it is not followed` };
  }
  return { ref: path(target, ...(ref.aspects as readonly 'content'[])), value: behind ?? null };
}

function textOf({ ref, value }: Place): { readonly text: string } | { readonly refused: string } {
  if (value === null) return { text: '' };
  if (value.kind !== 'file') return { refused: `${ref.id} is no regular file` };
  if (value.content !== undefined && 'text' in value.content) return { text: value.content.text };
  return { refused: `${ref.id} is not UTF-8 or too large: it cannot be edited safely` };
}

/** Ansible makes a missing directory even where it does not manage it. */
function directorySteps(
  params: AuthorizedKeyParams,
  owner: UserValue,
  { ref, value }: Place,
): { readonly steps: readonly Step[] } | { readonly refused: string } {
  if (value !== null && value.kind !== 'directory') return { refused: `${ref.id} is no directory` };
  const inHome = owner.home !== undefined && ref.id.startsWith(`${owner.home.replace(/\/+$/, '')}/`);
  if (value === null && inHome && owner.homeExists === false) {
    return { refused: `the home directory of ${owner.name} (${owner.home}) is not there` };
  }
  if (!params.manage_dir) {
    return { steps: value === null ? [set(ref, { ...NEW_DIRECTORY, mode: 0o755 }) as Step] : [] };
  }
  if (!inHome && value !== null && value.owner !== owner.name) {
    return {
      refused: `${ref.id} belongs to ${value.owner ?? 'somebody else'} and would be given to ${owner.name}: set \`manage_dir: false\``,
    };
  }
  return { steps: [set(ref, { ...asFound(value ?? NEW_DIRECTORY), mode: 0o700, ...mine(owner) }) as Step] };
}

function warningsOf(edit: KeyEdit): readonly string[] {
  const keys = keysOf(edit);
  if (edit.state === 'absent' || 'invalid' in keys) return [];
  return keys.keys.flatMap((key) => {
    const why = suspicion(key);
    return why === undefined ? [] : [`the key ${shortened(`${key.type} ${key.key}`)} ${why}: sshd will not accept it`];
  });
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function resultOf(params: AuthorizedKeyParams) {
  const { user, key, state, exclusive, manage_dir, follow } = params;
  return {
    user,
    key,
    state,
    exclusive,
    manage_dir,
    follow,
    path: params.path ?? null,
    key_options: params.key_options ?? null,
    comment: params.comment ?? null,
    unique: false,
  };
}
