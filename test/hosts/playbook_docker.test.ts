import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { useHosts } from '../lab/hosts.ts';

const lab = useHosts({ bare: 1 });
const host = () => lab.host(0);
const AUDIT = join(import.meta.dirname, '..', '..', 'playbooks', 'docker-audit.yml');

/** Debian's Docker, and an image of a shell and sleep(1) out of the host's own files. */
const SETUP = `set -e
mkdir -p /etc/docker
echo '{"storage-driver": "vfs"}' >/etc/docker/daemon.json
apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends docker.io docker-compose iptables >/dev/null
d=$(mktemp -d)
chmod 755 "$d"
cd "$d"
mkdir -p bin lib/x86_64-linux-gnu lib64 tmp
cp /bin/dash bin/sh
cp /bin/sleep bin/sleep
for l in $(ldd /bin/dash /bin/sleep | grep -o '/lib[^ )]*' | sort -u); do mkdir -p ".\${l%/*}" && cp "$l" ".$l"; done
tar c . | docker import - small:1.0
docker tag small:1.0 small:latest
docker run -d --name bad --pid host --cap-add NET_ADMIN --security-opt seccomp=unconfined \\
  -v /var/run/docker.sock:/var/run/docker.sock -v /etc:/host-etc -p 8000:80 small /bin/sleep 100000`;

const PLAY = `- hosts: bare1
  gather_facts: false
  tasks:
    - file: {path: /opt/app, state: directory}
    - copy:
        dest: /opt/app/docker-compose.yml
        content: |
          version: "2.4"
          services:
            web:
              image: small:1.0
              command: [/bin/sh, -c, "trap exit TERM; while :; do sleep 0.2; done"]
              user: "1000:1000"
              restart: {{ policy | default('always') }}
              security_opt: [no-new-privileges:true]
              cap_drop: [ALL]
              ports: ["127.0.0.1:8001:80"]
              healthcheck: {test: [CMD, /bin/sh, -c, ":"], interval: 1s}
    - community.docker.docker_compose_v2: {project_src: /opt/app, wait: true}
      register: up
    - docker_container_info: {name: app_web_1}
      register: web
    - assert:
        that: ["up.containers[0].Health == 'healthy'", "web.exists", "web.container.Config.User == '1000:1000'"]
      when: up.changed
`;

const play = (command: readonly string[], text: string, ...more: readonly string[]) =>
  lab.runbook([...command, lab.write('play.yml', text), '-i', lab.inventory(), ...more], { timeoutMs: 180_000 });

test('a compose project comes up, healthy, and is made anew when its file says so', { timeout: 500_000 }, async () => {
  const made = await host().inside(SETUP, { timeoutMs: 300_000 });
  assert.equal(made.code, 0, made.stderr);
  const up = await play(['apply', '--yes'], PLAY);
  assert.equal(up.code, 0, up.stdout + up.stderr);
  const again = await play(['plan', '--detailed-exitcode'], PLAY);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  const anew = await play(['apply', '--yes'], PLAY, '-e', 'policy=unless-stopped');
  assert.equal(anew.code, 0, anew.stdout + anew.stderr);
  const policy = "docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' app_web_1";
  assert.equal((await host().inside(policy)).stdout, 'unless-stopped\n');
});

test('the audit tells good containers from bad ones', { timeout: 200_000 }, async () => {
  // The kernel of the lab gives Docker no limits: all containers are without.
  const variables = JSON.stringify({ docker_unlimited_containers: ['*'] });
  const audit = await lab.runbook(['audit', AUDIT, '-i', lab.inventory(), '-e', variables]);
  assert.equal(audit.code, 2, audit.stdout + audit.stderr);
  for (const text of [
    /FAIL Privileges .*\n.*1 of 2 containers at fault: bad/,
    /capability NET_ADMIN added; sees the host's processes; seccomp[=:]unconfined; no no-new-privileges/,
    /FAIL Open ports .*\n.*1 of 2 containers at fault: bad/,
    /has \/var\/run\/docker\.sock; can write to \/etc/,
    /FAIL Health and restarts .*\n.*1 of 2 containers at fault: bad/,
    /WARN Users .*\n.*1 of 2 containers at fault: bad/,
    /WARN Networks .*\n.*1 of 2 containers at fault: bad/,
    /WARN Images .*\n.*1 of 2 images at fault; not scanned: trivy is not installed/,
    /4 fail, 3 warn, 1 pass on 1 host/,
  ])
    assert.match(audit.stdout, text);
  assert.equal((await host().inside('docker rm -f bad')).code, 0);
  const better = await lab.runbook(['audit', AUDIT, '-i', lab.inventory(), '-e', variables]);
  assert.equal(better.code, 0, better.stdout + better.stderr);
  assert.match(better.stdout, /0 fail, 1 warn, 7 pass on 1 host/);
});

test('and the project goes', { timeout: 200_000 }, async () => {
  const gone = `- hosts: bare1
  gather_facts: false
  tasks:
    - docker_compose_v2: {project_src: /opt/app, state: stopped}
    - docker_compose_v2: {project_src: /opt/app, state: absent}
`;
  const down = await play(['apply', '--yes'], gone);
  assert.equal(down.code, 0, down.stdout + down.stderr);
  assert.equal((await host().inside('docker ps -aq')).stdout, '');
  const again = await play(['plan', '--detailed-exitcode'], gone);
  assert.equal(again.code, 0, again.stdout + again.stderr);
});
