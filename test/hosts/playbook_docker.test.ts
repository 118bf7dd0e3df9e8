import assert from 'node:assert/strict';
import { join } from 'node:path';
import { useHosts } from '../lab/hosts.ts';
import { IN_DEPTH, inDepth } from '../lab/in_depth.ts';

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

/** Debian's PostgreSQL as an image, which lets in whoever is in its container, as the official one does. */
const DATABASE = `set -e
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends postgresql >/dev/null
systemctl stop postgresql
printf 'local all all trust\\n' >/etc/postgresql/15/main/pg_hba.conf
cd /
tar c --exclude='./usr/bin/docker*' --exclude=./usr/sbin/dockerd --exclude='./usr/bin/containerd*' --exclude=./usr/share/doc \\
  bin sbin lib lib64 usr etc/passwd etc/group etc/postgresql etc/postgresql-common etc/ld.so.cache etc/nsswitch.conf \\
  var/lib/postgresql --no-recursion run tmp | docker import - pg:1
mkdir -p /opt/db
cat >/opt/db/docker-compose.yml <<'X'
version: "2.4"
services:
  postgres:
    image: pg:1
    command:
      - /bin/sh
      - -c
      - "chmod 755 / /etc /var /var/lib; chmod 1777 /tmp; mkdir -p /run/postgresql /var/run/postgresql;
        chown postgres /run/postgresql /var/run/postgresql; exec setpriv --reuid postgres --regid postgres --init-groups
        /usr/lib/postgresql/15/bin/postgres -D /etc/postgresql/15/main"
X
cd /opt/db && docker-compose up -d`;

const BACKUPS = join(import.meta.dirname, '..', '..', 'playbooks', 'backups.yml');

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

inDepth(
  'a compose project comes up, healthy, and is made anew when its file says so',
  { timeout: 500_000 },
  async () => {
    const made = await host().inside(SETUP, { timeoutMs: 300_000 });
    assert.equal(made.code, 0, made.stderr);
    const up = await play(['apply', '--yes'], PLAY);
    assert.equal(up.code, 0, up.stdout + up.stderr);
    const again = await play(['plan', '--detailed-exitcode'], PLAY);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    if (!IN_DEPTH) return;
    const anew = await play(['apply', '--yes'], PLAY, '-e', 'policy=unless-stopped');
    assert.equal(anew.code, 0, anew.stdout + anew.stderr);
    const policy = "docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' app_web_1";
    assert.equal((await host().inside(policy)).stdout, 'unless-stopped\n');
  },
);

inDepth('the audit tells good containers from bad ones', { timeout: 200_000 }, async () => {
  // The kernel of the lab gives Docker no limits: all containers are without.
  const variables = JSON.stringify({ docker_unlimited_containers: ['*'] });
  const audit = await lab.runbook(['audit', AUDIT, '-i', lab.inventory(), '-e', variables]);
  assert.equal(audit.code, 2, audit.stdout + audit.stderr);
  for (const text of [
    /FAIL Privileges .*\n.*1 of 2 containers at fault: bad/,
    /bad +small +capability NET_ADMIN added\n.*sees the host's processes\n.*seccomp[=:]unconfined\n.*no no-new-privileges/,
    /FAIL Open ports .*\n.*1 of 2 containers at fault: bad/,
    /has \/var\/run\/docker\.sock\n.*can write to \/etc/,
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

inDepth('and the project goes', { timeout: 200_000 }, async () => {
  const gone = `- hosts: bare1
  gather_facts: false
  tasks:
    - docker_compose_v2: {project_src: /opt/app, state: stopped}
    - docker_compose_v2: {project_src: /opt/app, state: absent}
`;
  const down = await play(['apply', '--yes'], gone);
  assert.equal(down.code, 0, down.stdout + down.stderr);
  assert.equal((await host().inside('docker ps -aq --filter name=app_')).stdout, '');
  const again = await play(['plan', '--detailed-exitcode'], gone);
  assert.equal(again.code, 0, again.stdout + again.stderr);
});

inDepth('PostgreSQL in compose is backed up, verified and comes back', { timeout: 1_200_000 }, async () => {
  const made = await host().inside(DATABASE, { timeoutMs: 600_000 });
  assert.equal(made.code, 0, made.stderr);
  const psql = (db: string, sql: string) =>
    host().inside(`cd /opt/db && docker-compose exec -T postgres psql -U postgres -XAtq -d ${db}`, { input: sql });
  for (let tries = 0; (await psql('postgres', 'SELECT 1')).code !== 0; tries++)
    assert.ok(tries < 60, 'it does not come up');
  await psql('postgres', 'CREATE DATABASE shop');
  await psql('shop', 'CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 300)');
  const variables = {
    backup_kind: 'compose',
    backup_databases: ['shop'],
    backup_compose_file: '/opt/db/docker-compose.yml',
  };
  const applied = await lab.runbook(
    ['apply', '--yes', BACKUPS, '-i', lab.inventory(), '-e', JSON.stringify(variables)],
    { timeoutMs: 180_000 },
  );
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
  const ran = await host().inside('systemctl start database-backup; cat /var/backups/database/*.verified', {
    timeoutMs: 180_000,
  });
  assert.match(ran.stdout, /"database": "shop", .*"tables": 1, "rows": 300/, ran.stderr);
  await psql('postgres', 'DROP DATABASE shop');
  const back = await host().inside('/usr/local/sbin/database-backup restore /var/backups/database/db_shop_*.dump shop');
  assert.equal(back.code, 0, back.stderr);
  assert.equal((await psql('shop', 'SELECT count(*) FROM t')).stdout, '300\n');
  assert.equal(
    (await psql('postgres', "SELECT count(*) FROM pg_database WHERE datname LIKE 'backup_check%'")).stdout,
    '0\n',
  );
});
