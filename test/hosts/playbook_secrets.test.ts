import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';
import { run } from '../lab/process.ts';

const lab = useHosts({ bare: 2 });
const PLAYBOOKS = join(import.meta.dirname, '..', '..', 'playbooks');
const ENV = '/opt/app/.env.production';
const host = () => lab.host('bare1');
const other = () => lab.host('bare2');

const SITE = {
  app_database: 'shop',
  app_restart_units: ['app.service'],
  app_env_settings: { API_URL: 'https://api.example.com' },
};

const command = (verb: string, name: string, more: object = {}, target = 'bare1') => [
  ...[verb, join(PLAYBOOKS, name), '-i', lab.inventory(), '-l', target, '-e', JSON.stringify({ ...SITE, ...more })],
  ...(verb === 'apply' ? ['--yes'] : ['--detailed-exitcode']),
];
const apply = (name: string, more?: object, timeoutMs = 240_000) =>
  lab.runbook(command('apply', name, more), { timeoutMs });
const plan = (name: string, more?: object) => lab.runbook(command('plan', name, more), { timeoutMs: 120_000 });

const inside = async (text: string, input?: string) => {
  const { code, stdout, stderr } = await host().inside(text, { ...(input !== undefined && { input }) });
  assert.equal(code, 0, stdout + stderr);
  return stdout;
};

/**
 * The application: logs in again and again with what the file says, once more where the file has just changed, and
 * writes down each time that it did not get in.
 */
const APP = `#!/bin/sh
while :; do
  for try in 1 2 3; do
    env=$(cat ${ENV})
    user=$(printf '%s\\n' "$env" | sed -n 's/^DATABASE_USER=//p')
    word=$(printf '%s\\n' "$env" | sed -n 's/^DATABASE_PASSWORD=//p')
    PGPASSWORD=$word psql -XAtwqh 127.0.0.1 -U "$user" shop -c 'SELECT 1' >/dev/null 2>/run/app.error && break
    [ "$try" = 3 ] && { date; cat /run/app.error; } >>/run/app.failures
  done
  echo >>/run/app.tries
  sleep 0.05
done
`;

const SETUP = `set -e
apt-get -qq update
apt-get -qq install -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io postgresql >/dev/null
runuser -u postgres -- psql -Xq <<'SQL'
CREATE ROLE shop NOLOGIN;
CREATE DATABASE shop OWNER shop;
REVOKE ALL ON DATABASE shop FROM PUBLIC;
SQL
cat >/usr/local/bin/app
chmod 755 /usr/local/bin/app
printf '[Service]\\nExecStart=/usr/local/bin/app\\n' >/etc/systemd/system/app.service
systemctl daemon-reload
`;

test('a host with a database and an application', { timeout: 420_000 }, async () => {
  const { code, stdout, stderr } = await host().inside(SETUP, { input: APP, timeoutMs: 400_000 });
  assert.equal(code, 0, stdout + stderr);
});

const entries = async () =>
  new Map((await inside(`cat ${ENV}`)).split('\n').map((line) => line.split('=') as [string, string]));
/** Whether a login is let in. */
async function letIn(user: string | undefined, word: string | undefined): Promise<boolean> {
  const { code } = await host().inside(`PGPASSWORD=${word} psql -XAtwqh 127.0.0.1 -U ${user} shop -c 'SELECT 1'`);
  return code === 0;
}
/** As if so many days had gone by. */
const age = (days: number) =>
  inside(
    `cd /opt/app && awk -F '\\t' -v OFS='\\t' -v s=${days * 86_400} '/^[sp]\\t/ { $4 -= s } { print }' .env.production.secrets >new && cat new >.env.production.secrets && rm new`,
  );
const failures = async () => (await host().inside('cat /run/app.failures 2>/dev/null')).stdout;

/** Whatever was shown, and whatever this machine and the host keep of runs. */
async function traces(...outputs: readonly string[]): Promise<string> {
  const kept = readdirSync(join(lab.work, '.runbook'), { recursive: true, encoding: 'utf8' })
    .map((name) => join(lab.work, '.runbook', name))
    .filter((name) => statSync(name).isFile())
    .map((name) => readFileSync(name, 'latin1'));
  const onHost = await inside(
    'cd /var/lib/runbook && find . -type f -exec cat {} + ; journalctl -q --no-pager; cat /var/log/postgresql/*',
  );
  return [...outputs, ...kept, onHost].join('\n');
}

const SECRETS = ['SECRET_KEY', 'JWT_SECRET_KEY', 'API_KEY', 'GRAFANA_ADMIN_PASSWORD', 'DATABASE_PASSWORD'];

test('secrets are drawn on the host, once, and are seen nowhere else', { timeout: 300_000 }, async () => {
  const planned = await plan('secrets.yml');
  assert.equal(planned.code, 2, planned.stdout + planned.stderr);
  assert.match(planned.stdout, /\+ secrets \/opt\/app\/\.env\.production/);
  assert.match(planned.stdout, /SECRET_KEY: version 1, drawn on the host/);
  assert.match(planned.stdout, /\+DATABASE_PASSWORD=@\{DATABASE_PASSWORD\}/);
  const applied = await apply('secrets.yml');
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
  const env = await entries();
  assert.match(env.get('SECRET_KEY') ?? '', /^[0-9a-f]{64}$/);
  assert.match(env.get('API_KEY') ?? '', /^[0-9a-f]{32}$/);
  assert.equal(env.get('API_URL'), 'https://api.example.com');
  assert.equal(env.get('DATABASE_USER'), 'shop_blue');
  assert.equal(await inside(`stat -c '%a %U' ${ENV} ${ENV}.secrets`), '600 root\n600 root\n');
  assert.ok(await letIn('shop_blue', env.get('DATABASE_PASSWORD')));
  const all = await traces(planned.stdout, planned.stderr, applied.stdout, applied.stderr);
  for (const name of SECRETS) assert.ok(!all.includes(env.get(name) as string), `${name} is nowhere else`);

  const again = await plan('secrets.yml');
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.match(again.stdout, /^No changes: /m);
  assert.equal((await plan('rotate-secrets.yml')).code, 0, 'nothing is old');
});

test('a rotation lets the application in throughout, old values count for a week', { timeout: 300_000 }, async () => {
  const before = await entries();
  await age(91);
  const rotated = await apply('rotate-secrets.yml');
  assert.equal(rotated.code, 0, rotated.stdout + rotated.stderr);
  const after = await entries();
  for (const name of SECRETS) assert.notEqual(after.get(name), before.get(name), name);
  assert.equal(after.get('JWT_SECRET_KEY_PREVIOUS'), before.get('JWT_SECRET_KEY'));
  assert.equal(after.get('DATABASE_USER'), 'shop_green');
  assert.ok(await letIn('shop_green', after.get('DATABASE_PASSWORD')));
  assert.ok(await letIn('shop_blue', before.get('DATABASE_PASSWORD')), 'who has not read the new file gets in');
  assert.equal((await plan('rotate-secrets.yml')).code, 0, 'and that is all');

  await age(8);
  const retired = await apply('rotate-secrets.yml');
  assert.equal(retired.code, 0, retired.stdout + retired.stderr);
  assert.equal((await entries()).get('JWT_SECRET_KEY_PREVIOUS'), '');
  assert.equal((await entries()).get('SECRET_KEY'), after.get('SECRET_KEY'));
  assert.ok(!(await letIn('shop_blue', before.get('DATABASE_PASSWORD'))));
  assert.ok(await letIn('shop_green', after.get('DATABASE_PASSWORD')));
  assert.equal(
    await inside('runuser -u postgres -- psql -XAtc "SELECT count(*) FROM pg_tables WHERE tableowner LIKE \'shop%\'"'),
    '0\n',
  );
  assert.equal(await failures(), '');
  assert.ok(Number(await inside('wc -l </run/app.tries')) > 5, 'the application has tried');
});

inDepth('leaked credentials are worth nothing any more', { timeout: 300_000 }, async () => {
  const before = await entries();
  const login = `psql -XAtwqh 127.0.0.1 -U ${before.get('DATABASE_USER')} shop -c 'SELECT pg_sleep(300)'`;
  await inside(`PGPASSWORD=${before.get('DATABASE_PASSWORD')} setsid ${login} >/dev/null 2>&1 </dev/null &`);
  const local = join(lab.work, 'evidence');
  const rotated = await apply('incident-credentials.yml', { incident_local_dir: local });
  assert.equal(rotated.code, 0, rotated.stdout + rotated.stderr);
  const after = await entries();
  for (const name of SECRETS) {
    assert.notEqual(after.get(name), before.get(name), name);
    if (name !== 'DATABASE_PASSWORD') assert.equal(after.get(`${name}_PREVIOUS`), '');
  }
  assert.ok(!(await letIn(before.get('DATABASE_USER'), before.get('DATABASE_PASSWORD'))));
  assert.ok(await letIn(after.get('DATABASE_USER'), after.get('DATABASE_PASSWORD')));
  assert.notEqual((await host().inside("pgrep -f '^psql.*[p]g_sleep'")).code, 0, 'who is in is put out');
  assert.match(rotated.stdout, /refused logins, by address:/);
  assert.match(rotated.stdout, /shop_(green|blue) 127\.0\.0\.1/);
  const [archive] = readdirSync(local, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('access.tar.gz'),
  );
  assert.ok(archive?.startsWith('bare1/var/lib/incident/'), archive);
  assert.equal(statSync(join(local, archive as string)).mode & 0o777, 0o600);
  const listed = await run(['tar', '-tzf', join(local, archive as string)]);
  for (const name of ['access/SHA256SUMS', 'access/database-activity.txt', 'access/logins.txt'])
    assert.ok(listed.stdout.includes(`${name}\n`), listed.stdout);
  assert.equal(await failures(), '');
});

inDepth('a compromised host talks to nobody but us, after it has told what it can', { timeout: 300_000 }, async () => {
  const reach = (from: typeof host, to: typeof host) =>
    from().inside(`timeout 3 bash -c 'exec 3<>/dev/tcp/${to().address}/22 && head -c 4 <&3'`);
  assert.equal((await reach(other, host)).stdout, 'SSH-');
  const local = join(lab.work, 'isolated');
  const isolated = await apply('incident-isolate.yml', { incident_local_dir: local });
  assert.equal(isolated.code, 0, isolated.stdout + isolated.stderr);
  assert.equal((await reach(other, host)).stdout, '', 'a second host is cut off');
  assert.equal((await reach(host, other)).stdout, '', 'and not reached from it');
  assert.equal((await host().ssh('true')).code, 0, 'the controller is not');
  const [archive] = readdirSync(local, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('all.tar.gz'),
  );
  const listed = await run(['tar', '-tzf', join(local, archive as string)]);
  for (const name of ['processes', 'sockets', 'logins', 'programs', 'packages-changed', 'running-programs'])
    assert.ok(listed.stdout.includes(`all/${name}.txt\n`), listed.stdout);
  const again = await plan('incident-isolate.yml', { incident_local_dir: local });
  assert.equal(again.code, 0, again.stdout + again.stderr);

  const ended = await apply('incident-isolate.yml', { isolated: false });
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  assert.equal((await reach(other, host)).stdout, 'SSH-');
});

inDepth('a rotation that is killed anywhere never shuts the application out', { timeout: 1_200_000 }, async () => {
  await inside('systemctl restart app');
  for (let i = 0; i < 12; i++) {
    await age(91);
    const before = await entries();
    await apply('rotate-secrets.yml', {}, 1500 + i * 400);
    const between = await entries();
    assert.ok(
      await letIn(between.get('DATABASE_USER'), between.get('DATABASE_PASSWORD')),
      `killed for the ${i}th time`,
    );
    const finished = await apply('rotate-secrets.yml');
    assert.equal(finished.code, 0, finished.stdout + finished.stderr);
    const after = await entries();
    assert.notEqual(after.get('SECRET_KEY'), before.get('SECRET_KEY'));
    if (between.get('SECRET_KEY') !== before.get('SECRET_KEY')) {
      assert.equal(after.get('SECRET_KEY'), between.get('SECRET_KEY'), 'what is new is not drawn again');
    }
    assert.equal((await plan('rotate-secrets.yml')).code, 0);
    assert.equal(await failures(), '');
  }
});

inDepth('an isolation that nobody would get through is taken back', { timeout: 600_000 }, async () => {
  const wrong = { isolate_login: { stdout: '' }, isolate_allow: ['192.0.2.1'] };
  const isolated = await apply('incident-isolate.yml', wrong);
  assert.equal(isolated.code, 3, isolated.stdout + isolated.stderr);
  assert.match(isolated.stdout + isolated.stderr, /reverted: bare1/);
  assert.equal((await host().ssh('true')).code, 0);
});
