import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after } from 'node:test';
import { type Acme, startAcme } from '../lab/acme.ts';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';
import { run } from '../lab/process.ts';

const lab = useHosts({ bare: 1 });
const host = () => lab.host(0);
const playbook = (name: string) => join(import.meta.dirname, '..', '..', 'playbooks', `${name}.yml`);
const LIMIT = { timeout: 600_000 };
const DOMAIN = 'shop.test';
let acme: Acme | undefined;
after(() => acme?.stop());

/** An application that the API's requests are passed on to. */
const APPLICATION = `server { listen 127.0.0.1:8000; location / { default_type application/json; return 200 '{"ok":true}'; } }`;

const variables = () =>
  JSON.stringify({
    site_domain: DOMAIN,
    site_aliases: [`www.${DOMAIN}`],
    certbot_email: 'ops@shop.test',
    certbot_server: acme?.directory,
    certbot_ca_bundle: '/etc/acme.pem',
  });
const runbook = (command: string, ...names: string[]) =>
  lab.runbook(
    [
      command,
      ...names.map(playbook),
      '-i',
      lab.inventory(),
      '-e',
      variables(),
      ...(command === 'plan' ? ['--detailed-exitcode'] : ['--yes']),
    ],
    {
      timeoutMs: 500_000,
    },
  );

const curl = async (url: string, ...options: string[]) => {
  const resolve = [DOMAIN, `www.${DOMAIN}`, 'other.test'].flatMap((name) =>
    [80, 443].flatMap((port) => ['--resolve', `${name}:${port}:${host().address}`]),
  );
  return (await run(['curl', '-ksS', '--max-time', '20', ...resolve, ...options, url])).stdout;
};
const status = async (url: string, ...options: string[]) =>
  (await curl(url, '-o', '/dev/null', '-w', '%{http_code} %{redirect_url}', ...options)).trim();
const tls = async (...options: string[]) =>
  run(['openssl', 's_client', '-connect', `${host().address}:443`, '-servername', DOMAIN, ...options], { input: '' });

inDepth('nginx and a certificate of an authority, in one run and for good', LIMIT, async () => {
  acme = await startAcme(host().address, join(lab.work, 'acme'));
  await host().inside('mkdir -p /etc/nginx/conf.d && cat >/etc/nginx/conf.d/application.conf', { input: APPLICATION });
  await host().inside('cat >/etc/acme.pem', { input: acme.bundle });
  const applied = await runbook('apply', 'nginx', 'certbot');
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
  const again = await runbook('plan', 'nginx', 'certbot');
  assert.equal(again.code, 0, again.stdout + again.stderr);
});

inDepth('the site is served by TLS alone, with its headers', LIMIT, async () => {
  assert.equal(await status(`http://${DOMAIN}/a?b=1`), `301 https://${DOMAIN}/a?b=1`);
  await host().inside(`head -c 4000 /dev/zero | tr '\\0' a >/var/www/${DOMAIN}/index.html`);
  const headers = (await curl(`https://www.${DOMAIN}/`, '-D', '-', '-o', '/dev/null', '--compressed')).toLowerCase();
  for (const header of [
    'strict-transport-security: max-age=63072000; includesubdomains',
    'x-frame-options: sameorigin',
    'x-content-type-options: nosniff',
    'referrer-policy: strict-origin-when-cross-origin',
    'content-encoding: gzip',
    'server: nginx\r\n',
  ]) {
    assert.ok(headers.includes(header), `${header} in ${headers}`);
  }
  assert.match(await curl(`https://${DOMAIN}/nothing`, '-D', '-'), /strict-transport-security/i);
  assert.equal(await curl(`https://${DOMAIN}/api/health`), '{"ok":true}');
  assert.match(await status(`https://${DOMAIN}/.git/config`), /^404/);
  assert.match(await status('https://other.test/'), /^000/, 'another name gets no answer');
});

inDepth('with a certificate for its names, and no weak TLS', LIMIT, async () => {
  const shown = await tls();
  assert.match(shown.stdout, /issuer=CN = Pebble/);
  assert.match(shown.stdout, /TLSv1\.3/);
  const old = await tls('-tls1_2');
  assert.match(old.stdout, /Cipher {4}: ECDHE-\S+-GCM-SHA(256|384)/);
  assert.notEqual((await tls('-tls1_1', '-cipher', 'DEFAULT:@SECLEVEL=0')).code, 0, 'TLS 1.1 is refused');
  assert.notEqual((await tls('-tls1_2', '-cipher', 'AES128-SHA256')).code, 0, 'no forward secrecy, no answer');
  const names = await host().inside(
    `openssl x509 -noout -ext subjectAltName -in /etc/letsencrypt/live/${DOMAIN}/cert.pem`,
  );
  assert.match(names.stdout, /DNS:shop\.test, DNS:www\.shop\.test/);
});

inDepth('the API takes ten requests a second and ten at once, and answers more with 429', LIMIT, async () => {
  const statuses = async (url: string, count: number, ...options: string[]) => {
    const urls = Array.from({ length: count }, (_, n) => `${url}?n=${n}`);
    const each = urls.slice(1).flatMap((one) => ['-o', '/dev/null', one]);
    const text = await curl(urls[0] as string, '-w', '%{http_code}\n', '-o', '/dev/null', ...options, ...each);
    return text.split('\n').filter(Boolean);
  };
  const calm = await statuses(`https://${DOMAIN}/api/x`, 12, '--rate', '8/s');
  assert.deepEqual(new Set(calm), new Set(['200']));
  const hasty = await statuses(`https://${DOMAIN}/api/x`, 60, '--parallel', '--parallel-max', '30');
  const refused = hasty.filter((one) => one === '429').length;
  assert.ok(refused > 0 && hasty.filter((one) => one === '200').length >= 10, hasty.join(' '));
  const log = await host().inside('cat /var/log/nginx/error.log');
  assert.match(log.stdout, /limiting requests, excess: .* by zone "api", client: /);
});

inDepth('renewing loads the new certificate, and a wrong configuration is never loaded', LIMIT, async () => {
  const serial = async () =>
    /serial=(\S+)/.exec(
      (
        await run([
          'sh',
          '-c',
          `openssl s_client -connect ${host().address}:443 -servername ${DOMAIN} </dev/null 2>/dev/null | openssl x509 -noout -serial`,
        ])
      ).stdout,
    )?.[1];
  const before = await serial();
  const renewed = await host().inside(
    'REQUESTS_CA_BUNDLE=/etc/acme.pem certbot renew --force-renewal --no-random-sleep-on-renew',
    { timeoutMs: 120_000 },
  );
  assert.equal(renewed.code, 0, renewed.stderr);
  assert.notEqual(await serial(), before);
  assert.equal((await host().inside('systemctl is-enabled certbot.timer')).stdout, 'enabled\n');
  await host().inside("echo 'nonsense;' >/etc/nginx/conf.d/broken.conf");
  const broken = await runbook('apply', 'nginx');
  assert.equal(broken.code, 3, broken.stdout);
  assert.match(broken.stdout, /unknown directive "nonsense"/);
  assert.equal(await curl(`https://${DOMAIN}/api/health`), '{"ok":true}', 'what ran goes on');
});

inDepth('fail2ban sees whom nginx has refused', LIMIT, async () => {
  await host().inside('rm /etc/nginx/conf.d/broken.conf');
  const applied = await runbook('apply', 'fail2ban');
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
  const jail = await host().inside('fail2ban-client status nginx-limit-req');
  assert.match(jail.stdout, /File list:\s+\/var\/log\/nginx\/error\.log/);
  const found = await host().inside('fail2ban-regex /var/log/nginx/error.log nginx-limit-req');
  assert.match(found.stdout, /Failregex: [1-9]\d* total/);
});
