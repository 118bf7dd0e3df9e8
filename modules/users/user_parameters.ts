import type { ParamSchema } from '../../engine/language/module_spec.ts';

/** Parameters of `user` as they reach the module; what was not given is missing or null. */
export interface UserParams {
  readonly name: string;
  readonly state: 'present' | 'absent';
  readonly uid?: number | null;
  readonly non_unique: boolean;
  readonly group?: string | null;
  readonly groups?: readonly string[] | null;
  readonly append: boolean;
  readonly comment?: string | null;
  readonly home?: string | null;
  readonly create_home: boolean;
  readonly move_home: boolean;
  readonly skeleton?: string | null;
  readonly umask?: string | null;
  readonly shell?: string | null;
  readonly password?: string | null;
  readonly update_password: 'always' | 'on_create';
  readonly password_lock?: boolean | null;
  readonly expires?: number | null;
  readonly password_expire_min?: number | null;
  readonly password_expire_max?: number | null;
  readonly password_expire_warn?: number | null;
  readonly password_expire_account_disable?: number | null;
  readonly system: boolean;
  readonly local: boolean;
  readonly seuser?: string | null;
  readonly remove: boolean;
  readonly force: boolean;
  readonly generate_ssh_key: boolean;
  readonly ssh_key_type: string;
  readonly ssh_key_bits: number;
  readonly ssh_key_file?: string | null;
  readonly ssh_key_comment?: string | null;
  readonly ssh_key_passphrase?: string | null;
}

const flag = (description: string, fallback = false) => ({ type: 'boolean', default: fallback, description }) as const;

export const userSchema: ParamSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string', aliases: ['user'], description: 'Name of the user.' },
    state: { type: 'string', enum: ['present', 'absent'], default: 'present', description: 'Whether the user exists.' },
    uid: { type: 'integer', minimum: 0, description: 'Number of the user. Default: the next free one.' },
    non_unique: flag('Allow a `uid` that another user has.'),
    group: { type: 'string', description: 'Primary group, by name or number. It must exist.' },
    groups: {
      type: 'array',
      items: { type: 'string' },
      description: 'Further groups. The user is taken out of all others, unless `append` is set; empty: out of all.',
    },
    append: flag('Only add to `groups`, take out of none.'),
    comment: { type: 'string', description: 'Full name or description (GECOS).' },
    home: { type: 'string', format: 'path', description: 'Home directory. Default: below /home.' },
    create_home: { ...flag('Make the home directory if it is not there.', true), aliases: ['createhome'] },
    move_home: flag('Move the content of the old home when `home` changes.'),
    skeleton: { type: 'string', description: 'Directory that a new home is copied from. Default: /etc/skel.' },
    umask: { type: 'string', pattern: '^[0-7]{3,4}$', description: 'Octal umask a new home is made with.' },
    shell: { type: 'string', description: 'Login shell.' },
    password: {
      type: 'string',
      secret: true,
      description: 'Password as a crypt(3) hash; `!` or `*` for none. It is handed over on standard input.',
    },
    update_password: {
      type: 'string',
      enum: ['always', 'on_create'],
      default: 'always',
      description: 'Whether the password of a user who exists is changed as well.',
    },
    password_lock: { type: 'boolean', description: 'Lock or unlock the password. Keys still work.' },
    expires: { type: 'number', description: 'When the account closes, in seconds since 1970; negative: never.' },
    password_expire_min: { type: 'integer', description: 'Days before a password may be changed again.' },
    password_expire_max: { type: 'integer', description: 'Days after which a password must be changed.' },
    password_expire_warn: { type: 'integer', description: 'Days of warning before a password expires.' },
    password_expire_account_disable: {
      type: 'integer',
      description: 'Days after a password has expired until the account is closed.',
    },
    system: flag('Take the number from the range of system users. Only when the user is made.'),
    local: flag('Only /etc/passwd counts: a user of the same name in a directory service is an error.'),
    seuser: { type: 'string', description: 'SELinux user. Only when the user is made.' },
    remove: flag('With `state: absent`: remove the home directory and the mail as well.'),
    force: flag('With `state: absent`: remove although logged in. With `generate_ssh_key`: replace an existing key.'),
    generate_ssh_key: flag('Make an SSH key for the user.'),
    ssh_key_type: { type: 'string', default: 'rsa', description: 'Type of the key, as in ssh-keygen -t.' },
    ssh_key_bits: { type: 'integer', default: 0, description: 'Bits of the key; 0: as ssh-keygen chooses.' },
    ssh_key_file: {
      type: 'string',
      description: 'File of the key; a relative path starts in the home. Default: .ssh/id_TYPE.',
    },
    ssh_key_comment: { type: 'string', description: 'Comment of the key. Default: ansible-generated on HOSTNAME.' },
    ssh_key_passphrase: { type: 'string', secret: true, description: 'Passphrase of the key. Default: none.' },
  },
};
