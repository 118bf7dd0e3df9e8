import { containerCheck, type Fault, numberAt, textAt, textsAt } from './docker_check.ts';

interface HealthParams {
  readonly restarts: number;
}

export const check_docker_health = containerCheck<HealthParams>({
  name: 'check_docker_health',
  summary: 'Judges whether containers are healthy and come back by themselves',
  description: [
    'Fails where a health check fails, and where nothing starts a container again. Warns where it has no health check, or was started again too often.',
  ],
  properties: {
    restarts: {
      type: 'integer',
      minimum: 0,
      default: 5,
      description: 'How often a container may have been started again since it was made; more warns. 0: any.',
    },
  },
  good: 'all healthy, with a restart policy',
  remedy:
    'See `docker logs` and `docker inspect --format "{{json .State.Health}}"`. In the compose file: `healthcheck:` and `restart: unless-stopped`.',
  reference: 'security guide, Docker Security; CIS Docker 5.14, 5.26',
  faults: (container, { restarts }) => {
    const found: Fault[] = [];
    const health = textAt(container, 'State', 'Health', 'Status');
    const test = textsAt(container, 'Config', 'Healthcheck', 'Test');
    if (health === 'unhealthy') found.push(['fail', 'unhealthy']);
    else if (test.length === 0 || test[0] === 'NONE') found.push(['warn', 'no health check']);
    const policy = textAt(container, 'HostConfig', 'RestartPolicy', 'Name');
    if (policy === '' || policy === 'no') found.push(['fail', 'nothing starts it again']);
    const times = numberAt(container, 'RestartCount');
    if (restarts > 0 && times > restarts) found.push(['warn', `started again ${times} times`]);
    return found;
  },
});
