import { containerCheck, type Fault, textAt } from './docker_check.ts';

export const check_docker_users = containerCheck<object>({
  name: 'check_docker_users',
  summary: 'Judges whether containers run as users of their own',
  description: [
    'Warns where a container is started as root. Images whose start gives root up by itself (PostgreSQL, nginx) belong into `except`.',
  ],
  good: 'all run as users of their own',
  remedy: 'In the Dockerfile: `USER app`; in the compose file: `user: "1000:1000"`.',
  reference: 'security guide, Docker Security; CIS Docker 4.1',
  faults: (container): readonly Fault[] => {
    const user = textAt(container, 'Config', 'User');
    const [name] = user.split(':');
    return name === '' || name === 'root' || name === '0' ? [['warn', `starts as root`]] : [];
  },
});
