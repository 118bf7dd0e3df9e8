// Runs the freshly built program over plays that change nothing, on this machine and through an SSH server of its own,
// so that V8 has compiled what a run needs, and writes that beside the program. Without it the program only starts
// more slowly.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import ssh2 from 'ssh2';
import { loadMain } from './load_main.mjs';

const [dir, playbook] = process.argv.slice(2).map((path) => resolve(path));
const scratch = mkdtempSync(join(tmpdir(), 'runbook-build-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
process.chdir(scratch); // an apply keeps its journal where it is started

const key = (name) => {
  let pair;
  // One of 256 comes out in a form that the library itself does not read.
  do pair = ssh2.utils.generateKeyPairSync('ed25519');
  while (ssh2.utils.parseKey(pair.private) instanceof Error);
  writeFileSync(join(scratch, name), pair.private, { mode: 0o600 });
  return pair;
};
key('client');
const host = key('host');

const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
  client.on('error', () => {});
  client.on('authentication', (login) => login.accept());
  client.on('session', (accept) =>
    accept().on('exec', (accepted, _rejected, { command }) => {
      const channel = accepted();
      const child = spawn('sh', ['-c', command]);
      channel.pipe(child.stdin).on('error', () => {});
      child.stdout.pipe(channel, { end: false });
      child.stderr.pipe(channel.stderr, { end: false });
      child.on('close', (code) => {
        channel.exit(code ?? 1);
        channel.end();
      });
    }),
  );
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));

const { port } = server.address();
writeFileSync(join(scratch, 'known_hosts'), `[127.0.0.1]:${port} ${host.public}\n`);
const vars = {
  ansible_host: '127.0.0.1',
  ansible_port: port,
  ansible_user: userInfo().username,
  ansible_ssh_private_key_file: join(scratch, 'client'),
  ansible_ssh_common_args: `-o UserKnownHostsFile=${join(scratch, 'known_hosts')} -o IdentitiesOnly=yes`,
};
writeFileSync('ssh.json', JSON.stringify({ all: { hosts: { there: vars } } }));
writeFileSync('local.json', JSON.stringify({ all: { hosts: { here: { ansible_connection: 'local' } } } }));
writeFileSync('quiet.yml', '- hosts: all\n  tasks: [debug: {msg: nothing}]\n');

const { scripts, main } = loadMain(dir);
process.stdout.write = () => true;
process.stderr.write = () => true;
await main(['plan', playbook, '-i', 'local.json']).catch(() => 1);
await main(['plan', playbook, '-i', 'ssh.json']).catch(() => 1);
await main(['apply', 'quiet.yml', '-i', 'ssh.json', '--yes']).catch(() => 1);

const pieces = [...scripts].map(([id, script]) => [id, script.createCachedData()]);
let at = 0;
const caches = {};
for (const [id, { length }] of pieces) {
  caches[id] = [at, length];
  at += length;
}
writeFileSync(join(dir, 'pieces.cache'), Buffer.concat(pieces.map(([, data]) => data)));
const index = join(dir, 'pieces.json');
writeFileSync(index, JSON.stringify({ ...JSON.parse(readFileSync(index, 'utf8')), caches }));
process.exit(0);
