import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, lstatSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { encrypt } from '../../engine/vault/cipher.ts';
import { closeEnvelope } from '../../engine/vault/envelope.ts';
import { useHosts } from '../lab/hosts.ts';
import { must } from '../lab/process.ts';

const lab = useHosts({ bare: 1 });

/** One for each way in; none of them may come out, but where the second list says so. */
const CANARIES = {
  vault: "vAult'Canary+/&1",
  vaultFile: 'file Canary <2>',
  vaultArgument: 'argument+Canary/3',
  vaultHash: '$6$canary$Jame72NdD8YQTzaArAP2zxteHBOTEi1aGO4xcoLLmq9o0douUnNnog86FgRnmXd2yI2laKl3u4geQb99Qp0S30',
  vaultPassword: 'vaultPasswordCanary5',
  become: 'become&Canary$6',
  ssh: 'ssh%Canary"7',
  parameter: 'parameter/Canary?8',
  content: 'content=Canary+9',
  environment: 'environment:Canary;10',
  stdin: 'stdin|Canary~11',
  /** What a file holds before the run puts a new one in its place. */
  before: 'before{Canary}12',
} as const;
type Canary = keyof typeof CANARIES;

/** A command's arguments and its environment are its own, and `ps` shows them (docs/guide.md, "Secrets"). */
const IN_PROCESSES: readonly Canary[] = ['vaultArgument', 'environment'];
/** What the play puts where. */
const ON_THE_HOST: readonly (readonly [RegExp, readonly Canary[]])[] = [
  [/^\/etc\/canary\//, ['vault', 'vaultFile', 'content', 'parameter']],
  // What was there before, for root alone.
  [/^\/var\/lib\/runbook\//, ['vault', 'vaultFile', 'content', 'parameter', 'vaultHash', 'before']],
  [/^\/etc\/shadow-?$/, ['vaultHash']],
];

/** Found without the program's own idea of how a secret is written. */
function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(2)]).toString('base64');
    return whole.slice(before + 1, Math.floor(((before + bytes.length) * 8) / 6));
  });
  return [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1), ...base64];
}

function leaks(text: string, but: readonly Canary[] = []): readonly string[] {
  const names = (Object.keys(CANARIES) as Canary[]).filter((name) => !but.includes(name));
  return names.flatMap((name) =>
    formsOf(CANARIES[name]).flatMap((form) => (text.includes(form) ? [`${name} as ${form}`] : [])),
  );
}

function assertClean(what: string, text: string, but: readonly Canary[] = []): void {
  assert.deepEqual(leaks(text, but), [], `${what}:\n${text.slice(0, 3_000)}`);
}

const vaulted = (text: string): string =>
  closeEnvelope(encrypt(Buffer.from(text), Buffer.from(CANARIES.vaultPassword), 'default'));
const indented = (text: string): string => vaulted(text).replace(/^/gm, '      ').trimEnd();

const VARIABLES = `    vault_value: !vault |
${indented(CANARIES.vault)}
    vault_argument: !vault |
${indented(CANARIES.vaultArgument)}
    vault_hash: !vault |
${indented(CANARIES.vaultHash)}
`;

const head = (tasks: string): string => `- hosts: all
  become: true
  gather_facts: false
  vars:
${VARIABLES}  tasks:
${tasks}`;

const PLAY = head(`    - name: a folder
      file: {path: /etc/canary, state: directory, mode: "0700"}
    - name: a template
      template: {src: canary.j2, dest: /etc/canary/template, mode: "0600"}
    - name: a content
      copy: {dest: /etc/canary/content, content: "x{{ vault_value }}{{ file_value }}\\n", mode: "0600"}
    - name: an encrypted source
      copy: {dest: /etc/canary/source, src: locked.txt, mode: "0600"}
    - name: a content under no_log
      copy: {dest: /etc/canary/no_log, content: ${JSON.stringify(CANARIES.content)}, mode: "0600"}
      no_log: true
    - name: a parameter under no_log
      lineinfile: {path: /etc/canary/line, create: true, line: ${JSON.stringify(CANARIES.parameter)}, mode: "0600"}
      no_log: true
    - name: a line of "{{ vault_value }}"
      lineinfile: {path: /etc/canary/line, line: "a {{ vault_value }}"}
    - name: an environment under no_log
      shell: test "$CANARY" != ""; sleep 0.3
      environment: {CANARY: ${JSON.stringify(CANARIES.environment)}}
      no_log: true
    - name: an input under no_log
      command: {cmd: sh -c "cat >/dev/null", stdin: ${JSON.stringify(CANARIES.stdin)}}
      no_log: true
    - name: an argument
      command: {argv: [sh, -c, sleep 0.5; echo "$0", "{{ vault_argument }}"]}
      register: said
    - name: what it said
      debug: {var: said}
    - name: what is there
      command: cat /etc/canary/template /etc/canary/source
      register: seen
    - name: what was seen
      debug: {msg: "{{ seen.stdout }} {{ vault_value | b64encode }} {{ ('ab' ~ vault_value) | b64encode }} {{ vault_value | urlencode }}"}
    - name: another file
      copy: {dest: /etc/canary/old, content: "k=1\\npassword = {{ vault_value }};\\n", mode: "0600"}
    - name: a user
      user: {name: "c{{ inventory_hostname }}", password: "{{ vault_hash }}"}
    - name: "{{ item }}"
      debug: {msg: "{{ item }}"}
      loop: ["{{ vault_value }}", "{{ file_value }}"]
`);

const FAILING = head(`    - name: fails with it
      shell: echo "{{ vault_value }}" "$(echo '{{ file_value }}' | base64)" >&2; exit 3
      ignore_errors: true
    - name: fails under no_log
      shell: echo "${CANARIES.content}" >&2; exit 3
      no_log: true
      ignore_errors: true
    - name: an assertion
      assert: {that: vault_value == 'x', fail_msg: "it is {{ vault_value }}"}
      ignore_errors: true
    - name: the last of "{{ vault_value }}"
      fail: {msg: "ends with {{ vault_value }}"}
`);

const BROKEN = head(`    - name: a wrong parameter
      file: {path: /etc/canary, state: "{{ vault_value }}"}
    - name: does not work
      debug: {msg: "{{ vault_value | int + nothing_of_the_sort }} {{ vault_value.nothing }}"}
`);

const BROKEN_VARIABLE = `ansible_become_password: ${JSON.stringify(CANARIES.parameter)}
db_password: "${CANARIES.content} {{ nothing_of_the_sort }}"
`;

/** Everything that was written before a run may hold what it holds. */
const given = new Set<string>();
function input(name: string, text: string): string {
  const path = lab.write(name, text);
  given.add(path);
  return path;
}

async function prepare(): Promise<void> {
  const host = lab.host(0);
  const hashed = async (password: string): Promise<string> =>
    (await must(['openssl', 'passwd', '-6', '-stdin'], { input: `${password}\n` })).trim();
  const script = `useradd -m -s /bin/sh byterminal && useradd -m -s /bin/sh bypassword
chpasswd -e
cp -r /root/.ssh /home/byterminal/ && chown -R byterminal: /home/byterminal/.ssh
mkdir -m 700 /etc/canary && printf 'k=1\\npassword = ${CANARIES.before};\\n' >/etc/canary/old
printf '%s\\n' 'byterminal ALL=(ALL) ALL' 'bypassword ALL=(ALL) ALL' >/etc/sudoers.d/canary && chmod 440 /etc/sudoers.d/canary`;
  const users = `byterminal:${await hashed(CANARIES.become)}\nbypassword:${await hashed(CANARIES.ssh)}\n`;
  const made = await host.inside(`set -e\n${script}`, { input: users });
  assert.equal(made.code, 0, made.stderr);
  const common = readFileSync(lab.inventory(), 'utf8');
  const key = /ansible_ssh_private_key_file: (.*)/.exec(common)?.[1];
  const args = /ansible_ssh_common_args: (.*)/.exec(common)?.[1];
  input(
    'canary.yml',
    `all:
  vars:
    ansible_host: ${host.address}
    ansible_ssh_common_args: ${args}
  hosts:
    terminal: {ansible_user: byterminal, ansible_ssh_private_key_file: ${key}}
    password:
      ansible_user: bypassword
      ansible_password: ${JSON.stringify(CANARIES.ssh)}
      ansible_become_password: "{{ ansible_password }}"
`,
  );
  input('group_vars/all.yml', vaulted(`file_value: ${JSON.stringify(CANARIES.vaultFile)}\n`));
  input('vault_password', CANARIES.vaultPassword);
  input('canary.j2', 'value={{ vault_value }}\nother={{ file_value }}\n');
  input('locked.txt', vaulted(`first ${CANARIES.vault}\nsecond ${CANARIES.vaultFile}\n`));
  input('play.yml', PLAY);
  input('failing.yml', FAILING);
  input('broken.yml', BROKEN);
}

/** Both are one machine, which one run at a time may change. */
const HOSTS = ['terminal', 'password'] as const;
const OPTIONS = ['-i', 'canary.yml', '-K', '--vault-password-file', 'vault_password'];

/** At a terminal: -K asks there. */
async function runbook(
  host: (typeof HOSTS)[number],
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly screen: string }> {
  const session = await lab.runbookAtTerminal(
    [...args, ...OPTIONS, '-l', host],
    [{ when: /Become password/, type: `${CANARIES.become}\r` }],
  );
  assert.equal(session.turns, 1, session.screen);
  return session;
}

/** All processes of this machine and of the hosts, which run on it: arguments and environments, over and over. */
function watchProcesses(): { stop(): string } {
  const dir = mkdtempSync(join(tmpdir(), 'runbook-ps-'));
  const path = join(dir, 'ps');
  const file = openSync(path, 'w');
  const child = spawn('sh', ['-c', 'while :; do ps axeww -o args=; done'], { stdio: ['ignore', file, 'ignore'] });
  return {
    stop() {
      child.kill('SIGKILL');
      closeSync(file);
      const text = readFileSync(path, 'latin1');
      rmSync(dir, { recursive: true });
      return text;
    },
  };
}

function filesBelow(dir: string): readonly string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

function checkController(): void {
  const written = filesBelow(lab.work).filter((path) => !given.has(path));
  assert.ok(
    written.some((path) => path.includes('/.runbook/runs/')),
    'there is a journal',
  );
  for (const path of written) assertClean(path, readFileSync(path, 'latin1'));
}

async function checkHost(): Promise<void> {
  const host = lab.host(0);
  const changed = host.upper({ all: true }).filter(({ after }) => after?.type === 'file');
  assert.ok(changed.some(({ path }) => path === '/etc/canary/template'));
  for (const { path } of changed) {
    const file = join(host.root, path);
    if (!lstatSync(file).isFile()) continue;
    const allowed = ON_THE_HOST.filter(([pattern]) => pattern.test(path)).flatMap(([, names]) => names);
    assertClean(`the host's ${path}`, readFileSync(file, 'latin1'), allowed);
  }
  const journal = await host.inside('journalctl --all --no-pager -o cat; cat /tmp/* /run/*.log 2>/dev/null; true');
  // What sudo runs is a shell that reads its program from stdin; the arguments of commands are not among it.
  assertClean("the host's log", journal.stdout);
}

describe('no canary comes out', { timeout: 600_000 }, () => {
  before(prepare);
  for (const host of HOSTS) {
    test(`of a plan: ${host}`, async () => {
      const { code, screen } = await runbook(host, 'plan', 'play.yml');
      assert.equal(code, 0, screen);
      assert.match(screen, /\*{8}/);
      assertClean('the plan', screen);
    });
    test(`of an apply, its journal, the host and the process lists: ${host}`, () => apply(host));
  }
  async function apply(host: (typeof HOSTS)[number]): Promise<void> {
    const processes = watchProcesses();
    const { code, screen } = await runbook(host, 'apply', '--yes', '-vvv', 'play.yml');
    const seen = processes.stop();
    assert.equal(code, 0, screen);
    assertClean('the apply', screen);
    assert.ok(
      leaks(seen).some((leak) => leak.startsWith('vaultArgument')),
      'the process lists show what they must',
    );
    assertClean(
      'the process lists',
      seen
        .split('\n')
        .filter((line) => leaks(line, IN_PROCESSES).length > 0)
        .join('\n'),
      IN_PROCESSES,
    );
    checkController();
    await checkHost();
    assert.match(readFileSync(join(lab.host(0).root, 'etc/canary/template'), 'utf8'), /vAult'Canary/);
  }
  test('of JSON, which stays JSON', async () => {
    for (const args of [['plan'], ['apply', '--yes']]) {
      const { code, screen } = await runbook('password', ...args, '--json', 'play.yml');
      assert.equal(code, 0, screen);
      assertClean(`${args[0]} --json`, screen);
      const lines = screen.split(/\r?\n/).filter((line) => line.startsWith('{'));
      assert.ok(lines.length >= 3, screen);
      for (const line of lines) JSON.parse(line);
    }
  });
  for (const more of [[], ['-vvv'], ['--json']]) {
    test(`of failures ${more.join(' ')}`, async () => {
      const { code, screen } = await runbook('terminal', 'apply', '--yes', ...more, 'failing.yml');
      assert.equal(code, 3, screen);
      assert.match(screen, /\*{8}/);
      assertClean('the failures', screen);
      checkController();
    });
  }
  test('of a mistake in an expression, and in the variables of a group', async () => {
    const broken = await runbook('terminal', 'plan', 'broken.yml');
    assert.notEqual(broken.code, 0, broken.screen);
    assertClean('the mistake', broken.screen);
    input('host_vars/terminal.yml', BROKEN_VARIABLE);
    input('uses.yml', head('    - debug: {msg: "{{ db_password }}"}\n'));
    const variable = await runbook('terminal', 'plan', 'uses.yml');
    assert.match(variable.screen, /host_vars\/terminal\.yml:2/);
    assertClean('the mistake in a variable', variable.screen);
    rmSync(join(lab.work, 'host_vars'), { recursive: true });
  });
  test('of wrong passwords', async () => {
    const turns = [{ when: /Become password/, type: `${CANARIES.parameter}\r` }];
    const wrong = await lab.runbookAtTerminal(['plan', 'play.yml', ...OPTIONS, '-l', 'terminal'], turns);
    assert.notEqual(wrong.code, 0);
    assertClean('the refusal', wrong.screen);
    input('wrong_password', CANARIES.content);
    const locked = await lab.runbook([
      'plan',
      'play.yml',
      '-i',
      'canary.yml',
      '--vault-password-file',
      'wrong_password',
    ]);
    assert.equal(locked.code, 1, locked.stderr);
    assert.match(locked.stderr, /no password opens it/);
    assertClean('the locked vault', locked.stdout + locked.stderr);
  });
});
