import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findHost } from '../../engine/inventory/find_host.ts';
import type { Inventory } from '../../engine/inventory/inventory.ts';
import { loadInventory } from '../../engine/inventory/load_inventory.ts';
import { magicVariables } from '../../engine/inventory/magic.ts';
import { told } from './diagnostics.ts';
import { type Files, writeFiles } from './files.ts';
import { variablesOf } from './variables.ts';

function load(files: Files, sources: readonly string[], playbookDirs: readonly string[] = []) {
  const root = writeFiles(files);
  const place = (path: string): string => (path.includes(',') ? path : join(root, path));
  const result = loadInventory(sources.map(place), { playbookDirs: playbookDirs.map(place) });
  return { root, result };
}

function loaded(files: Files, sources: readonly string[], playbookDirs: readonly string[] = []) {
  const { root, result } = load(files, sources, playbookDirs);
  assert.ok(result.ok, told(result).join('\n'));
  return { root, inventory: result.value, warnings: told(result) };
}

function originsOf(inventory: Inventory, host: string, root: string): readonly string[] {
  return (findHost(inventory, host)?.layers ?? []).map(({ origin }) => origin.replace(`${root}/`, ''));
}

describe('loadInventory', () => {
  it('puts the layers of a host in the order of precedence, and names where each comes from', () => {
    const { inventory, root } = loaded(
      {
        'inv/hosts.ini': 'h a=1\n[web]\nh\n[all:vars]\nb=1\n[web:vars]\nc=1\n',
        'inv/more.ini': 'h a=2\n[web:vars]\nc=2\n',
        'inv/group_vars/all.yml': 'd: 1\n',
        'inv/group_vars/web/one.yml': 'e: 1\n',
        'inv/group_vars/web/two.yml': 'e: 2\n',
        'inv/host_vars/h.yml': 'f: 1\n',
        'book/group_vars/all.yml': 'd: 2\n',
        'book/group_vars/web.yml': 'e: 3\n',
        'book/host_vars/h.yml': 'f: 2\n',
      },
      ['inv/hosts.ini', 'inv/more.ini'],
      ['book'],
    );
    assert.deepEqual(originsOf(inventory, 'h', root), [
      'inv/hosts.ini, group all',
      'inv/hosts.ini, group web',
      'inv/more.ini, group web',
      'inv/group_vars/all.yml',
      'book/group_vars/all.yml',
      'inv/group_vars/web/one.yml',
      'inv/group_vars/web/two.yml',
      'book/group_vars/web.yml',
      'inv/hosts.ini, host h',
      'inv/more.ini, host h',
      'inv/host_vars/h.yml',
      'book/host_vars/h.yml',
    ]);
    assert.deepEqual(variablesOf(inventory.hosts.get('h')), { a: 2, b: 1, c: 2, d: 2, e: 3, f: 2 });
  });

  it('reads a directory once that is the inventory`s and the playbook`s', () => {
    const files = { 'x/hosts': 'h\n', 'x/group_vars/all.yml': 'a: 1\n', 'x/host_vars/h.yml': 'b: 1\n' };
    const { inventory, root } = loaded(files, ['x/hosts', 'x/hosts'], ['x', 'x']);
    assert.deepEqual(originsOf(inventory, 'h', root), ['x/group_vars/all.yml', 'x/host_vars/h.yml']);
  });

  it('gives the implicit localhost the variables of all and its own host_vars', () => {
    const files = { hosts: 'h\n', 'group_vars/all.yml': 'a: 1\n', 'host_vars/localhost.yml': 'b: 1\n' };
    const { inventory } = loaded(files, ['hosts']);
    assert.deepEqual(variablesOf(findHost(inventory, 'localhost')), { a: 1, ansible_connection: 'local', b: 1 });
    assert.ok(!inventory.hosts.has('localhost'), 'localhost is implicit');
    assert.equal(findHost(inventory, '::1')?.name, '::1');
    assert.equal(findHost(inventory, 'other'), undefined);
  });

  it('takes a host of the inventory for localhost where it has one', () => {
    const { inventory } = loaded({ hosts: '127.0.0.1 ansible_port=22\n' }, ['hosts']);
    assert.equal(findHost(inventory, 'localhost')?.name, '127.0.0.1');
    assert.deepEqual(variablesOf(findHost(inventory, 'localhost')), { ansible_port: 22 });
  });

  it('says which files it leaves out', () => {
    const { warnings, root } = loaded(
      {
        'inv/a.yml': 'all: {hosts: {h: }}\n',
        'inv/b.ini': 'x\n',
        'inv/group_vars/all.yml': '',
        'inv/group_vars/all.json': '{}',
        'inv/host_vars': 'a file\n',
        'inv/group_vars/web.yml': 'ansible_group_priority: 2\n',
        'inv/c': '[web]\nh\n',
      },
      ['inv'],
    );
    assert.deepEqual(warnings, [
      `warning: ${root}/inv/b.ini is not read: Ansible leaves .ini files out of an inventory directory | Drop the extension, or name the file itself with \`-i\`.`,
      `warning: ${root}/inv/group_vars/all.json is not read, because ${root}/inv/group_vars/all.yml is there | Ansible reads only the first of NAME (a file or a directory), NAME.yml, NAME.yaml and NAME.json.`,
      '1:25 warning: `ansible_group_priority` has no effect in group_vars | Set it in the inventory file, among the variables of the group.',
      `warning: ${root}/inv/host_vars is not a directory, so nothing is read from it`,
    ]);
  });

  it('tells mistakes in group_vars together with those of the inventory', () => {
    const { result } = load({ hosts: '[web:vrs]\nh\n', 'group_vars/all.yml': 'a: [\n' }, ['hosts']);
    assert.equal(told(result).length, 2);
  });

  it('does not follow a directory into itself', () => {
    const root = writeFiles({ 'inv/a': 'h\n', 'inv/group_vars/all/x.yml': 'a: 1\n' });
    symlinkSync('..', join(root, 'inv/sub'));
    symlinkSync('..', join(root, 'inv/group_vars/all/sub'));
    const result = loadInventory([join(root, 'inv')], { playbookDirs: [] });
    assert.ok(!result.ok, 'is refused');
    assert.match(told(result).join('\n'), /link to a directory that it stands in/);
  });

  it('reads an empty directory as an empty inventory', () => {
    const root = writeFiles({});
    mkdirSync(join(root, 'inv'));
    const result = loadInventory([join(root, 'inv')], { playbookDirs: [] });
    assert.deepEqual(told(result), [`warning: the inventory ${root}/inv names no hosts`]);
  });

  it('reads a list of hosts that is longer than a file name can be', () => {
    const list = Array.from({ length: 200 }, (_, i) => `host${i}.example.com`).join(',');
    const { inventory } = loaded({}, [list]);
    assert.equal(inventory.hosts.size, 200);
    assert.deepEqual(magicVariables(inventory, 'host7.example.com').inventory_dir, null);
  });

  it('tells a file without an extension by its first line', () => {
    const kinds = {
      yaml: '# c\n\nall:\n  hosts: {a: }\n',
      dashes: '---\nall: {hosts: {a: }}\n',
      json: '{"all": {"hosts": {"a": {}}}}',
    };
    const ini = { ini: '[all]\na\n', port: 'a:22\n', plain: '; x\na\n', six: '[2001:db8::1]:22\na\n' };
    for (const name of Object.keys({ ...kinds, ...ini })) {
      assert.ok(loaded({ ...kinds, ...ini }, [name]).inventory.hosts.has('a'), name);
    }
  });

  it('reads 5,000 hosts in 200 groups in well under a second', () => {
    const groups = Array.from({ length: 200 }, (_, g) => {
      const hosts = Array.from(
        { length: 50 },
        (_, h) => `host-${(g * 25 + h) % 5000}.example.com ansible_port=22 rack=${h}`,
      );
      return `[group${g}]\n${hosts.join('\n')}\n[group${g}:vars]\nnumber=${g}\ntext="{{ number }}"\n`;
    });
    const children = `[half:children]\n${Array.from({ length: 100 }, (_, g) => `group${g}`).join('\n')}\n`;
    const started = process.cpuUsage();
    const { inventory } = loaded({ hosts: groups.join('') + children, 'group_vars/all.yml': 'a: 1\n' }, ['hosts']);
    magicVariables(inventory, 'host-1.example.com');
    const used = process.cpuUsage(started);
    assert.equal(inventory.hosts.size, 5000);
    // Processor time: other tests run beside this one. Alone it takes a quarter of that.
    assert.ok(used.user + used.system < 2_000_000, `${(used.user + used.system) / 1000} ms`);
  });
});

describe('magicVariables', () => {
  it('tells what the inventory knows of a host', () => {
    const { inventory, root } = loaded({ hosts: '[web]\na.example.com\n192.0.2.1\n[top:children]\nweb\n' }, ['hosts']);
    assert.deepEqual(magicVariables(inventory, 'a.example.com'), {
      inventory_hostname: 'a.example.com',
      inventory_hostname_short: 'a',
      group_names: ['top', 'web'],
      groups: {
        all: ['a.example.com', '192.0.2.1'],
        ungrouped: [],
        web: ['a.example.com', '192.0.2.1'],
        top: ['a.example.com', '192.0.2.1'],
      },
      inventory_file: join(root, 'hosts'),
      inventory_dir: root,
    });
    assert.equal(magicVariables(inventory, '192.0.2.1').inventory_hostname_short, '192.0.2.1');
    assert.ok(!('inventory_file' in magicVariables(inventory, 'localhost')));
  });
});
