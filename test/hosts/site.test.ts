import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { type Acme, startAcme } from '../lab/acme.ts';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';
import { run } from '../lab/process.ts';

const lab = useHosts({ bare: 1 });
const playbook = (name: string) => join(import.meta.dirname, '..', '..', 'playbooks', `${name}.yml`);
let acme: Acme | undefined;
after(() => acme?.stop());

inDepth(
  'a new server in one go: all of it, then nothing, then an audit that passes',
  { timeout: 900_000 },
  async () => {
    const host = lab.host(0);
    acme = await startAcme(host.address, join(lab.work, 'acme'));
    await host.inside('cat >/etc/acme.pem', { input: acme.bundle });
    const variables = {
      site_domain: 'shop.test',
      site_aliases: ['www.shop.test'],
      certbot_email: 'ops@shop.test',
      certbot_server: acme.directory,
      certbot_ca_bundle: '/etc/acme.pem',
      app_database: 'app',
      monitoring_postgresql: true,
      monitoring_prometheus_address: '127.0.0.1',
      audit_database: 'host',
      audit_certificate_authority: '/etc/acme-root.pem',
      // The lab's own user.
      audit_sudo_all: ['root', '%sudo', 'admin'],
      audit_sudo_nopasswd: ['admin'],
    };
    const runbook = (command: string, name: string, ...more: string[]) =>
      lab.runbook([command, playbook(name), '-i', lab.inventory(), '-e', JSON.stringify(variables), ...more], {
        timeoutMs: 600_000,
      });

    const applied = await runbook('apply', 'site', '--yes');
    assert.equal(applied.code, 0, applied.stdout + applied.stderr);
    const again = await runbook('plan', 'site', '--detailed-exitcode');
    assert.equal(again.code, 0, again.stdout + again.stderr);

    const root = await run(['curl', '-sk', acme.directory.replace(':14000/dir', ':15000/roots/0')]);
    assert.match(root.stdout, /BEGIN CERTIFICATE/);
    await host.inside('cat >/etc/acme-root.pem', { input: root.stdout });
    const backup = await host.inside('systemctl start database-backup');
    assert.equal(backup.code, 0, backup.stderr);
    const page = join(lab.work, 'audit.html');
    const audit = await runbook('audit', 'monthly-audit', '--fail-on', 'warn', '--report', page);
    assert.equal(audit.code, 0, audit.stdout + audit.stderr);
    assert.match(audit.stdout, /0 fail, 0 warn, 1\d pass on 1 host/);
    assert.match(readFileSync(page, 'utf8'), /Certificates/);
  },
);
