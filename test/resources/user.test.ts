import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Change, type ChangeOptions, keyOf } from '../../engine/planning/contracts.ts';
import { accountDefaults, accountDefaultsType } from '../../engine/resources/account_defaults.ts';
import { type GroupValue, group, groupType } from '../../engine/resources/group.ts';
import { type UserValue, user, userType } from '../../engine/resources/user.ts';
import { answer, run, SHELLS, shellcheck } from './programs.ts';

const PASSWD = `root:x:0:0:root:/root:/bin/bash
deploy:x:1001:1002:Deploy,,,:/home/deploy:/bin/bash
`;
const GROUP = `root:x:0:
adm:x:4:syslog,deploy
sudo:x:27:deploy
ops:x:1002:
`;
const SHADOW = 'deploy:!$6$salt$hash:19700:0:90:7::20000:\n';

const deploy: UserValue = {
  name: 'deploy',
  uid: 1001,
  gid: 1002,
  group: 'ops',
  groups: ['adm', 'sudo'],
  comment: 'Deploy,,,',
  home: '/home/deploy',
  homeExists: true,
  shell: '/bin/bash',
};

describe('looking at users', () => {
  const parts = { status: '2\n', passwd: PASSWD, homes: 'root\ndeploy\n', group: GROUP };

  it('tells who is there, with groups by name, and who is not', () => {
    const seen = userType.parse(answer(parts), [user('deploy'), user('gone')]);
    assert.deepEqual(seen, [
      { ref: user('deploy'), value: deploy },
      { ref: user('gone'), value: null },
    ]);
  });

  it('finds a user by number', () => {
    const [seen] = userType.parse(answer(parts), [user('1001')]);
    assert.deepEqual(seen, { ref: user('1001'), value: deploy });
  });

  it('reads of the shadow line what is asked for and no more', () => {
    const all = { ...parts, shadow: SHADOW };
    const value = (...aspects: Parameters<typeof user>[1][]) => {
      const [seen] = userType.parse(answer(all), [user('deploy', ...(aspects as never[]))]);
      return seen !== undefined && 'value' in seen ? (seen.value as UserValue) : undefined;
    };
    assert.deepEqual(value(), deploy);
    assert.deepEqual(value('password'), { ...deploy, password: '$6$salt$hash', locked: true });
    assert.deepEqual(value('ageing'), {
      ...deploy,
      expires: 20000,
      minDays: 0,
      maxDays: 90,
      warnDays: 7,
      inactiveDays: null,
    });
  });

  it('knows no password where the shadow file cannot be read', () => {
    const [seen] = userType.parse(answer(parts), [user('deploy', 'password')]);
    assert.deepEqual(seen, { ref: user('deploy', 'password'), value: deploy });
  });

  it('says why it knows nothing where getent is missing', () => {
    const seen = userType.parse(answer({ status: '127\n' }, { stderr: Buffer.from('sh: getent: not found\n') }), [
      user('a'),
    ]);
    assert.deepEqual(seen, [{ ref: user('a'), error: 'sh: getent: not found' }]);
  });

  it('never throws, whatever a host answers', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const line = fc.oneof(
      fc.string(),
      fc.array(fc.string(), { maxLength: 9 }).map((f) => f.join(':')),
    );
    const part = fc.oneof(
      bytes,
      fc.array(line, { maxLength: 5 }).map((l) => Buffer.from(l.join('\n'))),
    );
    const names = ['status', 'passwd', 'homes', 'group', 'shadow', 'files', 'all', 'lines'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), part), fc.boolean(), (hostile, fine) => {
        const said = answer({ ...(hostile as Record<string, Uint8Array>), ...(fine && { status: '0\n' }) });
        const users = [user('deploy', 'password', 'ageing', 'local'), user('0')];
        assert.equal(userType.parse(said, users).length, 2);
        assert.equal(groupType.parse(said, [group('ops', 'local')]).length, 1);
        assert.equal(accountDefaultsType.parse(said, [accountDefaults()]).length, 1);
      }),
    );
  });

  for (const shell of SHELLS) {
    it(`works on this machine with ${shell}`, () => {
      const refs = [user('root', 'password', 'ageing', 'local'), user('no-such-user')];
      const [root, none] = userType.parse(run(userType.collect(refs), shell), refs);
      assert.deepEqual(none, { ref: refs[1], value: null });
      assert.ok(root !== undefined && 'value' in root);
      const value = root.value as UserValue;
      assert.equal(value.uid, 0);
      assert.equal(value.group, 'root');
      assert.equal(value.homeExists, true);
      assert.equal(value.local, true);
      if (process.getuid?.() === 0) assert.equal(typeof value.locked, 'boolean');
    });

    it(`finds groups and defaults on this machine with ${shell}`, () => {
      const refs = [group('root', 'local'), group('0'), group('no-such-group')];
      const seen = groupType.parse(run(groupType.collect(refs), shell), refs);
      const root = { name: 'root', gid: 0 };
      assert.deepEqual(
        seen.map((s) => ('value' in s ? s.value : s)),
        [{ ...root, local: true }, root, null],
      );
      const [defaults] = accountDefaultsType.parse(run(accountDefaultsType.collect([accountDefaults()]), shell), [
        accountDefaults(),
      ]);
      assert.ok(defaults !== undefined && 'value' in defaults);
      assert.match((defaults.value as { home: string }).home, /^\//);
    });
  }
});

describe('what useradd does by itself', () => {
  const defaults = (text: string) => {
    const [seen] = accountDefaultsType.parse(answer({ lines: text, group: GROUP.replace('adm:x:4', 'users:x:100') }), [
      accountDefaults(),
    ]);
    return seen !== undefined && 'value' in seen ? seen.value : undefined;
  };

  it('is read from its two files', () => {
    assert.deepEqual(defaults('GROUP=1002\nHOME=/srv/home\nSHELL=/bin/bash\nUSERGROUPS_ENAB no\n'), {
      group: 'ops',
      home: '/srv/home',
      shell: '/bin/bash',
      userGroups: false,
    });
  });

  it('is what is built in where they are silent', () => {
    assert.deepEqual(defaults('SHELL=\n'), { group: 'users', home: '/home', shell: '/bin/sh', userGroups: true });
  });
});

const change = (before: UserValue | null, after: UserValue | null, options: ChangeOptions = {}): Change<UserValue> => ({
  ref: user((after ?? before)?.name ?? ''),
  before,
  after,
  options,
});
const program = (...args: Parameters<typeof change>) => userType.transition([change(...args)]).text;

describe('changing users', () => {
  const fresh: UserValue = {
    name: 'deploy',
    group: 'ops',
    groups: ['adm'],
    comment: '',
    home: '/home/deploy',
    homeExists: true,
    shell: '/bin/bash',
  };

  it('makes a user with useradd', () => {
    assert.equal(
      program(null, fresh),
      "mkdir -p -- /home && useradd -g ops -G adm -c '' -d /home/deploy -s /bin/bash -m deploy",
    );
  });

  it('makes the group of the same name with the user unless it is there', () => {
    assert.equal(
      program(null, { name: 'x', group: 'x' }, { system: true }),
      'if getent group -- x >/dev/null; then useradd -g x -r -M x; else useradd -U -r -M x; fi',
    );
  });

  it('hands the hash over on standard input', () => {
    assert.equal(
      program(null, { name: 'x', password: '$6$a$b', locked: true }),
      "useradd -M x && printf '%s\n' 'x:!$6$a$b' | chpasswd -e",
    );
    assert.equal(
      program({ ...deploy, password: 'old', locked: true }, { ...deploy, password: '$6$a$b', locked: false }),
      "printf '%s\n' 'deploy:$6$a$b' | chpasswd -e",
    );
  });

  it('changes only what differs', () => {
    assert.equal(
      program(deploy, { ...deploy, shell: '/bin/zsh', comment: "it's $HOME" }),
      "usermod -c 'it'\\''s $HOME' -s /bin/zsh deploy",
    );
    assert.equal(
      program(deploy, { ...deploy, uid: 5, group: 'adm' }, { nonUnique: true }),
      "usermod -u '5' -o -g adm deploy",
    );
    assert.equal(
      program(deploy, { ...deploy, home: '/srv/d' }, { moveHome: true })
        .split('\n')[0]
        ?.split(' && ')[0],
      'usermod -d /srv/d -m deploy',
    );
  });

  it('adds to groups without touching the others, and replaces the list only to remove', () => {
    assert.equal(program(deploy, { ...deploy, groups: ['adm', 'ops', 'sudo'] }), 'usermod -a -G ops deploy');
    assert.equal(program(deploy, { ...deploy, groups: ['adm', 'ops'] }), 'usermod -G adm,ops deploy');
    assert.equal(program(deploy, { ...deploy, groups: [] }), "usermod -G '' deploy");
  });

  it('locks, unlocks and ages', () => {
    const known = { ...deploy, password: 'h', locked: false, expires: null, minDays: 0, maxDays: 99999 };
    assert.equal(program(known, { ...known, locked: true }), 'usermod -L deploy');
    assert.equal(program({ ...known, locked: true }, known), 'usermod -U deploy');
    assert.equal(program(known, { ...known, expires: 20000, maxDays: 90 }), "chage -E '20000' -M '90' deploy");
    assert.equal(program({ ...known, expires: 1 }, known), 'chage -E -1 deploy');
  });

  it('removes', () => {
    assert.equal(program(deploy, null), 'userdel deploy');
    assert.equal(program(deploy, null, { removeHome: true, force: true }), 'userdel -f -r deploy');
  });

  it('writes programs that shellcheck passes', () => {
    const { homeExists: _, ...homeless } = deploy;
    const all = {
      ...deploy,
      password: 'h',
      locked: true,
      expires: 1,
      minDays: 1,
      maxDays: 1,
      warnDays: 1,
      inactiveDays: 1,
    };
    assert.equal(
      shellcheck({
        look: userType.collect([user('a b', 'password', 'local'), user("it's")]),
        defaults: accountDefaultsType.collect([accountDefaults()]),
        groups: groupType.collect([group('a'), group('b', 'local')]),
        create: userType.transition([change(null, { ...all, group: 'deploy' }, { skeleton: '/x y', umask: '077' })]),
        unhome: userType.transition([change(deploy, { ...deploy, homeExists: false })]),
        home: userType.transition([
          change({ ...homeless, homeExists: false }, deploy),
          change({ ...deploy, homeExists: false }, deploy, { umask: '027' }),
        ]),
      }),
      '',
    );
  });
});

describe('what a change of a user touches', () => {
  const path = (id: string) => ({ type: { ...userType, name: 'path' } as never, id, aspects: [] });
  const touches = (c: Change<UserValue>, id: string) => userType.affects?.(c, path(id), null);

  it('is the home where that is made, moved, removed or given away', () => {
    assert.equal(touches(change(null, deploy), '/home/deploy/.ssh'), true);
    assert.equal(touches(change(null, deploy), '/home/deployer'), false);
    assert.equal(touches(change(deploy, { ...deploy, shell: '/bin/sh' }), '/home/deploy'), false);
    assert.equal(touches(change(deploy, { ...deploy, uid: 7 }), '/home/deploy/x'), true);
    assert.equal(touches(change(deploy, null), '/home/deploy'), false);
    assert.equal(touches(change(deploy, null, { removeHome: true }), '/home/deploy'), true);
  });

  it('is the account files and the group that comes and goes with the user', () => {
    assert.equal(touches(change(deploy, { ...deploy, shell: '/bin/sh' }), '/etc/passwd'), true);
    assert.equal(userType.affects?.(change(null, deploy), group('deploy'), null), true);
    assert.equal(userType.affects?.(change(null, deploy), group('ops'), null), false);
  });
});

describe('showing users', () => {
  it('never shows a password', () => {
    const known = { ...deploy, password: 'SECRET-OLD', locked: false };
    for (const c of [
      change(null, { ...known, password: 'SECRET-NEW' }),
      change(known, { ...known, password: 'SECRET-NEW' }),
      change(known, null),
    ]) {
      assert.ok(!JSON.stringify(userType.describe(c)).includes('SECRET'));
    }
    assert.deepEqual(userType.describe(change(known, { ...known, password: 'new' })).attributes, [
      { name: 'password', before: '(hidden)', after: '(hidden, new)' },
    ]);
  });

  it('shows nothing that is empty of a user who comes or goes, and what becomes of the home', () => {
    const plainUser = { name: 'x', groups: [], comment: '', home: '/home/x', homeExists: true };
    const home = { name: 'home', before: undefined, after: '/home/x' };
    assert.deepEqual(userType.describe(change(null, plainUser)).attributes, [
      { name: 'uid', before: undefined, after: 'next free' },
      home,
      { name: 'home directory', before: undefined, after: 'there' },
    ]);
    const gone = (options: ChangeOptions) => userType.describe(change(plainUser, null, options)).attributes.at(-1);
    assert.deepEqual(gone({}), { name: 'home directory', before: 'there', after: 'stays' });
    assert.equal(gone({ removeHome: true })?.after, 'removed with all that is in it');
  });

  it('shows dates as dates', () => {
    const diff = userType.describe(change({ ...deploy, expires: null }, { ...deploy, expires: 19783 }));
    assert.deepEqual(diff.attributes, [{ name: 'expires', before: 'never', after: '2024-03-01' }]);
  });
});

describe('changing groups', () => {
  const ops: GroupValue = { name: 'ops', gid: 1002 };
  const groupProgram = (before: GroupValue | null, after: GroupValue | null, options: ChangeOptions = {}) =>
    groupType.transition([{ ref: group('ops'), before, after, options }]).text.replace(/ +/g, ' ');

  it('uses groupadd, groupmod and groupdel', () => {
    assert.equal(groupProgram(null, { name: 'ops' }, { system: true }), 'groupadd -r ops');
    assert.equal(groupProgram(null, ops, { nonUnique: true }), "groupadd -g '1002' -o ops");
    assert.equal(groupProgram(ops, { ...ops, gid: 5 }), "groupmod -g '5' ops");
    assert.equal(groupProgram(ops, null, { force: true }), 'groupdel -f ops');
  });

  it('puts users of a group that goes in doubt', () => {
    const gone: Change<GroupValue> = { ref: group('ops'), before: ops, after: null, options: {} };
    assert.equal(groupType.affects?.(gone, user('deploy'), deploy), true);
    assert.equal(groupType.affects?.(gone, user('root'), { ...deploy, group: 'root' }), false);
    assert.equal(keyOf(gone.ref), 'group:ops');
  });
});
