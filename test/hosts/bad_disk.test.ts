import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { useHosts } from '../lab/hosts.ts';
import type { Finished } from '../lab/process.ts';

/** Disks that are full or read-only, and contents that are no text or very large. */
const lab = useHosts({ bare: 1 });
const host = () => lab.host('bare1');
const LIMIT = { timeout: 180_000 };
const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIHUnT2v1V6h0v0w2m8m0v1q0Q7t3S5n3l4N1c2m9tXyZ';
const MB = 1024 * 1024;

interface Tried {
  readonly module: string;
  readonly params: string;
  /** The path that must be named. */
  readonly path: string;
}

function book(tasks: string): string {
  return lab.write('play.yml', `- hosts: fleet\n  gather_facts: false\n  tasks:\n${tasks}`);
}

/** Each on its own, whatever became of those before. */
async function eachFails(tried: readonly Tried[], reason: RegExp): Promise<void> {
  for (const { module, params, path } of tried) {
    const play = book(`    - name: cannot be\n      ${module}: {${params}}\n`);
    const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
    const text = told(apply);
    assert.equal(apply.code, 3, text);
    const failure = text.slice(text.indexOf('bare1: failed: cannot be'));
    assert.match(failure, /play\.yml:5/, text);
    assert.match(failure, reason, `${module}: ${text}`);
    assert.match(failure, /Nothing of it was changed/, text);
    assert.ok(failure.includes(path), `${module}: ${path} is not in ${text}`);
  }
}

function told({ stdout, stderr }: Finished): string {
  assert.doesNotMatch(stdout + stderr, /^\s+at .*\.[jt]s:\d+/m, 'a stack trace');
  return stdout + stderr;
}

async function inside(command: string): Promise<string> {
  const { code, stdout, stderr } = await host().inside(command);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Names, modes, sizes and times of the files in a directory, and names of all below: what must not move. */
const STATE = (dir: string) => `cd ${dir}; find . -printf '%P %y %m\\n' | sort; ls -l --full-time; sha256sum app.conf`;

const EDITS = (dir: string): readonly Tried[] => [
  { module: 'copy', params: `src: large, dest: ${dir}/large`, path: `${dir}/` },
  { module: 'copy', params: `dest: ${dir}/app.conf, content: "{{ 'x' * 20000 }}"`, path: `${dir}/` },
  { module: 'lineinfile', params: `path: ${dir}/app.conf, line: more`, path: `${dir}/` },
  { module: 'blockinfile', params: `path: ${dir}/app.conf, block: more`, path: `${dir}/` },
  { module: 'replace', params: `path: ${dir}/app.conf, regexp: port, replace: ports`, path: `${dir}/` },
  { module: 'template', params: `src: big.j2, dest: ${dir}/app.conf`, path: `${dir}/` },
];

async function prepare(dir: string): Promise<void> {
  lab.write('large', Buffer.alloc(300_000, 'l'));
  lab.write('tree/file', 'f'.repeat(50_000));
  lab.write('big.j2', "{{ 'port\\n' * 5000 }}");
  await inside(`mkdir -p ${dir}; yes port | head -n 5000 | tr '\\n' ' ' > ${dir}/app.conf`);
}

test('a full disk: told, and what was there is whole', LIMIT, async () => {
  await prepare('/srv/full');
  await host().fill('/srv/full');
  try {
    const before = await inside(STATE('/srv/full'));
    await eachFails(EDITS('/srv/full'), /No space left on device/);
    assert.equal(await inside(STATE('/srv/full')), before);
    // A directory takes no block here: it is made, and the file in it is not.
    const play = book('    - name: in part\n      copy: {src: tree/, dest: /srv/full/tree}\n');
    const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
    assert.equal(apply.code, 3, told(apply));
    assert.match(apply.stdout, /No space left on device/);
    assert.match(apply.stdout, /some of this may be done: directory \/srv\/full\/tree, file \/srv\/full\/tree\/file\./);
    assert.equal(await inside('ls -A /srv/full/tree'), '');
  } finally {
    await host().restore('/srv/full');
  }
});

test('no room for crontabs, accounts, keys and settings: told, and none of them is cut', LIMIT, async () => {
  const tried: readonly (readonly [dir: string, file: string, module: string, params: string])[] = [
    ['/var/spool/cron/crontabs', 'root', 'cron', 'name: job, job: "true {{ 9000 * [0] }}"'],
    ['/etc', 'passwd', 'user', `name: newuser, comment: "{{ 'x' * 5000 }}"`],
    ['/etc', 'group', 'group', 'name: newgroup'],
    ['/etc', 'sysctl.conf', 'sysctl', 'name: vm.swappiness, value: "7"'],
    ['/root', '.ssh/authorized_keys', 'authorized_key', `user: root, key: "ssh-ed25519 ${KEY} {{ 'x' * 5000 }}"`],
  ];
  for (const [dir, file, module, params] of tried) {
    await inside(`mkdir -p ${dir}; touch ${dir}/${file}`);
    await host().fill(dir);
    try {
      const sum = await inside(`sha256sum ${dir}/${file}; find ${dir} -name '.rb-*'`);
      const play = book(`    - name: cannot be\n      ${module}: {${params}}\n`);
      const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
      assert.equal(apply.code, 3, `${module}: ${told(apply)}`);
      assert.match(apply.stdout, /bare1: failed: cannot be\n(.*\n)*.*No space left on device/, apply.stdout);
      assert.equal(await inside(`sha256sum ${dir}/${file}; find ${dir} -name '.rb-*'`), sum, module);
    } finally {
      await host().restore(dir);
    }
  }
});

test('a full /tmp, by which large files come', LIMIT, async () => {
  await prepare('/srv/upload');
  await host().fill('/tmp');
  try {
    const play = book('    - name: cannot be\n      copy: {src: large, dest: /srv/upload/large}\n');
    const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
    assert.equal(apply.code, 3);
    assert.match(told(apply), /bare1: failed: cannot be/);
    assert.match(told(apply), /Nothing of it was begun/);
    assert.match(apply.stdout, /could not be brought to bare1: .*No space left/);
    assert.equal((await host().inside('ls /srv/upload/large; ls -d /tmp/runbook-*')).stdout, '');
  } finally {
    await host().restore('/tmp');
  }
});

test('a directory that is mounted read-only: told, and all is as it was', LIMIT, async () => {
  await prepare('/srv/sealed');
  await host().readOnly('/srv/sealed');
  try {
    const before = await inside(STATE('/srv/sealed'));
    const more: readonly Tried[] = [
      { module: 'file', params: 'path: /srv/sealed/app.conf, state: absent', path: '/srv/sealed/app.conf' },
      { module: 'file', params: 'path: /srv/sealed/app.conf, mode: "0600"', path: '/srv/sealed/app.conf' },
      { module: 'file', params: 'path: /srv/sealed/new, state: directory', path: '/srv/sealed/' },
      { module: 'file', params: 'path: /srv/sealed/link, src: app.conf, state: link', path: '/srv/sealed/' },
    ];
    await eachFails([...EDITS('/srv/sealed'), ...more], /Read-only file system/);
    assert.equal(await inside(STATE('/srv/sealed')), before);
  } finally {
    await host().restore('/srv/sealed');
  }
});

test('bytes that are no UTF-8 stay what they are beside an edit', LIMIT, async () => {
  const odd = Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xe9]);
  const text = Buffer.concat([Buffer.from('port=1\r\n'), odd, Buffer.from('\nname=caf\xe9\n', 'latin1')]);
  lab.write('odd', text);
  const play = book(`    - copy: {src: odd, dest: /srv/copied, mode: "0644"}
    - copy: {src: /srv/copied, dest: /srv/edited, remote_src: true, mode: "0644"}
    - lineinfile: {path: /srv/edited, regexp: '^port=', line: port=2}
    - lineinfile: {path: /srv/edited, line: "last=é"}
    - replace: {path: /srv/edited, regexp: '^name=', replace: 'title='}
    - blockinfile: {path: /srv/edited, block: inside, insertbefore: BOF}
`);
  const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
  assert.equal(apply.code, 0, told(apply));
  assert.deepEqual(readFileSync(join(host().root, 'srv/copied')), text);
  const wanted = Buffer.concat([
    Buffer.from('# BEGIN ANSIBLE MANAGED BLOCK\ninside\n# END ANSIBLE MANAGED BLOCK\nport=2\n'),
    odd,
    Buffer.from('\ntitle=caf\xe9\n', 'latin1'),
    Buffer.from('last=é\n'),
  ]);
  assert.deepEqual(readFileSync(join(host().root, 'srv/edited')), wanted);
});

/** Runs it and gives the most memory it ever had, in bytes, as the kernel counted. */
async function peakOf(args: readonly string[]): Promise<Finished & { readonly peak: number }> {
  const file = join(lab.work, 'peak');
  const hook = lab.write(
    'peak.cjs',
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));`,
  );
  const run = await lab.runbook(args, { env: { NODE_OPTIONS: `--require=${hook}` } });
  return { ...run, peak: Number(readFileSync(file, 'utf8')) * 1024 };
}

test('a file of 100 MB: uploaded, told by its size and hash, and in little memory', LIMIT, async () => {
  const file = openSync(join(lab.work, 'huge'), 'w');
  ftruncateSync(file, 100 * MB);
  closeSync(file);
  const play = book('    - name: huge\n      copy: {src: huge, dest: /srv/huge, mode: "0644"}\n');
  const args = ['-i', lab.inventory()];
  const apply = await peakOf(['apply', play, ...args, '--yes']);
  assert.equal(apply.code, 0, told(apply));
  assert.match(apply.stdout, /100(\.0)? MiB, sha256 20492a4d/);
  assert.ok(apply.peak < 250 * MB, `${Math.round(apply.peak / MB)} MiB`);
  assert.equal(
    (await inside('sha256sum /srv/huge; ls -d /tmp/runbook-* 2>/dev/null || true')).trim(),
    '20492a4d0d84f8beb1767f6616229f85d44c2827b64bdbfb260ee12fa1109e0e  /srv/huge',
  );

  await inside('printf x >> /srv/huge');
  lab.write('huge', 'small now\n');
  const plan = await peakOf(['plan', play, ...args]);
  assert.equal(plan.code, 0, told(plan));
  assert.match(plan.stdout, /100(\.0)? MiB, sha256/);
  assert.ok(plan.peak < 150 * MB, `${Math.round(plan.peak / MB)} MiB`);

  const edit = await peakOf(['plan', book('    - lineinfile: {path: /srv/huge, line: more}\n'), ...args]);
  assert.equal(edit.code, 3, told(edit));
  assert.match(edit.stdout, /\/srv\/huge .*(large|MiB)/);
  assert.ok(edit.peak < 150 * MB, `${Math.round(edit.peak / MB)} MiB`);
  console.log(
    edit.stdout,
    [apply, plan, edit].map(({ peak }) => Math.round(peak / MB)),
  );
});
