import { isMap, type ValueMap } from '../../engine/language/values.ts';
import { field } from '../../engine/resources/readings/docker_containers.ts';
import { containerCheck, type Fault, listAt, textAt } from './docker_check.ts';

export const check_docker_volumes = containerCheck<object>({
  name: 'check_docker_volumes',
  summary: 'Judges what of the host containers have mounted',
  description: [
    'Fails on the socket of Docker, which is as good as root on the host, and on system directories that can be written to. Warns on those that can only be read.',
  ],
  good: 'none with the system of the host in reach',
  remedy: 'Mount a directory of the application’s, or a named volume; where it has to be the system’s, with `:ro`.',
  reference: 'security guide, Docker Security; CIS Docker 5.5, 5.31',
  faults: (container) => listAt(container, 'Mounts').flatMap((mount) => (isMap(mount) ? faults(mount) : [])),
});

const SYSTEM = /^\/(?:|etc|root|boot|dev|proc|sys|lib|lib64|usr|bin|sbin|var\/lib\/docker|run|var\/run)(?:\/.*)?$/;
/** What many containers get to know the time and the names, and do no harm with. */
const HARMLESS =
  /^\/(?:etc\/(?:localtime|timezone|hosts|resolv\.conf|ssl\/certs(?:\/.*)?)|usr\/share\/zoneinfo(?:\/.*)?)$/;

function faults(mount: ValueMap): readonly Fault[] {
  const source = textAt(mount, 'Source');
  if (textAt(mount, 'Type') !== 'bind') return [];
  if (/\/(?:docker|containerd(?:\/containerd)?)\.sock$/.test(source)) return [['fail', `has ${source}`]];
  if (!SYSTEM.test(source) || (HARMLESS.test(source) && field(mount, 'RW') !== true)) return [];
  return field(mount, 'RW') === true ? [['fail', `can write to ${source}`]] : [['warn', `reads ${source}`]];
}
