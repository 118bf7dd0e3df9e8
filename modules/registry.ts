import type { ModuleTable } from '../engine/language/module_spec.ts';
import type { AnyModule } from '../engine/planning/contracts.ts';
import { check } from './checks/check.ts';
import { check_backups } from './checks/check_backups.ts';
import { check_certificates } from './checks/check_certificates.ts';
import { check_clock } from './checks/check_clock.ts';
import { check_database_size } from './checks/check_database_size.ts';
import { check_disk } from './checks/check_disk.ts';
import { check_failed_logins } from './checks/check_failed_logins.ts';
import { check_file_modes } from './checks/check_file_modes.ts';
import { check_listening_ports } from './checks/check_listening_ports.ts';
import { check_reboot } from './checks/check_reboot.ts';
import { check_sshd } from './checks/check_sshd.ts';
import { check_sudoers } from './checks/check_sudoers.ts';
import { check_suid } from './checks/check_suid.ts';
import { check_units } from './checks/check_units.ts';
import { check_updates } from './checks/check_updates.ts';
import { check_users } from './checks/check_users.ts';
import { check_world_writable } from './checks/check_world_writable.ts';
import { check_docker_health } from './checks/docker_health.ts';
import { check_docker_images } from './checks/docker_images.ts';
import { check_docker_limits } from './checks/docker_limits.ts';
import { check_docker_networks, check_docker_ports } from './checks/docker_networks.ts';
import { check_docker_privileges } from './checks/docker_privileges.ts';
import { check_docker_users } from './checks/docker_users.ts';
import { check_docker_volumes } from './checks/docker_volumes.ts';
import { command } from './commands/command.ts';
import { raw } from './commands/raw.ts';
import { shell } from './commands/shell.ts';
import { docker_compose_v2 } from './containers/docker_compose_v2.ts';
import { docker_container_info } from './containers/docker_container_info.ts';
import { assert } from './control/assert.ts';
import { debug } from './control/debug.ts';
import { fail } from './control/fail.ts';
import { include_tasks } from './control/include_tasks.ts';
import { include_vars } from './control/include_vars.ts';
import { meta } from './control/meta.ts';
import { set_fact } from './control/set_fact.ts';
import { postgresqlDb } from './databases/postgresql_db.ts';
import { postgresqlMembership } from './databases/postgresql_membership.ts';
import { postgresqlQuery } from './databases/postgresql_query.ts';
import { postgresqlUser } from './databases/postgresql_user.ts';
import { blockinfile } from './files/blockinfile.ts';
import { copy } from './files/copy.ts';
import { fetch } from './files/fetch.ts';
import { file } from './files/file.ts';
import { find } from './files/find.ts';
import { ini_file } from './files/ini_file.ts';
import { lineinfile } from './files/lineinfile.ts';
import { replace } from './files/replace.ts';
import { secrets_file } from './files/secrets_file.ts';
import { slurp } from './files/slurp.ts';
import { stat } from './files/stat.ts';
import { template } from './files/template.ts';
import { get_url } from './network/get_url.ts';
import { ufw } from './network/ufw.ts';
import { uri } from './network/uri.ts';
import { wait_for } from './network/wait_for.ts';
import { apt } from './packages/apt.ts';
import { deb822_repository } from './packages/deb822_repository.ts';
import { debconf } from './packages/debconf.ts';
import { package_ } from './packages/package.ts';
import { package_facts } from './packages/package_facts.ts';
import { runbook_schedule } from './services/runbook_schedule.ts';
import { service } from './services/service.ts';
import { service_facts } from './services/service_facts.ts';
import { systemdService } from './services/systemd_service.ts';
import { cron } from './system/cron.ts';
import { getent } from './system/getent.ts';
import { hostname } from './system/hostname.ts';
import { known_hosts } from './system/known_hosts.ts';
import { reboot } from './system/reboot.ts';
import { setup } from './system/setup.ts';
import { sysctl } from './system/sysctl.ts';
import { timezone } from './system/timezone.ts';
import { authorized_key } from './users/authorized_key.ts';
import { group } from './users/group.ts';
import { user } from './users/user.ts';

const all: readonly AnyModule[] = [
  apt,
  assert,
  authorized_key,
  blockinfile,
  check,
  check_backups,
  check_database_size,
  check_docker_health,
  check_docker_images,
  check_docker_limits,
  check_docker_networks,
  check_docker_ports,
  check_docker_privileges,
  check_docker_users,
  check_docker_volumes,
  check_certificates,
  check_clock,
  check_disk,
  check_failed_logins,
  check_file_modes,
  check_listening_ports,
  check_reboot,
  check_sshd,
  check_sudoers,
  check_suid,
  check_units,
  check_updates,
  check_users,
  check_world_writable,
  command,
  copy,
  cron,
  deb822_repository,
  debconf,
  debug,
  docker_compose_v2,
  docker_container_info,
  fail,
  fetch,
  file,
  find,
  get_url,
  getent,
  group,
  hostname,
  include_tasks,
  include_vars,
  ini_file,
  known_hosts,
  lineinfile,
  meta,
  package_,
  package_facts,
  postgresqlDb,
  postgresqlMembership,
  postgresqlQuery,
  postgresqlUser,
  raw,
  reboot,
  replace,
  secrets_file,
  runbook_schedule,
  service,
  service_facts,
  set_fact,
  setup,
  shell,
  slurp,
  stat,
  sysctl,
  systemdService,
  template,
  timezone,
  ufw,
  uri,
  user,
  wait_for,
];

const byName = new Map<string, AnyModule>(
  all.flatMap((module) =>
    [module.name, ...(module.aliases ?? [])].flatMap((name): [string, AnyModule][] => [
      [name, module],
      [`${module.collection}.${name}`, module],
    ]),
  ),
);

/** All modules there are. */
export const modules: ModuleTable<AnyModule> = {
  find: (name) => byName.get(name),
  all: () => all,
};
