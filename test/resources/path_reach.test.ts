import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Change, Ref } from '../../engine/planning/contracts.ts';
import { path, pathType } from '../../engine/resources/path.ts';
import { normalPath, type PathValue, samePath } from '../../engine/resources/path_value.ts';
import { tree } from '../../engine/resources/tree.ts';
import { fillPath } from '../cases/path_values.ts';

const value = (short: Record<string, unknown>) => fillPath('/x', short, false) as PathValue;
const file = (text: string, more: Record<string, unknown> = {}) => value({ text, ...more });
const directory = value({ kind: 'directory' });
const link = (target: string, resolved: string) => value({ target, resolved });

function change(id: string, before: PathValue | null, after: PathValue | null, options = {}): Change<PathValue> {
  return { ref: path(id), before, after, options };
}

function affects(made: Change<PathValue>, other: Ref<never>, known: unknown): boolean {
  return pathType.affects?.(made, other as Ref, known) === true;
}

describe('what a change of a path makes uncertain', () => {
  const other = (id: string) => path(id) as Ref<never>;
  it('is what is below it, where something else comes or goes', () => {
    assert.equal(affects(change('/a', directory, null), other('/a/b'), file('x')), true);
    assert.equal(affects(change('/a', null, link('/b', '/b')), other('/a/b'), null), true);
    assert.equal(affects(change('/a', link('/b', '/b'), link('/c', '/c')), other('/a/b'), file('x')), true);
    assert.equal(
      affects(change('/a', directory, { ...directory, mode: 0o700 } as PathValue), other('/a/b'), file('x')),
      false,
    );
    assert.equal(affects(change('/a', directory, null), other('/ab'), file('x')), false);
  });

  it('is nothing below a new directory, which is empty', () => {
    assert.equal(affects(change('/a', null, directory), other('/a/b'), null), false);
  });

  it('is another name of the same file', () => {
    const one = file('x', { inode: 5 });
    assert.equal(affects(change('/a', one, file('y')), other('/b'), file('x', { inode: 5 })), true);
    assert.equal(affects(change('/a', one, file('y')), other('/b'), file('x', { inode: 6 })), false);
  });

  it('is the file that gets another name', () => {
    const hard = { ...file('x'), hard: '/b' } as PathValue;
    assert.equal(affects(change('/a', null, hard), other('/b'), file('x')), true);
    assert.equal(affects(change('/a', null, hard), other('/c'), file('x')), false);
  });

  it('is a link that leads through it', () => {
    assert.equal(affects(change('/a', link('/b', '/b'), null), other('/l'), link('a/x', '/a/x')), true);
  });

  it('is the tree it stands in, or that it is the top of', () => {
    const trees = tree('/a') as Ref<never>;
    assert.equal(affects(change('/a/b/c', null, file('x')), trees, { entries: [], unnamed: [] }), true);
    assert.equal(affects(change('/a', directory, null), trees, { entries: [], unnamed: [] }), true);
    assert.equal(affects(change('/a', null, directory), trees, null), false);
    assert.equal(affects(change('/b', null, file('x')), trees, { entries: [], unnamed: [] }), false);
  });

  it('is what other resources read from it', () => {
    const named = (name: string) => ({ ...path('/x'), type: { ...pathType, name } }) as unknown as Ref<never>;
    const changed = (id: string) => change(id, file('a'), file('b'));
    assert.equal(affects(changed('/etc/passwd'), named('user'), null), true);
    assert.equal(affects(changed('/etc/systemd/system/x.service'), named('unit'), null), true);
    assert.equal(affects(changed('/etc/motd'), named('user'), null), false);
  });
});

it('knows what decides who gets in', () => {
  const yes =
    '/etc/ssh/sshd_config /etc/ssh/sshd_config.d/00-x.conf /etc/sudoers /etc/sudoers.d/x /etc/pam.d/sshd /etc/passwd /etc/shadow /home/x/.ssh/authorized_keys /home/x/.ssh /root/.ssh/authorized_keys /etc/netplan/1.yaml /etc/network/interfaces /etc/systemd/network/a.network /etc/nftables.conf /etc/ufw/user.rules /etc/hosts.deny /etc/nsswitch.conf /etc/shells /etc/security/access.conf /home/deploy /root /etc / /etc/systemd/system/ssh.service /usr/sbin/sshd';
  const no =
    '/etc/motd /etc/issue.net /etc/cron.d/x /srv/app /home/deploy/app /etc/sysctl.d/60-x.conf /etc/sshfoo /opt/etc/ssh/x /etc/login.defs';
  assert.deepEqual(
    yes.split(' ').filter((id) => pathType.access?.(id) !== true),
    [],
  );
  assert.deepEqual(
    no.split(' ').filter((id) => pathType.access?.(id) === true),
    [],
  );
});

it('names a path in one way', () => {
  const names = { '/a//b/': '/a/b', '/./a/.': '/a', '//': '/', '/a/../b': '/a/../b', a: 'a', '': '' };
  for (const [given, id] of Object.entries(names)) assert.equal(normalPath(given), id);
});

describe('how a change of a path looks', () => {
  const describeOf = (made: Change<PathValue>) => pathType.describe(made);

  it('shows text, before and after', () => {
    const diff = describeOf(change('/etc/motd', file('a\n', { mode: '0600' }), file('b\n')));
    assert.deepEqual(diff, {
      title: 'file /etc/motd',
      action: 'change',
      attributes: [{ name: 'mode', before: '0600', after: '0644' }],
      content: { kind: 'text', before: 'a\n', after: 'b\n' },
    });
  });

  it('shows what is made and what is removed', () => {
    const made = describeOf(change('/a', null, file('x')));
    assert.equal(made.action, 'create');
    assert.deepEqual(
      made.attributes.map((a) => [a.name, a.before, a.after]),
      [
        ['kind', undefined, 'file'],
        ['mode', undefined, '0644'],
        ['owner', undefined, 'root'],
        ['group', undefined, 'root'],
      ],
    );
    const removed = describeOf(change('/a', directory, null, { recursive: true, entries: 3 }));
    assert.deepEqual(removed.attributes.at(-1), { name: 'holds', before: '3 files and directories', after: undefined });
  });

  it('shows bytes by size and hash', () => {
    const diff = describeOf(
      change('/a', value({ base64: 'AP8=' }), value({ sha256: 'ab'.repeat(32), size: 3_000_000 })),
    );
    assert.deepEqual(diff.content, {
      kind: 'opaque',
      before: '2 bytes, sha256 06eb7d6a69ee',
      after: '2.9 MiB, sha256 abababababab',
    });
  });

  it('shows text with a NUL as bytes, and does not claim to know what was not read', () => {
    const nul = describeOf(change('/a', file('a'), file('a\0')));
    assert.equal(nul.content?.kind, 'opaque');
    const { content: _unread, ...unread } = file('a') as PathValue & { content: unknown };
    const diff = describeOf(change('/a', unread as PathValue, file('b')));
    assert.deepEqual(diff.content, { kind: 'opaque', before: undefined, after: '1 bytes, sha256 3e23e8160039' });
  });

  it('shows one kind in place of another', () => {
    const diff = describeOf(change('/a', file('a'), link('/b', '/b')));
    assert.deepEqual(diff.attributes.slice(0, 3), [
      { name: 'kind', before: 'file', after: 'link' },
      { name: 'target', before: undefined, after: '/b' },
      { name: 'mode', before: '0644', after: undefined },
    ]);
    assert.deepEqual(diff.content, { kind: 'text', before: 'a', after: '' });
  });

  it('leaves out what the wish leaves open', () => {
    const { owner: _o, group: _g, ...open } = file('b') as PathValue & { owner: unknown; group: unknown };
    assert.deepEqual(describeOf(change('/a', file('a'), open as PathValue)).attributes, []);
  });
});

it('compares what was observed with what was wanted', () => {
  const seen = file('x', { owner: 'app' });
  assert.equal(samePath(seen, { ...seen, owner: '1000' } as PathValue), true);
  assert.equal(samePath(seen, { ...seen, owner: '1001' } as PathValue), false);
  assert.equal(samePath(seen, directory), false);
  assert.equal(samePath(null, seen), false);
  assert.equal(samePath(null, null), true);
});
