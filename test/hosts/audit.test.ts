import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Finding } from '../../engine/planning/finding.ts';
import { useHosts } from '../lab/hosts.ts';
import { IN_DEPTH, inDepth } from '../lab/in_depth.ts';
import { run } from '../lab/process.ts';

const lab = useHosts({ bare: 1 });
const PLAYBOOK = join(import.meta.dirname, '..', '..', 'playbooks', 'monthly-audit.yml');

interface Line {
  readonly type: string;
  readonly host?: string;
  readonly tasks?: readonly { readonly name: string; readonly finding?: Finding }[];
}

interface Audit {
  readonly code: number;
  readonly lines: readonly Line[];
  /** Of the first host, by the task's name. */
  readonly found: ReadonlyMap<string, Finding>;
}

/** What this lab is, and no mistake: admin's sudo, a certificate of its own. */
const VARS = {
  audit_sudo_all: ['root', '%sudo', 'admin', 'ops'],
  audit_sudo_nopasswd: ['admin'],
  audit_certificate_authority: '/etc/letsencrypt/ca.pem',
  audit_login_warn: 20,
  audit_login_fail: 60,
};

async function audit(vars: object = {}, args: readonly string[] = []): Promise<Audit> {
  const given = ['-i', lab.inventory(), '-e', JSON.stringify({ ...VARS, ...vars }), '--json', ...args];
  const { code, stdout, stderr } = await lab.runbook(['audit', PLAYBOOK, ...given]);
  assert.ok(code === 0 || code === 2, `${code} ${stderr} ${stdout.slice(-2000)}`);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const tasks = lines.find(({ type }) => type === 'planned')?.tasks ?? [];
  return { code, lines, found: new Map(tasks.flatMap(({ name, finding }) => (finding ? [[name, finding]] : []))) };
}

async function inside(script: string): Promise<string> {
  const { code, stdout, stderr } = await lab.host(0).inside(script);
  assert.equal(code, 0, stderr + stdout);
  return stdout;
}

function levels({ found }: Audit, level: Finding['level']): readonly string[] {
  return [...found].filter(([, finding]) => finding.level === level).map(([name]) => name);
}

const said = ({ found }: Audit) => JSON.stringify([...found], null, 1);

/** A certificate for the host that holds so many days, from the lab's own authority. */
async function certificate(days: number): Promise<void> {
  const dir = lab.work;
  const openssl = async (...args: readonly string[]) => {
    const { code, stderr } = await run(['openssl', ...args], { cwd: dir });
    assert.equal(code, 0, stderr);
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Lab CA', '-days', '400');
  await openssl('req', ...key, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=site.example');
  await openssl(
    'x509',
    '-req',
    '-in',
    'leaf.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'leaf.pem',
    '-days',
    `${days}`,
  );
  await put('/etc/letsencrypt/ca.pem', await text('ca.pem'));
  await put('/etc/letsencrypt/live/site.example/fullchain.pem', (await text('leaf.pem')) + (await text('ca.pem')));
}

async function text(name: string): Promise<string> {
  return (await run(['cat', join(lab.work, name)])).stdout;
}

async function put(path: string, content: string): Promise<void> {
  const { code, stderr } = await lab.host(0).inside(`mkdir -p "$(dirname ${path})"; cat > ${path}`, { input: content });
  assert.equal(code, 0, stderr);
}

/** A repository of packages, one of them a newer lab-library, that calls itself Debian's for security. */
const SECURITY_UPDATE = `set -e
mkdir -p /srv/sec/x/DEBIAN; cd /srv/sec
printf 'Package: lab-library\nVersion: 9\nArchitecture: all\nMaintainer: me <me@x>\nDescription: x\n' > x/DEBIAN/control
dpkg-deb -b x lab-library_9_all.deb >/dev/null
{ cat x/DEBIAN/control; echo "Filename: ./lab-library_9_all.deb"; echo "Size: $(stat -c %s lab-library_9_all.deb)"
  echo "SHA256: $(sha256sum lab-library_9_all.deb | cut -d' ' -f1)"; echo; } > Packages
printf 'Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\nVersion: 12\nSHA256:\n %s %s Packages\n' \
  "$(sha256sum Packages | cut -d' ' -f1)" "$(stat -c %s Packages)" > Release
echo 'deb [trusted=yes] file:/srv/sec ./' > /etc/apt/sources.list.d/sec.list
apt-get -q update >/dev/null`;

const GOOD = `set -e
apt-get -q update >/dev/null
apt-get -q -y dist-upgrade >/dev/null
mkdir -p /etc/ssh/sshd_config.d
cat > /etc/ssh/sshd_config.d/00-good.conf <<'END'
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxAuthTries 3
ClientAliveInterval 300
ClientAliveCountMax 2
X11Forwarding no
MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com
END
chmod 440 /etc/sudoers.d/*
systemctl reset-failed`;

test('a host in order passes, and nothing is left on it', { timeout: 300_000 }, async () => {
  await inside(GOOD);
  await certificate(100);
  const before = lab.host(0).upper();
  const good = await audit();
  assert.deepEqual([levels(good, 'fail'), levels(good, 'warn')], [[], []], said(good));
  assert.equal(good.code, 0);
  assert.equal(good.found.size, 15, said(good));
  assert.equal(good.lines.filter(({ type }) => type === 'host-looked').length, 1, 'one round trip');
  assert.deepEqual(lab.host(0).upper(), before);
});

const WARNINGS = `set -e
apt-get -q -y install lab-hello=1.0 lab-library >/dev/null 2>&1
for i in $(seq 30); do logger -t sshd "Failed password for invalid user from 9.9.9.9 port 1 ssh2 from 203.0.113.9 port $i ssh2"; done
echo 'ops ALL=(ALL) NOPASSWD: /bin/true' > /etc/sudoers.d/warn; chmod 440 /etc/sudoers.d/warn
usermod -s /bin/sh games
chmod u+s /usr/bin/env
touch /run/reboot-required; echo libc6 > /run/reboot-required.pkgs
printf '#!/bin/sh\nexit 1\n' > /usr/local/bin/systemd-detect-virt
printf '#!/bin/sh\necho NTPSynchronized=no\n' > /usr/local/bin/timedatectl
chmod 755 /usr/local/bin/*
printf '[Service]\nExecStart=sleep infinity\n' > /etc/systemd/system/ntpsec.service
systemctl daemon-reload; systemctl start ntpsec`;

test('what somebody should see to warns', { timeout: 300_000 }, async () => {
  await inside(WARNINGS);
  await certificate(10);
  const some = await audit({ audit_disk_warn: 1 });
  assert.deepEqual(levels(some, 'fail'), [], said(some));
  assert.deepEqual(levels(some, 'warn'), [
    'System updates',
    'Certificates',
    'Failed logins',
    'Disk usage',
    'Who may become root',
    'Who may log in',
    "Files that run with another's rights",
    'Pending reboot',
    'Time',
  ]);
  assert.equal(some.code, 0);
  const logins = some.found.get('Failed logins');
  assert.deepEqual(logins?.evidence?.rows[0], ['30', '203.0.113.9', 'from 9.9.9.9 port 1 ssh2', ''], said(some));
  const strict = await audit({ audit_disk_warn: 1 }, ['--fail-on', 'warn', '-t', 'disk']);
  assert.equal(strict.code, 2);
});

const BAD = `set -e
rm /etc/ssh/sshd_config.d/00-good.conf
for i in $(seq 40); do logger -t sshd "Connection closed by invalid user admin 203.0.113.9 port $i [preauth]"; done
logger -t sshd "Accepted password for root from 203.0.113.9 port 7 ssh2"
echo 'ops ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/warn; chmod 666 /etc/sudoers.d/warn
useradd -o -u 0 -M toor; useradd -M guest; usermod -s /bin/sh guest; passwd -d guest >/dev/null
cp /bin/true "/opt/a
b"; chmod u+s "/opt/a
b"; cp /bin/true '/opt/*'; chmod g+s '/opt/*'
touch /etc/open; chmod 666 /etc/open; mkdir -m 777 /srv/open
chmod 644 /etc/shadow
touch -d '20 days ago' /run/reboot-required
systemctl stop ntpsec; rm /etc/systemd/system/ntpsec.service; systemctl daemon-reload
systemctl reset-failed ntpsec 2>/dev/null || :
systemd-run --unit=bad -q /bin/false; sleep 0.5
systemd-run -q --unit=listens systemd-socket-activate -l 4444 cat`;

test('what is wrong fails, and a person is told what and what to do', { timeout: 300_000 }, async () => {
  await inside(SECURITY_UPDATE);
  await inside(BAD);
  await certificate(3);
  const bad = await audit({ audit_disk_fail: 1 });
  // There is no Docker here; its checks have hosts of their own.
  assert.deepEqual([levels(bad, 'pass'), levels(bad, 'warn')], [['Container health'], []], said(bad));
  assert.equal(bad.code, 2);
  const rows = (name: string) => bad.found.get(name)?.evidence?.rows ?? [];
  assert.deepEqual(rows('System updates')[0]?.slice(0, 1), ['lab-library']);
  assert.deepEqual(
    rows('Open ports').map(([port]) => port),
    ['4444/tcp'],
  );
  assert.match(bad.found.get('Failed logins')?.summary ?? '', /^203\.0\.113\.9 got in after 70 failed logins/);
  assert.deepEqual(
    rows("Files that run with another's rights")
      .filter(([, , , what]) => what === 'no package has it')
      .map(([path]) => path?.replace(/\d+/, 'N'))
      .sort(),
    ['(a name with a line break, inode N)', '/opt/*'],
  );
  assert.deepEqual(
    rows('Files that everybody may write')
      .map(([path]) => path)
      .sort(),
    ['/etc/open', '/etc/sudoers.d/warn', '/srv/open'],
  );
  assert.deepEqual(
    rows('Failed units').map(([unit]) => unit),
    ['bad.service'],
  );
  assert.match(JSON.stringify(rows('Who may log in')), /toor.*second root/);

  const vars = ['-i', lab.inventory(), '-e', JSON.stringify(VARS)];
  const shown = await lab.runbook(['audit', PLAYBOOK, ...vars, '-t', 'ssh']);
  assert.match(
    shown.stdout,
    /^FAIL SSH settings {2}\[bare1\]\n.*\n {6}option .*\n {6}passwordauthentication +yes +no\n/s,
  );
  assert.match(shown.stdout, /\n1 fail, 0 warn, 0 pass on 1 host\. Nothing has been touched\.\n$/);
  const again = await lab.runbook(['show', (await lab.runbook(['history'])).stdout.slice(0, 26)]);
  assert.ok(again.stdout.endsWith(shown.stdout), again.stdout);
});

inDepth(
  'without a journal, auth.log is read, in both of its spellings, and no further back than asked',
  { timeout: 300_000 },
  async () => {
    const day = (text: string) => `date -d '${text}'`;
    await inside(`mv /usr/bin/journalctl /usr/bin/journalctl.away
{ echo "$(${day('3 days ago')} '+%b %e %T') h sshd[1]: Failed password for old from 1.1.1.1 port 1 ssh2"
  echo "$(${day('2 hours ago')} '+%b %e %T') h sshd[1]: Failed password for root from 2.2.2.2 port 1 ssh2"
  echo "$(${day('1 hour ago')} '+%FT%T.123456%:z') h sudo: pam_unix(sudo:auth): authentication failure; logname=x uid=1 euid=0 tty=/dev/pts/0 ruser=x rhost=  user=x"
  echo "$(${day('1 hour ago')} '+%FT%T.123456%:z') h sshd-session[7]: Invalid user y from 3.3.3.3 port 1"
} > /var/log/auth.log`);
    const some = await audit({ audit_login_hours: 24 }, ['-t', 'logins']);
    await inside('mv /usr/bin/journalctl.away /usr/bin/journalctl; rm /var/log/auth.log');
    assert.deepEqual(some.found.get('Failed logins')?.evidence?.rows, [
      ['1', '2.2.2.2', 'root', ''],
      ['1', 'on the host', 'x', ''],
    ]);
  },
);

/** One machine is all twenty: apt and find take their time on it. */
const FEWER = IN_DEPTH ? [] : ['--skip-tags', 'updates,files'];

inDepth('twenty hosts are asked once each, at once', { timeout: 300_000 }, async () => {
  const one = /^( *)bare1: (\{.*\})\n/m;
  const many = readFileSync(lab.inventory(), 'utf8').replace(one, (_, indent: string, how: string) =>
    Array.from({ length: 20 }, (_, i) => `${indent}h${i + 1}: ${how}\n`).join(''),
  );
  const file = lab.write('many.yml', many);
  // sshd turns away whoever is the eleventh to knock and not yet in.
  await inside("echo 'MaxStartups 100' > /etc/ssh/sshd_config.d/many.conf; systemctl reload ssh");
  const vars = JSON.stringify({ ...VARS, audit_search_skip: ['/*'] });
  const { code, stdout, stderr } = await lab.runbook(['audit', PLAYBOOK, '-i', file, '-e', vars, '--json', ...FEWER]);
  assert.equal(code, 2, stderr);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const looks = lines.filter(({ type }) => type === 'host-looked').map(({ host }) => host);
  assert.equal(looks.length, 20);
  assert.equal(new Set(looks).size, 20);
  const judged = lines.filter(({ tasks }) => tasks?.filter(({ finding }) => finding).length === (IN_DEPTH ? 15 : 10));
  assert.equal(judged.length, 20);
});

inDepth('a playbook that is no audit is one: what it would change fails', { timeout: 600_000 }, async () => {
  await lab.host(0).reset();
  const harden = join(import.meta.dirname, '..', '..', 'playbooks', 'harden.yml');
  const before = await lab.runbook(['audit', harden, '-i', lab.inventory()]);
  assert.equal(before.code, 2, before.stdout + before.stderr);
  assert.match(before.stdout, /create +file \/etc\/ssh\/sshd_config\.d\/00-hardening\.conf/);
  assert.equal((await lab.runbook(['apply', harden, '-i', lab.inventory(), '--yes'])).code, 0);
  const after = await lab.runbook(['audit', harden, '-i', lab.inventory()]);
  assert.equal(after.code, 0, after.stdout + after.stderr);
  assert.match(after.stdout, /\n0 fail, 0 warn, \d+ pass on 1 host\. Nothing has been touched\.\n$/);
});
