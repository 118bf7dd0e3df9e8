import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useHosts } from '../lab/hosts.ts';

const lab = useHosts({ python: 1, bare: 1 });

/** What logging in leaves behind. */
const LOGIN_TRACES = [/^\/var\/lib\/systemd\b/, /^\/run\b/, /^\/tmp$/];

async function apply(play: string, ...more: string[]) {
  const run = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes', ...more]);
  assert.equal(run.code, 0, run.stderr + run.stdout);
}

const undo = (...more: string[]) => lab.runbook(['undo', '-i', lab.inventory(), '--yes', ...more]);

test('files of every kind are as they were, with all that is kept of them', { timeout: 120_000 }, async () => {
  const [python] = lab.hosts;
  const base = lab.hosts.map((host) => host.upper({ ignore: LOGIN_TRACES }));
  await python?.inside(`mkdir -p /opt/tree/deep && echo one >/opt/tree/one && echo two >/opt/tree/deep/two
chmod 700 /opt/tree/deep && ln -s one /opt/tree/link && chown nobody /opt/tree/one && touch -d '2001-02-03' /opt/tree/one
echo old >/opt/old && setfattr -n user.colour -v blue /opt/old; setfacl -m u:nobody:rw /opt/old; chmod g+s /opt/old
ln -s /opt/old /opt/tolink; echo bye >/opt/bye; head -c 300000 /dev/urandom >/opt/big`);
  const prepared = python?.upper({ ignore: LOGIN_TRACES });
  const kept = 'getfacl -p /opt/old /opt/tree/one; getfattr -d /opt/old; stat -c "%n %A %U %Y" /opt/tree/one /opt/old';
  const facts = (await python?.inside(kept))?.stdout;
  const play = lab.write(
    'files.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - copy: {dest: /opt/new, content: "new\\n", mode: "0644"}
    - file: {path: /opt/made/below, state: directory, mode: "0750"}
    - copy: {dest: /opt/made/below/file, content: "1\\n"}
    - lineinfile: {path: /opt/made/below/file, line: "2"}
    - copy: {dest: /opt/old, content: "changed\\n", mode: "0600", owner: nobody}
    - lineinfile: {path: /opt/old, line: again, create: true}
    - file: {path: /opt/tree, state: absent}
    - file: {path: /opt/bye, state: absent}
    - file: {src: /opt/new, dest: /opt/tolink, state: link, force: true}
    - copy: {dest: /opt/big, content: "small\\n"}
`,
  );
  await apply(play);
  const back = await undo();
  console.log(back.stdout, back.stderr);
  assert.equal(back.code, 0, back.stderr + back.stdout);
  assert.deepEqual(python?.upper({ ignore: LOGIN_TRACES }), prepared);
  assert.equal((await python?.inside(kept))?.stdout, facts);
  assert.deepEqual(lab.hosts[1]?.upper({ ignore: LOGIN_TRACES }), base[1]);
});
