import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { keyOf, type Module, type Ref, type View } from '../../engine/planning/contracts.ts';
import { cron } from '../../modules/system/cron.ts';
import { sysctl } from '../../modules/system/sysctl.ts';
import { authorized_key } from '../../modules/users/authorized_key.ts';
import { bindParams } from '../cases/params.ts';
import { useHosts } from '../lab/hosts.ts';
import { sampled } from '../lab/in_depth.ts';

type Params = Readonly<Record<string, unknown>>;

/** A file that a module edits, and whether the task must count as changed. */
interface Edit {
  readonly module: 'cron' | 'crontab' | 'sysctl' | 'authorized_key';
  readonly params: Params;
  /** `null`: it is not there. */
  readonly text: string | null;
}

const JOB = { name: 'backup', minute: '0', hour: '2', job: '/opt/backup.sh "$HOME" \\% x' };
const [A, B, C] = ['AAAA', 'BBBB', 'CCCC'].map((key, i) => `ssh-rsa ${key} user${i}@host`) as [string, string, string];

const ALL: readonly Edit[] = [
  // Files in the manner of /etc/cron.d.
  { module: 'cron', params: JOB, text: null },
  { module: 'cron', params: JOB, text: '# mine\n\nMAILTO=x\n*/5 *\t* * * root  a   b\n' },
  { module: 'cron', params: JOB, text: '#Ansible: backup\n1 1 * * * root old\n#Ansible: other\n@daily root x\n' },
  { module: 'cron', params: JOB, text: '#Ansible: backup\n0 2 * * * root /opt/backup.sh "$HOME" \\% x' },
  { module: 'cron', params: { ...JOB, disabled: true }, text: '#Ansible: backup\n0 2 * * * root x\n\n\n' },
  { module: 'cron', params: { name: 'boot', special_time: 'reboot', job: 'x' }, text: 'A=1\n' },
  { module: 'cron', params: { name: 'a', state: 'absent' }, text: 'A=1\n#Ansible: a\n* * * * * root x\n# end' },
  { module: 'cron', params: { name: 'a', state: 'absent' }, text: '#Ansible: a\n* * * * * root x\n' },
  { module: 'cron', params: { name: 'a', state: 'absent' }, text: '# nothing\n' },
  { module: 'cron', params: { name: 'PATH', env: true, job: '/bin' }, text: '# top\nA=1\n' },
  { module: 'cron', params: { name: 'A', env: true, job: '2' }, text: 'AA=0\nA=1\nA=3\n' },
  { module: 'cron', params: { name: 'B', env: true, job: '2', insertafter: 'A' }, text: 'A=1\nC=1\n' },
  { module: 'cron', params: { name: 'B', env: true, job: '2', insertbefore: 'C' }, text: 'A=1\nC=1\n' },
  { module: 'cron', params: { name: 'A', env: true, state: 'absent' }, text: 'A=1\nB=1\n' },
  { module: 'cron', params: { name: 'x', job: 'run' }, text: '* * * * * root other\n* * * * * root run\n' },
  { module: 'cron', params: { name: 'x', job: 'run' }, text: '#Ansible: None\n* * * * * root run\n' },
  {
    module: 'cron',
    params: { name: 'x', job: 'new' },
    text: '#Ansible: x\n* * * * * root 1\n#Ansible: x\n* * * * * root 2\n',
  },
  { module: 'cron', params: { name: 'crlf', job: 'new' }, text: 'A=1\r\n* * * * * root 1\r\n' },
  // A user's own table.
  { module: 'crontab', params: JOB, text: null },
  { module: 'crontab', params: JOB, text: '# mine\n\nMAILTO=x\n*/5 *\t* * *  a   b\n' },
  {
    module: 'crontab',
    params: { name: 'backup', state: 'absent' },
    text: '#Ansible: backup\n0 2 * * * x\n0 3 * * * y\n',
  },
  { module: 'crontab', params: { name: 'MAILTO', env: true, job: 'ops' }, text: '0 3 * * * y\n' },
  // Files of sysctl.
  { module: 'sysctl', params: { name: 'vm.x', value: '1' }, text: null },
  { module: 'sysctl', params: { name: 'vm.x', value: '1' }, text: '# note\n\n ; other\nvm.y = 2\nnot an entry\n' },
  { module: 'sysctl', params: { name: 'vm.x', value: ' a  b ' }, text: 'vm.x = 1\nvm.y=2\nvm.x=3\nvm.y=4' },
  { module: 'sysctl', params: { name: 'vm.x', value: 'yes' }, text: 'vm.x=1\n' },
  { module: 'sysctl', params: { name: 'vm.x', value: 'off' }, text: 'vm.x=1\n' },
  { module: 'sysctl', params: { name: 'vm.x', value: '1' }, text: 'vm.x=0\nvm.x = 1\n' },
  { module: 'sysctl', params: { name: 'vm.x', state: 'absent' }, text: 'vm.x=0\nvm.y  =  1=2\n' },
  { module: 'sysctl', params: { name: 'vm.x', state: 'absent' }, text: 'vm.y  =  1\n' },
  // Keys.
  { module: 'authorized_key', params: { key: A }, text: null },
  { module: 'authorized_key', params: { key: A }, text: `# note\n\n${B}\n` },
  { module: 'authorized_key', params: { key: A }, text: `${B}\n  ${A}  \n` },
  { module: 'authorized_key', params: { key: 'ssh-rsa AAAA' }, text: `${B}\n` },
  { module: 'authorized_key', params: { key: A, comment: 'new one' }, text: `${A}\n${B}\n` },
  {
    module: 'authorized_key',
    params: { key: A, key_options: 'no-pty,from="10.0.0.1,10.0.0.2"' },
    text: `${A}\n${B}\n`,
  },
  { module: 'authorized_key', params: { key: A }, text: `no-pty ${A}\n${B}\n` },
  {
    module: 'authorized_key',
    params: { key: `no-pty,command="/bin/echo hi" ${A}` },
    text: `command="/bin/echo hi",no-pty ${A}\n`,
  },
  { module: 'authorized_key', params: { key: `${A}\n# x\n\n${C}\n` }, text: `${B}\n${C}\n` },
  { module: 'authorized_key', params: { key: `${A}\n${C}`, exclusive: true }, text: `# note\n${B}\n${C}\n` },
  { module: 'authorized_key', params: { key: A, exclusive: true }, text: `${A}\n` },
  { module: 'authorized_key', params: { key: A, state: 'absent' }, text: `# x\nfrom="a" ${A} more\n\n${B}\n# x\n` },
  { module: 'authorized_key', params: { key: A, state: 'absent' }, text: `${B}\n` },
];

const EDITS = sampled(ALL);

const lab = useHosts({ python: 1 });
const found = new Map<number, string | null>();

const fileOf = (i: number) => `/root/edits/file${i}`;
const userOf = (i: number) => `editor${i}`;

/** The task's parameters, with the file it works on. */
function placed({ module, params }: Edit, i: number): Params {
  switch (module) {
    case 'cron':
      return { ...params, cron_file: fileOf(i), user: 'root' };
    case 'crontab':
      return { ...params, user: userOf(i) };
    case 'sysctl':
      return { ...params, sysctl_file: fileOf(i), reload: false };
    case 'authorized_key':
      return { ...params, path: fileOf(i), user: 'root', manage_dir: false };
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function prepare({ module, text }: Edit, i: number): string {
  const lines = module === 'crontab' ? [`useradd -M ${userOf(i)}`] : [];
  if (text === null) return lines.join('\n');
  const to = module === 'crontab' ? `| crontab -u ${userOf(i)} -` : `> ${fileOf(i)}`;
  return [...lines, `printf %s ${quoted(text)} ${to}`].join('\n');
}

const NAMES = {
  cron: 'cron',
  crontab: 'cron',
  sysctl: 'ansible.posix.sysctl',
  authorized_key: 'ansible.posix.authorized_key',
};
const MODULES = { cron, crontab: cron, sysctl, authorized_key } as unknown as Record<Edit['module'], Module<Params>>;

/** What the module here makes of the same file. */
function ours(edit: Edit, i: number): string | null {
  const module = MODULES[edit.module];
  const file =
    edit.text === null
      ? null
      : { kind: 'file', mode: 0o644, owner: 'root', group: 'root', content: { text: edit.text } };
  const values = new Map<string, unknown>([
    [`path:${fileOf(i)}`, file],
    [`crontab:${userOf(i)}`, edit.text === null ? null : { text: edit.text }],
    [`user:${userOf(i)}`, { name: userOf(i) }],
    ['user:root', { name: 'root', group: 'root', home: '/root', homeExists: true }],
    ['path:/root/edits', { kind: 'directory', mode: 0o755, owner: 'root', group: 'root' }],
  ]);
  const get = (ref: Ref) => values.get(keyOf(ref)) ?? null;
  const view = { user: 'root', now: 0, get, peek: get, problem: () => undefined } as unknown as View;
  const wish = module.wants(bindParams(module, placed(edit, i)), view);
  assert.equal(wish.failed, undefined);
  let text = edit.text;
  for (const step of wish.steps) {
    if (step.kind === 'action' || !/^(path:.*file\d+|crontab:.*)$/.test(keyOf(step.ref))) continue;
    const to = step.to as { text?: string; content?: { text: string } } | null;
    text = to === null ? null : (to.text ?? to.content?.text ?? null);
  }
  return text;
}

describe('edited files, held against Ansible on a real host', () => {
  before(async () => {
    const host = lab.host('python1');
    const prepared = await host.inside(`set -e\nmkdir -p /root/edits\n${EDITS.map(prepare).join('\n')}`);
    assert.equal(prepared.code, 0, prepared.stderr);
    const tasks = EDITS.map((edit, i) => ({ [NAMES[edit.module]]: placed(edit, i) }));
    const playbook = lab.write('edits.yml', JSON.stringify([{ hosts: 'python1', gather_facts: false, tasks }]));
    const edited = await lab.ansible(['-i', lab.inventory(), playbook]);
    assert.equal(edited.code, 0, edited.stdout + edited.stderr);
    const reads = EDITS.map(({ module }, i) => {
      const read = module === 'crontab' ? `crontab -u ${userOf(i)} -l` : `cat ${fileOf(i)}`;
      return `if ${read} > /tmp/out 2>/dev/null; then echo "= $(base64 -w0 < /tmp/out)"; else echo -; fi`;
    });
    const read = await host.inside(reads.join('\n'));
    for (const [i, line] of read.stdout.trimEnd().split('\n').entries()) {
      found.set(i, line === '-' ? null : Buffer.from(line.slice(2), 'base64').toString());
    }
  });

  for (const [i, edit] of EDITS.entries()) {
    it(`${edit.module} ${JSON.stringify(edit.params)} on ${JSON.stringify(edit.text)}`, () => {
      assert.equal(ours(edit, i), found.get(i));
    });
  }
});
