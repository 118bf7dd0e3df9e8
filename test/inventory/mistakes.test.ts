import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createDraft } from '../../engine/inventory/draft.ts';
import { loadInventory } from '../../engine/inventory/load_inventory.ts';
import { readIni } from '../../engine/inventory/read_ini.ts';
import { readYaml } from '../../engine/inventory/read_yaml.ts';
import { printDiagnostics } from '../../engine/language/print_diagnostics.ts';
import { createSecrets } from '../../engine/secrets/secrets.ts';
import { told } from './diagnostics.ts';
import { type Files, writeFiles } from './files.ts';

/** File name, text, what is said about it. */
const MISTAKES: readonly (readonly [string, string, string, readonly string[]])[] = [
  [
    'a group that contains itself, over two others',
    'h.ini',
    '[a:children]\nb\n[b:children]\nc\n[c:children]\na\n',
    ['6:1 the group `c` would contain itself: `c` > `a` > `b` > `c`'],
  ],
  ['a group in itself', 'h.ini', '[a:children]\na\n', ['2:1 the group `a` would contain itself: `a` > `a`']],
  [
    'a loop in YAML',
    'h.yml',
    'a:\n  children:\n    b:\n      children:\n        a:\n',
    ['3:5 the group `a` would contain itself: `a` > `b` > `a`'],
  ],
  [
    'all as a child',
    'h.yml',
    'a:\n  children:\n    all:\n',
    ['3:5 `all` cannot be the child of a group: it holds every group'],
  ],
  [
    'a child that is not there',
    'h.ini',
    '[web]\nh\n[prod:children]\nwbe\n',
    ['4:1 there is no group `wbe` | Did you mean `web`?'],
  ],
  [
    'a child that nothing is near to',
    'h.ini',
    '[web]\nh\n[prod:children]\ndatabases\n',
    ['4:1 there is no group `databases` | Define it: `[databases]`.'],
  ],
  [
    'a host among the children',
    'h.ini',
    '[web]\nhost1\n[prod:children]\nhost1\n',
    [
      '4:1 `host1` is a host, and the children of a group are groups | List hosts under `[group]`, without `:children`.',
    ],
  ],
  [
    'variables of an unknown group',
    'h.ini',
    '[webs]\nh\n[web:vars]\na=1\n',
    ['3:1 `[web:vars]` sets variables of a group that is not defined | Did you mean `webs`?'],
  ],
  [
    'an unknown kind of section',
    'h.ini',
    '[web:childen]\nh\n',
    ['1:1 `:childen` is no kind of section: expected `:children` or `:vars` | Did you mean `children`?'],
  ],
  [
    'a section with a blank',
    'h.ini',
    '[my web]\nh\n',
    ['1:1 this is not a section: expected `[group]`, `[group:children]` or `[group:vars]`, no blanks'],
  ],
  [
    'variables without a host',
    'h.ini',
    '[web]\nansible_user=root\n',
    ['2:1 expected a host before its variables | Variables of a group stand under `[web:vars]`.'],
  ],
  [
    'two hosts on a line',
    'h.ini',
    'web1 web2\n',
    ['1:6 expected `name=value` behind a host | One host a line; a value with blanks needs quotes: `name="a b"`.'],
  ],
  [
    'a quote that stays open',
    'h.ini',
    'web1 a="b\n',
    ['1:8 this host line has a quote " that is never closed | Quote a value that holds blanks or quotes.'],
  ],
  ['a variable without a value', 'h.ini', '[all:vars]\nhttp_port\n', ['2:1 expected `name=value` under `[all:vars]`']],
  [
    'YAML in an INI file',
    'h.ini',
    '---\nall:\n',
    [
      '1:1 `---` is no host | This looks like YAML: give the file the extension .yml.',
      '2:1 a host name cannot end in `:`, which comes before a port',
    ],
  ],
  [
    'an unknown section of a group',
    'h.yml',
    'all:\n  host:\n    a:\n',
    ['2:3 `host` is no part of a group | Did you mean `hosts`?'],
  ],
  [
    'a group beside hosts',
    'h.yml',
    'all:\n  web:\n    hosts: {a: }\n',
    [
      '2:3 `web` is no part of a group | A group has `hosts:`, `vars:` and `children:`; a group in it stands under `children:`.',
    ],
  ],
  [
    'a variable beside hosts',
    'h.yml',
    'all:\n  ansible_user: root\n',
    [
      '2:3 `ansible_user` is no part of a group | A group has `hosts:`, `vars:` and `children:`; a variable stands under `vars:`.',
    ],
  ],
  [
    'hosts as a list',
    'h.yml',
    'all:\n  hosts:\n    - a\n',
    ['3:5 `hosts` of the group `all` must be a map | Write `name:` a line, without the `-` and with a colon.'],
  ],
  [
    'a host with an address for variables',
    'h.yml',
    'all:\n  hosts:\n    a: 192.0.2.1\n',
    ['3:8 the variables of the host `a` must be a map | Variables stand below it, such as `ansible_host: 192.0.2.1`.'],
  ],
  [
    'hosts at the top',
    'h.yml',
    'hosts:\n  a:\n',
    ['1:1 `hosts` belongs to a group | Put it under `all:`, one level further in.'],
  ],
  [
    'a playbook',
    'h.yml',
    '- hosts: all\n  tasks: []\n',
    ['1:1 an inventory is a map of groups | This looks like a playbook; an inventory starts with `all:`.'],
  ],
  [
    'an inventory plugin',
    'h.yml',
    'plugin: amazon.aws.aws_ec2\n',
    [
      '1:1 inventory plugins are not supported | Save what the plugin gives: `ansible-inventory -i FILE --list --yaml > inventory.yml`.',
    ],
  ],
  [
    'a group that is a list',
    'h.yml',
    'web: [a, b]\n',
    ['1:1 the group `web` must be a map | A group has `hosts:`, `vars:` and `children:`.'],
  ],
  [
    'a priority that is no number',
    'h.ini',
    '[web]\nh\n[web:vars]\nansible_group_priority=high\n',
    ['4:24 `ansible_group_priority` must be a whole number'],
  ],
  ['a range out of bounds', 'h.yml', 'all: {hosts: {"h[1:200000]": }}\n', ['1:15 this names more than 100000 hosts']],
  [
    'a script',
    'hosts.sh',
    '#!/bin/sh\necho {}\n',
    [
      '1:1 this is an inventory script, and scripts are not run | Save what it gives: `ansible-inventory -i SCRIPT --list --yaml > inventory.yml`.',
    ],
  ],
];

/** File name, text, what is said though it is read. */
const WARNINGS: readonly (readonly [string, string, string, readonly string[]])[] = [
  [
    'a comment in the middle of a word',
    'h.ini',
    'h ansible_password=abc#def\n',
    [
      '1:23 warning: everything from this `#` on is a comment, though it stands in the middle of a word | Quote the value if the `#` belongs to it, or put a blank before the comment.',
    ],
  ],
  [
    'a comment that becomes part of a value',
    'h.ini',
    'h\n[all:vars]\nname=some text # note\n',
    ['3:16 warning: in a `:vars` section this belongs to the value: a comment needs a line of its own'],
  ],
  [
    'a host and a group of one name',
    'h.ini',
    '[web]\nweb\n',
    ['2:1 warning: `web` is the name of a host and of a group | Rename one of the two.'],
  ],
];

function load(name: string, text: string) {
  const root = writeFiles({ [name]: text });
  return { result: loadInventory([join(root, name)], { playbookDirs: [] }), root };
}

describe('mistakes in an inventory', () => {
  for (const [title, name, text, expected] of MISTAKES) {
    it(title, () => {
      const { result } = load(name, text);
      assert.ok(!result.ok, 'is refused');
      assert.deepEqual(told(result), expected);
    });
  }
  for (const [title, name, text, expected] of WARNINGS) {
    it(`${title}, as a warning`, () => {
      const { result } = load(name, text);
      assert.ok(result.ok, told(result).join());
      assert.deepEqual(told(result), expected);
    });
  }
  it('tells all of them at once', () => {
    const { result } = load('h.ini', '[a:x]\n[b:children]\nc\nd\n[e:vars]\nf=1\n');
    assert.equal(told(result).length, 4);
  });
  it('says that an inventory is empty, and goes on', () => {
    for (const [name, text] of [
      ['h.yml', ''],
      ['h.ini', '# nothing\n'],
      ['h.yml', '---\n'],
      ['h.yml', 'web:\n'],
    ] as const) {
      const { result, root } = load(name, text);
      assert.ok(result.ok, told(result).join());
      assert.deepEqual(told(result), [`warning: the inventory ${join(root, name)} names no hosts`]);
    }
  });
  it('says that there is no such inventory', () => {
    const root = writeFiles({ 'production.yml': 'all: {hosts: {a: }}\n' });
    const result = loadInventory([join(root, 'prodcution.yml')], { playbookDirs: [] });
    assert.deepEqual(told(result), [`there is no file ${root}/prodcution.yml | Did you mean \`production.yml\`?`]);
  });
  it('refuses a range in a list of hosts', () => {
    assert.match(
      told(loadInventory(['a,b[1:2],'], { playbookDirs: [] })).join(),
      /1:3 `b\[1:2\]` is neither .* Ranges/,
    );
  });
});

const SECRET = 'hunter2-"quoted"';
const PLAIN = 'hunter2';

describe('secrets of an inventory are never printed', () => {
  /** Each has a mistake on, or beside, the line of a secret. */
  const files: Files = {
    'a.ini': `h ansible_port=1 ansible_password=${PLAIN} oops\n`,
    'b.ini': `h ansible_become_pass='${PLAIN} ${PLAIN}\n`,
    'c.ini': `h ansible_password=${PLAIN} ansible_host={{ bad\n[x:y]\n`,
    'd.ini': `[all:vars]\nansible_ssh_pass ${PLAIN}\nmy_secret={{ ${PLAIN}\n[q:vars]\n`,
    'e.yml': `all: {hosts: {a: {ansible_password: ${PLAIN}, x: "{{ bad"}}}\n`,
    'f.yml': `all:\n  vars:\n    db_password: !!int ${PLAIN}\n`,
    'g.yml': `all:\n  vars:\n    api_token: ${PLAIN}\n    api_token: ${PLAIN}\n`,
    'h.yml': `all:\n  vars:\n    vault_pass: |\n      ${PLAIN}\n\tx\n`,
    'i.yml': `all:\n  vars:\n    ansible_password: "${PLAIN}\n`,
    'j.ini': `h ansible_password=${JSON.stringify(SECRET)} more\n`,
    'k.ini': `h ansible_password=ab#${PLAIN} ansible_user=x\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    it(`in ${name}`, () => {
      const { result } = load(name, text);
      const diagnostics = result.ok ? (result.warnings ?? []) : result.diagnostics;
      assert.ok(diagnostics.length > 0, 'something is said');
      const printed = printDiagnostics(diagnostics, { color: false, secrets: createSecrets() });
      assert.ok(!printed.includes(PLAIN), printed);
    });
  }
  it('in group_vars', () => {
    const root = writeFiles({
      hosts: 'h\n',
      'group_vars/all.yml': `ansible_password: !!int ${PLAIN}\nx: "{{ bad"\ny: {secret: ${PLAIN}, z: "{{ bad"}\n`,
    });
    const result = loadInventory([join(root, 'hosts')], { playbookDirs: [] });
    assert.ok(!result.ok, 'is refused');
    assert.ok(!printDiagnostics(result.diagnostics, { color: false, secrets: createSecrets() }).includes(PLAIN));
  });
});

describe('whatever an inventory holds, reading it does not throw', () => {
  const pieces = fc.constantFrom(
    ...[
      '[',
      ']',
      ':',
      'web',
      'children',
      'vars',
      'hosts',
      'all',
      '\n',
      '  ',
      '=',
      '"',
      "'",
      '#',
      '{',
      '}',
      '-',
      '{{ a }}',
    ],
    ...['[1:3]', '- ', ': ', '\\', '\t', '!', '&', '*', '|', '{%', 'ansible_password', ',', '1'],
  );
  const texts = fc.oneof(fc.string({ unit: pieces }), fc.string({ unit: 'binary' }));
  for (const [name, read] of [
    ['INI', readIni],
    ['YAML', readYaml],
  ] as const) {
    it(name, () => {
      fc.assert(
        fc.property(texts, (text) => {
          const draft = createDraft();
          read(draft, { path: 'inventory', text }, '/inventory');
          for (const { span } of draft.diagnostics) {
            assert.ok(
              span !== undefined && span.start >= 0 && span.end <= text.length && span.start <= span.end,
              'the place is in the text',
            );
          }
        }),
      );
    });
  }
});
