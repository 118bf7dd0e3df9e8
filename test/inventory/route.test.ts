import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { resolveBecome } from '../../engine/inventory/become.ts';
import type { LookUp } from '../../engine/inventory/connection_variables.ts';
import type { Host, Route } from '../../engine/inventory/inventory.ts';
import { type RouteOptions, resolveRoute } from '../../engine/inventory/route.ts';
import { ok, type Source } from '../../engine/language/diagnostics.ts';
import type { Templated } from '../../engine/language/templated.ts';
import { Unknown, type Value, type ValueMap } from '../../engine/language/values.ts';
import { type TestController, testController } from './controller.ts';
import { told } from './diagnostics.ts';

const source: Source = { path: 'hosts.yml', text: 'web1:\n  the variables\n' };
const span = { source, start: 8, end: 21 };

function host(variables: ValueMap, name = 'web1'): Host {
  const entries = new Map<string, Templated>();
  for (const [key, value] of Object.entries(variables)) entries.set(key, { kind: 'literal', value, span });
  return { name, groups: [], layers: [{ origin: 'hosts.yml', entries }], span: { source, start: 0, end: 4 } };
}

function lookUp(variables: ValueMap): LookUp {
  return (name) => (Object.hasOwn(variables, name) ? ok(variables[name] as Value) : undefined);
}

type SshRoute = Extract<Route, { kind: 'ssh' }>;

async function resolve(variables: ValueMap, options: RouteOptions = {}, test: TestController = plain, name = 'web1') {
  return resolveRoute(host(variables, name), lookUp(variables), options, test.controller);
}

async function ssh(variables: ValueMap, options: RouteOptions = {}, test: TestController = plain): Promise<SshRoute> {
  const resolved = await resolve(variables, options, test);
  assert.ok(resolved.ok, told(resolved).join('\n'));
  assert.ok(resolved.value.route.kind === 'ssh', 'reached over ssh');
  return resolved.value.route;
}

const plain = testController();

const DEFAULTS: SshRoute = {
  kind: 'ssh',
  address: 'web1',
  port: 22,
  user: 'me',
  keyFiles: [],
  identitiesOnly: false,
  agent: undefined,
  password: undefined,
  hostKeys: {
    files: [
      join(plain.home, '.ssh/known_hosts'),
      join(plain.home, '.ssh/known_hosts2'),
      '/etc/ssh/ssh_known_hosts',
      '/etc/ssh/ssh_known_hosts2',
    ],
    alias: undefined,
    unknown: 'ask',
  },
  jumps: [],
  proxyCommand: undefined,
  connectTimeoutMs: 10_000,
  keepAliveMs: 15_000,
  keepAliveMax: 4,
  compression: false,
};

/** Variables, options of the command line, what differs from the defaults. */
const ROUTES: readonly (readonly [ValueMap, RouteOptions, Partial<SshRoute>])[] = [
  [{}, {}, {}],
  [
    { ansible_host: '192.0.2.1', ansible_port: 2222, ansible_user: 'deploy' },
    {},
    { address: '192.0.2.1', port: 2222, user: 'deploy' },
  ],
  [
    {
      ansible_ssh_host: 'a',
      ansible_host: 'b',
      ansible_ssh_port: '23',
      ansible_port: 24,
      ansible_ssh_user: 'x',
      ansible_user: 'y',
    },
    {},
    { address: 'a', port: 23, user: 'x' },
  ],
  [
    { ansible_user: 'deploy' },
    { user: 'root', privateKey: '~/key' },
    { user: 'deploy', keyFiles: [join(plain.home, 'key')] },
  ],
  [{ ansible_user: null, ansible_host: '', ansible_port: null }, { user: 'root' }, { user: 'root' }],
  [
    { ansible_private_key_file: '/b', ansible_ssh_private_key_file: '/a b' },
    { privateKey: '/c' },
    { keyFiles: ['/a b'] },
  ],
  [{ ansible_password: 'p' }, { password: 'q' }, { password: 'p' }],
  [{ ansible_ssh_pass: 1234 }, {}, { password: '1234' }],
  [{}, { password: 'q', timeoutSeconds: 3 }, { password: 'q', connectTimeoutMs: 3000 }],
  [{ ansible_timeout: 7 }, { timeoutSeconds: 3 }, { connectTimeoutMs: 7000 }],
  [{ ansible_ssh_common_args: '-o ConnectTimeout=1m30s' }, { timeoutSeconds: 3 }, { connectTimeoutMs: 90_000 }],
  [{ ansible_ssh_common_args: '-oConnectTimeout=0' }, {}, {}],
  [{ ansible_connection: 'smart' }, {}, {}],
  [{ ansible_connection: 'ansible.builtin.ssh' }, { connection: 'local' }, {}],
  [{ ansible_ssh_args: '-C -o ControlMaster=auto -o ControlPersist=60s' }, {}, { compression: true }],
  [{ ansible_ssh_common_args: '-o Compression=no -C' }, {}, {}],
  [{ ansible_ssh_args: '-p 1 -l a', ansible_port: 2, ansible_user: 'b' }, {}, { port: 1, user: 'a' }],
  [{ ansible_ssh_common_args: '-p 1 -l a', ansible_port: 2, ansible_user: 'b' }, {}, { port: 2, user: 'b' }],
  [
    { ansible_ssh_extra_args: '-oPort=3 -o "User deploy" -o \'HostName = 192.0.2.9\'' },
    {},
    { port: 3, user: 'deploy', address: '192.0.2.9' },
  ],
  [{ ansible_ssh_common_args: '-o HostName=%h.example.com' }, {}, { address: 'web1.example.com' }],
  [
    {},
    { sshCommonArgs: '-i ~/a -i /b -o IdentityFile=\'"/c d"\' -i /b -o IdentitiesOnly=yes' },
    { keyFiles: [join(plain.home, 'a'), '/b', '/c d'], identitiesOnly: true },
  ],
  [{ ansible_ssh_common_args: '-i none' }, {}, { keyFiles: [] }],
  [
    { ansible_ssh_common_args: '-i ~/.ssh/%r@%h_%n_%p_%k_%u_%L_%l_%i_%d_%%' },
    { user: 'u' },
    {
      user: 'u',
      keyFiles: [join(plain.home, `.ssh/u@web1_web1_22_web1_me_laptop_laptop.example.com_1000_${plain.home}_%`)],
    },
  ],
  [
    { ansible_ssh_common_args: '-o ServerAliveInterval=30 -o ServerAliveCountMax=2' },
    {},
    { keepAliveMs: 30_000, keepAliveMax: 2 },
  ],
  [{ ansible_ssh_common_args: '-o ServerAliveInterval=0' }, {}, { keepAliveMs: 0 }],
  [
    { ansible_ssh_common_args: "-o ProxyCommand='nc -X 5 %h %p %r %n %%'" },
    { user: 'u' },
    { user: 'u', proxyCommand: 'nc -X 5 web1 22 u web1 %' },
  ],
  [{ ansible_ssh_common_args: '-o ProxyCommand=none -J a' }, {}, {}],
  [{ ansible_ssh_common_args: '-J none -o ProxyCommand=x' }, {}, {}],
  [
    {
      ansible_ssh_common_args:
        '-4 -q -vvv -tt -T -x -a -k -n -o BatchMode=yes -o ForwardAgent=no -o LogLevel=ERROR -o preferredauthentications=publickey',
    },
    {},
    {},
  ],
];

const FILES = DEFAULTS.hostKeys.files;

const HOST_KEYS: readonly (readonly [string, ValueMap, RouteOptions, Partial<SshRoute['hostKeys']>])[] = [
  ['no', { ansible_ssh_common_args: '-o StrictHostKeyChecking=no' }, {}, { unknown: 'accept-new' }],
  ['off', { ansible_ssh_common_args: '-o StrictHostKeyChecking=off' }, {}, { unknown: 'accept-new' }],
  ['accept-new', { ansible_ssh_common_args: '-o StrictHostKeyChecking=accept-new' }, {}, { unknown: 'accept-new' }],
  ['ask', { ansible_ssh_common_args: '-o StrictHostKeyChecking=ask' }, {}, {}],
  [
    'yes, against the command line',
    { ansible_ssh_common_args: '-o StrictHostKeyChecking=yes' },
    { acceptNewHostKeys: true },
    {},
  ],
  ['the command line', {}, { acceptNewHostKeys: true }, { unknown: 'accept-new' }],
  ['ansible_host_key_checking', { ansible_host_key_checking: false }, {}, { unknown: 'accept-new' }],
  [
    'ansible_ssh_host_key_checking',
    { ansible_ssh_host_key_checking: 'no', ansible_host_key_checking: true },
    {},
    { unknown: 'accept-new' },
  ],
  ['ansible_host_key_checking: true', { ansible_host_key_checking: true }, {}, {}],
  ['the first of two', { ansible_ssh_args: '-o StrictHostKeyChecking=yes', ansible_host_key_checking: false }, {}, {}],
  [
    'one file',
    { ansible_ssh_common_args: '-o UserKnownHostsFile=/dev/null' },
    {},
    { files: ['/dev/null', ...FILES.slice(2)] },
  ],
  [
    'several files',
    { ansible_ssh_common_args: `-o 'UserKnownHostsFile ~/k "/a b"' -o GlobalKnownHostsFile=/g` },
    {},
    { files: [join(plain.home, 'k'), '/a b', '/g'] },
  ],
  [
    'none',
    { ansible_ssh_common_args: '-o UserKnownHostsFile=none -o GlobalKnownHostsFile=none' },
    {},
    { files: ['/dev/null'] },
  ],
  [
    'an alias',
    { ansible_ssh_common_args: '-o HostKeyAlias=fleet -o UserKnownHostsFile=/k/%k' },
    {},
    { alias: 'fleet', files: ['/k/fleet', ...FILES.slice(2)] },
  ],
];

/** Variables, options, and what is said about them. */
const REFUSED: readonly (readonly [ValueMap, RouteOptions, readonly string[]])[] = [
  [{ ansible_port: 'ssh' }, {}, ['2:3 `ansible_port` of web1 must be a whole number from 1 to 65535']],
  [{ ansible_port: 0 }, {}, ['2:3 `ansible_port` of web1 must be a whole number from 1 to 65535']],
  [{ ansible_host: ['a'] }, {}, ['2:3 `ansible_host` of web1 must be a text']],
  [{ ansible_host: '-oProxyCommand=x' }, {}, ['2:3 web1: `-oProxyCommand=x` is neither a host name nor an address']],
  [{ ansible_host: 'a$(id)' }, {}, ['2:3 web1: `a$(id)` is neither a host name nor an address']],
  [{ ansible_host: 'a b' }, {}, ['2:3 web1: `a b` is neither a host name nor an address']],
  [
    { ansible_user: '-oProxyCommand=x' },
    {},
    ['2:3 `ansible_user` of web1: user: `-oProxyCommand=x` is not a user name'],
  ],
  [{ ansible_user: 'a;b' }, {}, ['2:3 `ansible_user` of web1: user: `a;b` is not a user name']],
  [{ ansible_become: 'perhaps' }, {}, ['2:3 `ansible_become` of web1 must be `true` or `false`']],
  [{ ansible_password: ['hunter2'] }, {}, ['2:3 `ansible_password` of web1 must be a text']],
  [
    { ansible_host: new Unknown('facts', true) },
    {},
    ['2:3 `ansible_host` of web1 must be known before the host is reached, and hangs on facts'],
  ],
  [
    { ansible_connection: 'docker' },
    {},
    ['2:3 the connection `docker` of web1 is not supported: expected ssh or local'],
  ],
  [{}, { connection: 'winrm' }, ['the connection `winrm` of web1 is not supported: expected ssh or local']],
  [
    { ansible_become_method: 'doas' },
    {},
    ['2:3 the become method `doas` of web1 is not supported: expected sudo or su'],
  ],
  [
    { ansible_become_flags: '-H -i' },
    {},
    ['2:3 `ansible_become_flags` of web1 is not honoured | Of the flags of sudo -H, -S and -n are implied.'],
  ],
  [
    { ansible_become_exe: '/opt/sudo' },
    {},
    ['2:3 `ansible_become_exe` of web1 is not honoured: sudo and su are found on the PATH'],
  ],
  [
    { ansible_ssh_common_args: '-o ProxyJmp=a' },
    {},
    ['2:3 `ansible_ssh_common_args`: the ssh option `ProxyJmp` is not honoured | Did you mean `ProxyJump`?'],
  ],
  [
    { ansible_ssh_common_args: '-o ForwardAgent=yes -A -L 1:a:2' },
    {},
    [
      '2:3 `ansible_ssh_common_args`: `ForwardAgent yes` is not honoured | Remove it.',
      '2:3 `ansible_ssh_common_args`: the option `-A` of ssh is not honoured | Remove it.',
      '2:3 `ansible_ssh_common_args`: the option `-L` of ssh is not honoured | Remove it.',
      '2:3 `ansible_ssh_common_args`: expected an option of ssh, such as `-o Key=Value`, and not `1:a:2`',
    ],
  ],
  [{}, { sshCommonArgs: '-o' }, ['`--ssh-common-args`: the option `-o` needs a value']],
  [{}, { sshCommonArgs: '-o Port' }, ['`--ssh-common-args`: expected `-o Key=Value`']],
  [{}, { sshCommonArgs: '-o "Port=22' }, ['`--ssh-common-args` has a quote " that is never closed']],
  [{}, { sshCommonArgs: '-p ssh' }, ['`--ssh-common-args` of web1: port: `ssh` is not valid']],
  [
    {},
    { sshCommonArgs: '-o StrictHostKeyChecking=maybe' },
    ['`--ssh-common-args` of web1: stricthostkeychecking: `maybe` is not valid'],
  ],
  [
    {},
    { sshCommonArgs: '-o ConnectTimeout=soon' },
    ['`--ssh-common-args` of web1: connecttimeout: `soon` is not valid'],
  ],
  [
    {},
    { sshCommonArgs: '-o ProxyCommand="nc %x"' },
    ['`--ssh-common-args` of web1: proxycommand: `%x` is not honoured; `%%` stands for a percent sign'],
  ],
  [
    {},
    { sshCommonArgs: `-o IdentityFile=$\{NOPE}/x` },
    ['`--ssh-common-args` of web1: identityfile: the environment variable `NOPE` is not set'],
  ],
  [
    {},
    { sshCommonArgs: '-J a:b:c' },
    ['`--ssh-common-args` of web1: proxyjump: expected `[user@]host[:port]` and not `a:b:c`'],
  ],
  [
    {},
    { sshCommonArgs: '-J "a;id"' },
    ['`--ssh-common-args` of web1: proxyjump: expected `[user@]host[:port]` and not `a;id`'],
  ],
  [{}, { sshCommonArgs: '-J web1' }, ['`--ssh-common-args` of web1: proxyjump: the jumps go in a circle: web1 > web1']],
];

describe('resolveRoute', () => {
  for (const [variables, options, expected] of ROUTES) {
    it(`from ${JSON.stringify({ ...variables, ...options })}`, async () => {
      assert.deepEqual(await ssh(variables, options), { ...DEFAULTS, ...expected });
    });
  }
  for (const [name, variables, options, expected] of HOST_KEYS) {
    it(`host keys: ${name}`, async () => {
      assert.deepEqual((await ssh(variables, options)).hostKeys, { ...DEFAULTS.hostKeys, ...expected });
    });
  }
  for (const [variables, options, expected] of REFUSED) {
    it(`refuses ${JSON.stringify({ ...variables, ...options })}`, async () => {
      const resolved = await resolve(variables, options);
      assert.equal(resolved.ok, false);
      assert.deepEqual(told(resolved), expected);
    });
  }
  it('is local where the connection says so, whatever else is said', async () => {
    for (const variables of [
      { ansible_connection: 'local', ansible_host: 'x' },
      { ansible_connection: 'ansible.builtin.local' },
    ]) {
      const resolved = await resolve(variables);
      assert.deepEqual(resolved.ok && resolved.value.route, { kind: 'local' });
    }
    const resolved = await resolve({}, { connection: 'local' });
    assert.deepEqual(resolved.ok && resolved.value.route, { kind: 'local' });
  });
  it('starts no process where no ssh_config concerns the host', () => assert.equal(plain.starts(), 0));
  it('tries the default keys that exist, and the agent', async () => {
    const files = { '.ssh/id_rsa': '', '.ssh/id_ed25519': '', '.ssh/id_dsa': '', '.ssh/other': '' };
    const test = testController(files, { SSH_AUTH_SOCK: '/run/agent', OTHER: '/run/other' });
    const route = await ssh({}, {}, test);
    assert.deepEqual(route.keyFiles, [join(test.home, '.ssh/id_ed25519'), join(test.home, '.ssh/id_rsa')]);
    assert.equal(route.agent, '/run/agent');
    const agents = {
      none: undefined,
      SSH_AUTH_SOCK: '/run/agent',
      $OTHER: '/run/other',
      '~/sock': join(test.home, 'sock'),
    };
    for (const [value, agent] of Object.entries(agents)) {
      assert.equal((await ssh({}, { sshCommonArgs: `-o 'IdentityAgent=${value}'` }, test)).agent, agent);
    }
  });
  it('goes through jumps, with none of the host`s own options', async () => {
    const variables = { ansible_ssh_private_key_file: '/k', ansible_password: 'p', ansible_user: 'u', ansible_port: 2 };
    const options = { sshCommonArgs: '-o ProxyJump=a@one:33,ssh://two,[2001:db8::1]:44', acceptNewHostKeys: true };
    const route = await ssh(variables, options);
    const jump = { ...DEFAULTS, hostKeys: { ...DEFAULTS.hostKeys, unknown: 'accept-new' } } as const;
    assert.deepEqual(route.jumps, [
      { ...jump, address: 'one', user: 'a', port: 33 },
      { ...jump, address: 'two' },
      { ...jump, address: '2001:db8::1', port: 44 },
    ]);
    assert.equal(route.password, 'p');
  });
  it('says nothing of a template`s own mistake twice, and hands it on', async () => {
    const variables: LookUp = (name) =>
      name === 'ansible_host'
        ? { ok: false, diagnostics: [{ code: 'undefined', severity: 'error', message: 'no `x`' }] }
        : undefined;
    const resolved = await resolveRoute(host({}), variables, {}, plain.controller);
    assert.deepEqual(told(resolved), ['no `x`']);
  });
  it('never throws and never lets a value become an option or a command', async () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[-a-z$();|&`'"\\ %@:=]{1,12}$/));
    await fc.assert(
      fc.asyncProperty(text, text, async (address, user) => {
        const resolved = await resolve(
          { ansible_host: address, ansible_user: user },
          { sshCommonArgs: "-o ProxyCommand='nc <%h> <%r>'" },
        );
        if (!resolved.ok || resolved.value.route.kind !== 'ssh') return;
        const { route } = resolved.value;
        assert.doesNotMatch(route.address, /^-|[\s'"`$;&|()]/);
        assert.doesNotMatch(route.user, /^-|['"`;&|()]/);
      }),
      { numRuns: 50 },
    );
  });
});

describe('ssh_config', () => {
  const CONFIG = `
Include @ROOT@/.ssh/conf.d/*.conf
Host web1 !web2
  HostName 192.0.2.10
  User configured
  Port 2022
  IdentityFile ~/.ssh/one
  IdentityFile "~/.ssh/absent"
  ProxyJump jump
  ServerAliveInterval 30
  ConnectTimeout 4
  StrictHostKeyChecking accept-new
  UserKnownHostsFile ~/known_%h
Host jump
  User hop
  Port 99
  ProxyCommand nc %h %p
Host alias
  HostKeyAlias fleet
  IdentitiesOnly yes
`;
  const files = {
    '.ssh/config': CONFIG,
    '.ssh/one': '',
    '.ssh/conf.d/x.conf': 'Host included\n  Port 1234\n',
    '.ssh/conf.d/.y': 'Host *\n Port 1\n',
  };

  it('says how to reach a host that it names, and how to reach its jumps', async () => {
    const test = testController(files);
    const route = await ssh({}, {}, test);
    assert.equal(route.address, '192.0.2.10');
    assert.equal(route.user, 'configured');
    assert.equal(route.port, 2022);
    assert.deepEqual(route.keyFiles, [join(test.home, '.ssh/one')]);
    assert.equal(route.connectTimeoutMs, 4000);
    assert.equal(route.keepAliveMs, 30_000);
    assert.equal(route.hostKeys.unknown, 'accept-new');
    assert.match(route.hostKeys.files[0] ?? '', /\/known_192\.0\.2\.10$/);
    assert.deepEqual(
      route.jumps.map(({ address, user, port, proxyCommand }) => [address, user, port, proxyCommand]),
      [['jump', 'hop', 99, 'nc jump 99']],
    );
    assert.equal(test.starts(), 2);
  });
  it('loses against variables and the command line', async () => {
    const test = testController(files);
    const options = {
      user: 'line',
      timeoutSeconds: 9,
      sshCommonArgs: '-o ProxyCommand=none -o UserKnownHostsFile=/k -o StrictHostKeyChecking=yes',
    };
    const route = await ssh({ ansible_port: 7, ansible_ssh_private_key_file: '/mine' }, options, test);
    assert.equal(route.user, 'line');
    assert.equal(route.port, 7);
    assert.deepEqual(route.keyFiles, ['/mine', join(test.home, '.ssh/one')]);
    assert.deepEqual(route.jumps, []);
    assert.equal(route.connectTimeoutMs, 9000);
    assert.equal(route.hostKeys.files[0], '/k');
    assert.equal(route.hostKeys.unknown, 'ask');
  });
  it('is asked for the address that ssh would be told, and for included files', async () => {
    const test = testController(files);
    const route = await ssh({ ansible_host: 'alias' }, {}, test);
    assert.equal(route.hostKeys.alias, 'fleet');
    assert.equal(route.identitiesOnly, true);
    assert.equal(route.address, 'alias');
    assert.equal((await ssh({ ansible_host: 'included' }, {}, test)).port, 1234);
    assert.equal((await ssh({ ansible_host: 'nowhere' }, {}, test)).port, 22);
    assert.equal(test.starts(), 2);
  });
  it('is asked once for all hosts that get the same answer', async () => {
    const test = testController({ '.ssh/config': 'Host *\n  ServerAliveInterval 7\n  User all\n' });
    const names = Array.from({ length: 50 }, (_, i) => `host${i}`);
    const routes = await Promise.all(names.map((name) => resolve({}, {}, test, name)));
    for (const [i, resolved] of routes.entries()) {
      assert.ok(resolved.ok && resolved.value.route.kind === 'ssh', told(resolved).join('\n'));
      assert.deepEqual(
        [resolved.value.route.address, resolved.value.route.user, resolved.value.route.keepAliveMs],
        [`host${i}`, 'all', 7000],
      );
    }
    assert.equal(test.starts(), 1);
  });
  it('is asked for each host where the answer may differ', async () => {
    const test = testController({ '.ssh/config': 'Match host host*\n  User m\nHost *\n  UserKnownHostsFile ~/k_%h\n' });
    for (const name of ['host1', 'host2']) {
      const resolved = await resolve({}, {}, test, name);
      assert.ok(resolved.ok && resolved.value.route.kind === 'ssh', told(resolved).join('\n'));
      assert.equal(resolved.value.route.user, 'm');
      assert.match(resolved.value.route.hostKeys.files[0] ?? '', new RegExp(`k_${name}$`));
    }
    assert.equal(test.starts(), 2);
  });
  it('may be another file, or none', async () => {
    const test = testController({ ...files, 'other config': 'Host web1\n  Port 77\n' });
    assert.equal((await ssh({}, { sshCommonArgs: `-F '${test.home}/other config'` }, test)).port, 77);
    assert.equal((await ssh({}, { sshCommonArgs: '-F none' }, test)).port, 22);
  });
  it('that has a mistake is an error', async () => {
    const test = testController({ '.ssh/config': 'Host web1\n  Port abc\n' });
    const resolved = await resolve({}, {}, test);
    assert.equal(resolved.ok, false);
    assert.match(told(resolved).join(), /ssh could not read its configuration for `web1`: .*Try it: `ssh -G web1`/);
  });
  it('that hangs is an error, after a while', async () => {
    const test = testController({ '.ssh/config': 'Match exec "sleep 5"\n  Port 7\n' }, {}, 300);
    const resolved = await resolve({}, {}, test);
    assert.match(told(resolved).join(), /`ssh -G` did not answer within 0.3 s/);
  });
  it('that goes in a circle is an error', async () => {
    const test = testController({
      '.ssh/config': 'Host web1\n  ProxyJump a\nHost a\n  ProxyJump b\nHost b\n  ProxyJump a\n',
    });
    const resolved = await resolve({}, {}, test);
    assert.match(told(resolved).join(), /the jumps go in a circle: web1 > a > b > a/);
  });
  it('is left out with a warning where there is no ssh', async () => {
    const test = testController({ '.ssh/config': 'Host web1\n  Port 7\n' });
    rmSync(join(test.home, 'bin/ssh'));
    const resolved = await resolve({}, {}, test);
    assert.ok(resolved.ok && resolved.value.route.kind === 'ssh', told(resolved).join('\n'));
    assert.equal(resolved.value.route.port, 22);
    assert.match(told(resolved).join(), /warning: ssh_config may say .*Install openssh-client/);
  });
});

describe('resolveBecome', () => {
  const none = { enabled: false, user: 'root', method: 'sudo', password: undefined } as const;
  const BECOME: readonly (readonly [ValueMap, RouteOptions, object])[] = [
    [{}, {}, {}],
    [
      {},
      { become: true, becomeUser: 'app', becomeMethod: 'su', becomePassword: 'p' },
      { enabled: true, user: 'app', method: 'su', password: 'p' },
    ],
    [
      { ansible_become: 'yes', ansible_become_user: 'db', ansible_become_method: 'ansible.builtin.su' },
      {},
      { enabled: true, user: 'db', method: 'su' },
    ],
    [{ ansible_become: false, ansible_become_user: 'db' }, { become: true, becomeUser: 'app' }, { user: 'db' }],
    [{ ansible_become_pass: 'a', ansible_become_password: 'b' }, { becomePassword: 'c' }, { password: 'a' }],
    [{ ansible_become_password: 1234, ansible_become_flags: '-H -S -n' }, {}, { password: '1234' }],
  ];
  for (const [variables, options, expected] of BECOME) {
    it(`from ${JSON.stringify({ ...variables, ...options })}`, () => {
      assert.deepEqual(resolveBecome(host(variables), lookUp(variables), options), ok({ ...none, ...expected }));
    });
  }
});
