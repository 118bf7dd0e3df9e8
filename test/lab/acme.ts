import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { must, sleep } from './process.ts';

/** A certificate authority that speaks ACME, and the name server that it asks: every name leads to one host. */
export interface Acme {
  readonly directory: string;
  /** The certificate of the authority's own web server, in PEM: clients have to be told to trust it. */
  readonly bundle: string;
  /** Idempotent; ends both programs. */
  stop(): void;
}

/** `target`: the host that all names lead to. Its network's first address is ours. Files go to `dir`. */
export async function startAcme(target: string, dir: string): Promise<Acme> {
  const own = target.replace(/\d+$/, '1');
  mkdirSync(dir, { recursive: true });
  const [key, certificate, config] = ['acme.key', 'acme.pem', 'acme.json'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  await must([
    ...['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '7', '-subj', '/CN=acme.test'],
    ...['-addext', `subjectAltName=IP:${own}`, '-keyout', key, '-out', certificate],
  ]);
  const settings = {
    listenAddress: `${own}:14000`,
    managementListenAddress: `${own}:15000`,
    ...{ certificate, privateKey: key, httpPort: 80, tlsPort: 443, ocspResponderURL: '' },
  };
  writeFileSync(config, JSON.stringify({ pebble: settings }));
  const off = ['-http01', '', '-https01', '', '-tlsalpn01', ''];
  const names = ['-defaultIPv4', target, '-defaultIPv6', '', '-dns01', `${own}:8053`, '-management', `${own}:8055`];
  const children: ChildProcess[] = [
    spawn('pebble-challtestsrv', [...names, ...off], { stdio: 'ignore' }),
    spawn('pebble', ['-config', config, '-dnsserver', `${own}:8053`], {
      stdio: 'ignore',
      // It would wait up to 15 s for each name, and refuse some answers, to teach its clients patience.
      env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0' },
    }),
  ];
  const stop = () => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  };
  process.on('exit', stop);
  for (const port of [14000, 8055]) {
    if (!(await answers(own, port))) {
      stop();
      throw new Error(`nothing answers on ${own}:${port}: pebble did not start`);
    }
  }
  return { directory: `https://${own}:14000/dir`, bundle: readFileSync(certificate, 'utf8'), stop };
}

async function answers(host: string, port: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (await opens(host, port)) return true;
    await sleep(100);
  }
  return false;
}

/** Whether a connection comes about within the time. */
export function opens(host: string, port: number, timeoutMs = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('connect', () => settle(true));
  });
}
