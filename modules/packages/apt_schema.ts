import type { ParamSchema } from '../../engine/language/module_spec.ts';

export interface AptParams {
  readonly name?: readonly string[] | null;
  readonly state: 'present' | 'latest' | 'absent' | 'build-dep' | 'fixed';
  readonly update_cache?: boolean | null;
  readonly cache_valid_time: number;
  readonly update_cache_retries: number;
  readonly update_cache_retry_max_delay: number;
  readonly upgrade: 'no' | 'yes' | 'safe' | 'full' | 'dist' | boolean;
  readonly deb?: readonly string[] | null;
  readonly purge: boolean;
  readonly autoremove: boolean;
  readonly autoclean: boolean;
  readonly clean: boolean;
  readonly install_recommends?: boolean | null;
  readonly default_release?: string | null;
  readonly only_upgrade: boolean;
  readonly allow_downgrade: boolean;
  readonly allow_change_held_packages: boolean;
  readonly allow_unauthenticated: boolean;
  readonly fail_on_autoremove: boolean;
  readonly force: boolean;
  readonly dpkg_options: string;
  readonly policy_rc_d?: number | null;
  readonly lock_timeout: number;
  readonly force_apt_get: boolean;
}

export const aptSchema: ParamSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: {
      description:
        'Packages, each with a version where it matters: `nginx`, `nginx=1.22.*`, `nginx>=1.22`, `libc6:i386`. `*` and `?` in a name stand for all packages that match; `*` alone with `state: latest` for all that are installed.',
      type: 'array',
      items: { type: 'string' },
      aliases: ['package', 'pkg'],
    },
    state: {
      description:
        '`present`: installed, in whichever version, or in the one that `name` asks for. `latest`: in the version that apt would install now. `absent`: removed. `build-dep`: what is needed to build the packages is installed. `fixed`: broken dependencies are mended.',
      type: 'string',
      enum: ['present', 'latest', 'absent', 'build-dep', 'fixed'],
      default: 'present',
    },
    update_cache: {
      description: 'Renew the package lists first (`apt-get update`).',
      type: 'boolean',
      aliases: ['update-cache'],
    },
    cache_valid_time: {
      description:
        'Seconds for which the package lists are good enough. Anything but 0 turns on `update_cache`, for lists that are older.',
      type: 'integer',
      minimum: 0,
      default: 0,
    },
    update_cache_retries: {
      description: 'How often to try `apt-get update` before it counts as failed.',
      type: 'integer',
      minimum: 1,
      default: 5,
    },
    update_cache_retry_max_delay: {
      description: 'Longest wait between two tries, in seconds; the waits begin at one and double.',
      type: 'integer',
      minimum: 0,
      default: 12,
    },
    upgrade: {
      description:
        'Upgrade all packages. `yes`, `safe`: none is removed. `full`, `dist`: some may be removed where others need it. apt-get does it where Ansible would take aptitude.',
      enum: ['no', 'yes', 'safe', 'full', 'dist', true, false],
      default: 'no',
    },
    deb: {
      description: 'Package files on the host to install, with what they depend on.',
      type: 'array',
      items: { type: 'string' },
      format: 'path',
    },
    purge: {
      description: 'With `state: absent` or `autoremove`: delete the configuration too.',
      type: 'boolean',
      default: false,
    },
    autoremove: {
      description: 'Remove dependencies that nothing needs any more. Can stand alone.',
      type: 'boolean',
      default: false,
    },
    autoclean: {
      description: 'Delete fetched package files that no source has any more. Can stand alone.',
      type: 'boolean',
      default: false,
    },
    clean: { description: 'Delete all fetched package files. Can stand alone.', type: 'boolean', default: false },
    install_recommends: {
      description: 'Install recommended packages as well. Without it the host decides (by default, it does).',
      type: 'boolean',
      aliases: ['install-recommends'],
    },
    default_release: {
      description: 'Release to prefer, such as `bookworm-backports` (`apt-get -t`).',
      type: 'string',
      aliases: ['default-release'],
    },
    only_upgrade: {
      description: 'Only touch packages that are installed already.',
      type: 'boolean',
      default: false,
    },
    allow_downgrade: {
      description: 'Allow an older version in place of a newer one.',
      type: 'boolean',
      default: false,
      aliases: ['allow-downgrade', 'allow_downgrades', 'allow-downgrades'],
    },
    allow_change_held_packages: {
      description: 'Allow to change packages that are on hold (apt-mark(8)).',
      type: 'boolean',
      default: false,
    },
    allow_unauthenticated: {
      description: 'Install packages whose source is not signed by a known key.',
      type: 'boolean',
      default: false,
      aliases: ['allow-unauthenticated'],
    },
    fail_on_autoremove: {
      description: 'Fail where packages would have to be removed (`apt-get --no-remove`).',
      type: 'boolean',
      default: false,
    },
    force: {
      description:
        'Allow what apt refuses for good reasons: unsigned sources, downgrades, held and essential packages. It can destroy a system.',
      type: 'boolean',
      default: false,
    },
    dpkg_options: {
      description: 'Options for dpkg, with commas. The default keeps configuration files that were changed.',
      type: 'string',
      default: 'force-confdef,force-confold',
    },
    policy_rc_d: {
      description: 'What /usr/sbin/policy-rc.d answers meanwhile: 101 keeps packages from starting their services.',
      type: 'integer',
      minimum: 0,
      maximum: 255,
    },
    lock_timeout: {
      description: "Seconds to wait for whoever holds dpkg's lock.",
      type: 'integer',
      minimum: 0,
      default: 60,
    },
    force_apt_get: {
      description: "For Ansible's sake: apt-get is used in any case.",
      type: 'boolean',
      default: false,
    },
  },
  mutuallyExclusive: [['deb', 'name', 'upgrade']],
  requiredOneOf: [['name', 'deb', 'upgrade', 'update_cache', 'cache_valid_time', 'autoremove', 'autoclean', 'clean']],
};

/** The upgrade that is asked for, if one is. */
export function upgradeOf(params: AptParams): 'safe' | 'full' | undefined {
  const { upgrade, name } = params;
  if (upgrade === 'full' || upgrade === 'dist') return 'full';
  if (upgrade === 'yes' || upgrade === 'safe' || upgrade === true) return 'safe';
  return params.state === 'latest' && name?.some((one) => one.trim() === '*') ? 'safe' : undefined;
}
