import { check_database_size } from '../../modules/checks/check_database_size.ts';
import { check_docker_health } from '../../modules/checks/docker_health.ts';
import { check_docker_images } from '../../modules/checks/docker_images.ts';
import { check_docker_limits } from '../../modules/checks/docker_limits.ts';
import { check_docker_networks, check_docker_ports } from '../../modules/checks/docker_networks.ts';
import { check_docker_privileges } from '../../modules/checks/docker_privileges.ts';
import { check_docker_users } from '../../modules/checks/docker_users.ts';
import { check_docker_volumes } from '../../modules/checks/docker_volumes.ts';
import { docker_compose_v2 } from '../../modules/containers/docker_compose_v2.ts';
import { docker_container_info } from '../../modules/containers/docker_container_info.ts';
import { runCases } from '../cases/driver.ts';

for (const module of [
  docker_compose_v2,
  docker_container_info,
  check_database_size,
  check_docker_health,
  check_docker_images,
  check_docker_limits,
  check_docker_networks,
  check_docker_ports,
  check_docker_privileges,
  check_docker_users,
  check_docker_volumes,
])
  runCases(module as never);
