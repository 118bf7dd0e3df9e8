import type { AptParams } from './apt_schema.ts';

/** The words for apt-get, whether it is only simulated or run: what was looked at is what is done. */
export function aptWords(verb: string, params: AptParams, specs: readonly string[]): readonly string[] {
  return [verb, ...optionsOf(verb, params), ...specs];
}

function optionsOf(verb: string, params: AptParams): readonly string[] {
  const words: string[] = [];
  const add = (condition: unknown, ...more: readonly string[]) => {
    if (condition) words.push(...more);
  };
  const { default_release, install_recommends, force } = params;
  for (const option of dpkgOptions(params)) words.push('-o', `Dpkg::Options::=${option}`);
  add(default_release, '-t', default_release ?? '');
  add(typeof install_recommends === 'boolean', '-o', `APT::Install-Recommends=${install_recommends ? 'yes' : 'no'}`);
  add(params.only_upgrade && verb === 'install', '--only-upgrade');
  add(params.state === 'fixed', '--fix-broken');
  add(params.autoremove && verb !== 'build-dep' && verb !== 'autoremove', '--auto-remove');
  add(params.purge && (verb === 'remove' || verb === 'autoremove'), '--purge');
  add(params.fail_on_autoremove && params.state !== 'absent', '--no-remove');
  add(params.allow_downgrade || force, '--allow-downgrades');
  add(params.allow_change_held_packages || force, '--allow-change-held-packages');
  add(params.allow_unauthenticated || force, '--allow-unauthenticated');
  add(force, '--allow-remove-essential');
  return words;
}

/** `dpkg_options` as words for dpkg(1). */
export function dpkgOptions({ dpkg_options }: AptParams): readonly string[] {
  const names = dpkg_options.split(',').map((option) => option.trim());
  return names.filter((name) => name !== '').map((name) => `--${name}`);
}

/** What apt-get prints as its refusal -> what the task can say about it. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/without --allow-downgrades/, '`allow_downgrade: true` lets an older version take the place of a newer one'],
  [/without --allow-change-held-packages/, '`allow_change_held_packages: true` lets packages on hold be changed'],
  [/remove is disabled/, '`fail_on_autoremove` keeps packages from being removed'],
  [/must put some 'deb-src' URIs/, '`build-dep` needs source packages: add `deb-src` lines to the sources'],
];

export function withRemedy(refusal: string): string {
  const remedy = REMEDIES.find(([pattern]) => pattern.test(refusal))?.[1];
  return `apt refuses: ${refusal}${remedy === undefined ? '' : ` (${remedy})`}`;
}
