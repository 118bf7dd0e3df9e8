import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe } from 'node:test';
import { parse } from 'yaml';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';
import { sleep } from '../lab/process.ts';

const PLAYBOOKS = join(import.meta.dirname, '..', '..', 'playbooks');

/** Rules as they are by default, held against time series that each of them is about. */
const RULE_TESTS = `
rule_files: [/etc/prometheus/rules.d/alerts.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {series: 'node_cpu_seconds_total{instance="a",mode="idle",cpu="0"}', values: '0+6x30'}
      - {series: 'node_cpu_seconds_total{instance="b",mode="idle",cpu="0"}', values: '0+30x30'}
      - {series: 'node_memory_MemAvailable_bytes{instance="a"}', values: '10x30'}
      - {series: 'node_memory_MemTotal_bytes{instance="a"}', values: '100x30'}
      - {series: 'node_filesystem_avail_bytes{instance="a",mountpoint="/",fstype="ext4"}', values: '9x30'}
      - {series: 'node_filesystem_size_bytes{instance="a",mountpoint="/",fstype="ext4"}', values: '100x30'}
      - {series: 'pg_up{instance="a"}', values: '0x30'}
      - {series: 'http_request_duration_seconds_bucket{job="api",le="5"}', values: '0+90x30'}
      - {series: 'http_request_duration_seconds_bucket{job="api",le="10"}', values: '0+100x30'}
      - {series: 'http_request_duration_seconds_bucket{job="api",le="+Inf"}', values: '0+100x30'}
      - {series: 'up{instance="a",job="api"}', values: '1x10 0x20'}
    alert_rule_test:
      - {eval_time: 5m, alertname: HighCpu, exp_alerts: []}
      - eval_time: 25m
        alertname: HighCpu
        exp_alerts: [{exp_labels: {severity: warning, instance: a}, exp_annotations: {summary: The CPU is busy, description: "a: 90"}}]
      - eval_time: 25m
        alertname: HighMemory
        exp_alerts: [{exp_labels: {severity: warning, instance: a}, exp_annotations: {summary: Memory runs short, description: "a: 90"}}]
      - eval_time: 25m
        alertname: DiskFull
        exp_alerts: [{exp_labels: {severity: critical, instance: a, mountpoint: /, fstype: ext4}, exp_annotations: {summary: A file system is almost full, description: "a /: 91"}}]
      - eval_time: 25m
        alertname: DatabaseUnreachable
        exp_alerts: [{exp_labels: {severity: critical, instance: a}, exp_annotations: {summary: PostgreSQL takes no connections, description: "a: 0"}}]
      - eval_time: 25m
        alertname: SlowApi
        exp_alerts: [{exp_labels: {severity: warning, job: api}, exp_annotations: {summary: One in twenty requests to the API takes too long, description: ": 7.5"}}]
      - {eval_time: 9m, alertname: ServiceDown, exp_alerts: []}
      - eval_time: 25m
        alertname: ServiceDown
        exp_alerts: [{exp_labels: {severity: critical, instance: a, job: api}, exp_annotations: {summary: A service does not answer, description: "a: 0"}}]
`;

/** A service that is not there is told at once; the numbers of the guide are as they are. */
const SOON = {
  monitoring_scrape_interval: '1s',
  monitoring_for_down: '1s',
  monitoring_targets: { node: ['127.0.0.1:9100'], api: ['127.0.0.1:8000'] },
  monitoring_webhooks: ['http://127.0.0.1:9/hook'],
  monitoring_emails: ['ops@example.com'],
};

const lab = useHosts({ bare: 1 });
const host = () => lab.host(0);
const inside = async (command: string) => {
  const { code, stdout, stderr } = await host().inside(command, { timeoutMs: 300_000 });
  assert.equal(code, 0, stdout + stderr);
  return stdout;
};

function run(verb: 'plan' | 'apply', playbook: string, vars: object, ...more: readonly string[]) {
  const words = [join(PLAYBOOKS, playbook), '-i', lab.inventory(), '-e', JSON.stringify(vars), ...more];
  return lab.runbook([verb, ...words], { timeoutMs: 500_000 });
}

async function comesToBe(command: string, pattern: RegExp): Promise<void> {
  for (let i = 0; ; i++) {
    const { stdout } = await host().inside(command);
    if (pattern.test(stdout)) return;
    assert.ok(i < 150, `${command} does not give ${pattern}: ${stdout}`);
    await sleep(200);
  }
}

describe('monitoring.yml', () => {
  inDepth('watches a host, and its rules fire', { timeout: 600_000 }, async () => {
    // Grafana is in no archive of Debian's: what it would find there, and that it is told.
    await inside(`mkdir -p /etc/grafana/provisioning
printf '[Service]\\nExecStart=/bin/sleep infinity\\n' >/etc/systemd/system/grafana-server.service && systemctl daemon-reload`);
    const applied = await run('apply', 'monitoring.yml', SOON, '--yes');
    assert.equal(applied.code, 0, applied.stdout + applied.stderr);
    await inside('systemctl is-active grafana-server');
    const rules = parse(await inside('cat /etc/grafana/provisioning/alerting/alerts.yml'));
    assert.equal(rules.groups[0].rules.length, 10);
    assert.equal(rules.groups[0].rules[8].data[0].model.expr, '(up == 0) * 0 + 1');
    const plan = await run('plan', 'monitoring.yml', SOON, '--detailed-exitcode');
    assert.equal(plan.code, 0, plan.stdout + plan.stderr);
    const alerts = `promtool query instant http://127.0.0.1:9090 'ALERTS{alertstate="firing"}'`;
    await comesToBe(alerts, /alertname="ServiceDown".*job="api"/);
    await comesToBe('amtool --alertmanager.url=http://127.0.0.1:9093 alert', /ServiceDown/);
    assert.match(await inside('ss -Hltn'), /127\.0\.0\.1:9100 /);
    await inside(
      `cat >/root/test.yml <<'EOF'\n${RULE_TESTS}EOF\npromtool test rules /root/test.yml && promtool check config /etc/prometheus/prometheus.yml`,
    );
  });
});

describe('audit-logging.yml', () => {
  inDepth('logs what was asked for, once', { timeout: 600_000 }, async () => {
    await inside('apt-get -qq install --no-install-recommends nginx-light logrotate >/dev/null 2>&1');
    const vars = { audit_application_logs: ['/srv/app/*.log'] };
    const applied = await run('apply', 'audit-logging.yml', vars, '--yes');
    assert.equal(applied.code, 0, applied.stdout + applied.stderr);
    const plan = await run('plan', 'audit-logging.yml', vars, '--detailed-exitcode');
    assert.equal(plan.code, 0, plan.stdout + plan.stderr);
    await fetch(`http://${host().address}/secret?x=%22`, { headers: { 'user-agent': 'a"b' } });
    await comesToBe('cat /var/log/nginx/audit.log', /"uri":"\/secret","status":404/);
    const line = JSON.parse((await inside('tail -n 1 /var/log/nginx/audit.log')).trim()) as { agent: string };
    assert.equal(line.agent, 'a"b');
    // Old ones go, even where nothing new was written.
    await inside(`mkdir -p /srv/app && : >/srv/app/app.log
for old in /var/log/nginx/access.log.3.gz /srv/app/app.log.3.gz; do : >$old; touch -d '100 days ago' $old; done
logrotate --force /etc/logrotate.conf`);
    await inside('! ls /var/log/nginx/access.log.[34].gz /srv/app/app.log.[34].gz 2>/dev/null');
    assert.match(await inside('systemd-analyze cat-config systemd/journald.conf'), /MaxRetentionSec=90day/);
  });

  inDepth('logs statements of PostgreSQL', { timeout: 600_000 }, async () => {
    await inside('apt-get -qq install --no-install-recommends postgresql >/dev/null 2>&1');
    const applied = await run('apply', 'audit-logging.yml', {}, '--yes');
    assert.equal(applied.code, 0, applied.stdout + applied.stderr);
    await inside(`su postgres -c "psql -c 'CREATE TABLE seen_by_audit (x int)'"`);
    await comesToBe('cat /var/log/postgresql/*.log', /statement: CREATE TABLE seen_by_audit/);
    const watched = await run('apply', 'monitoring.yml', { ...SOON, monitoring_postgresql: true }, '--yes');
    assert.equal(watched.code, 0, watched.stdout + watched.stderr);
    await comesToBe(`promtool query instant http://127.0.0.1:9090 'pg_up'`, /=> 1 /);
    const plan = await run('plan', 'monitoring.yml', { ...SOON, monitoring_postgresql: true }, '--detailed-exitcode');
    assert.equal(plan.code, 0, plan.stdout + plan.stderr);
  });
});
