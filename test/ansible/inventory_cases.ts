import type { Files } from '../inventory/files.ts';

/** An inventory that Ansible and this engine must read alike. Paths are relative to the case's directory. */
export interface InventoryCase {
  readonly name: string;
  readonly files: Files;
  readonly sources: readonly string[];
  readonly playbookDir?: string;
  readonly patterns?: readonly string[];
}

const YAML_FLEET = `
all:
  vars: {tier: none, dns: [192.0.2.53, 192.0.2.54], nested: {a: 1, b: {c: "{{ tier }}"}}}
  hosts:
    lone.example.com:
    jump:
      ansible_host: 203.0.113.1
  children:
    web:
      hosts:
        web[01:03].example.com:
          ansible_user: deploy
        web[10:14:2].example.com:2222:
      vars: {tier: front, http_port: 80}
    db:
      hosts:
        db-[a:c]: {role: replica}
        db-a: {role: primary}
      vars:
        tier: back
    prod:
      children:
        web:
        db:
      vars:
        tier: prod
        stage: production
    empty:
`;

export const INVENTORY_CASES: readonly InventoryCase[] = [
  {
    name: 'YAML with ranges, ports, nested groups and templates',
    files: { 'hosts.yml': YAML_FLEET },
    sources: ['hosts.yml'],
    patterns: [
      'all',
      '*',
      'web',
      'prod',
      'db:web',
      'web:db',
      'web,db',
      'db,jump,web',
      'prod:!db',
      'prod:&web',
      'all:!prod',
      '!web',
      '&db',
      'web:!web01.example.com',
      'web*',
      '*.example.com',
      'web0?.example.com',
      'web0[12].example.com',
      'web[!x]*',
      '~web\\d+\\.example',
      '~(db|jump)',
      '~b-',
      'web[0]',
      'web[-1]',
      'web[1:3]',
      'web[2:]',
      'web[0:0]',
      'web[7:9]',
      'prod[0]:db[1]',
      'db-a',
      'db-a:db-b',
      'jump:jump:all',
      'ungrouped',
      'empty',
      'p*d',
      'localhost',
      'web01.example.com:web02.example.com',
      ' web , db ',
      'web db',
      '*:!web*:!db*',
      'web[0]:&*.com:!db',
    ],
  },
  {
    name: 'YAML without all, strings for hosts and children, JSON in YAML',
    files: {
      'hosts.yaml': `
web:
  hosts: web1
  children: inner
inner:
  hosts: {"web2": {"x": [1, "two", null, true, 1.5]}}
ungrouped:
  hosts:
    alone: {y: yes, n: no, mode: 0644, quoted: "yes", octal: '0644', empty: , text: "a: b"}
`,
    },
    sources: ['hosts.yaml'],
    patterns: ['all', 'web', 'ungrouped', 'w*'],
  },
  {
    name: 'a JSON inventory',
    files: { 'hosts.json': '{"all": {"hosts": {"a": {"n": 1}}, "children": {"g": {"hosts": {"b": null}}}}}' },
    sources: ['hosts.json'],
    patterns: ['all', 'g'],
  },
  {
    name: 'INI in all its forms',
    files: {
      hosts: `
; a comment
# another
alone
bare:2200 ansible_user=root
[2001:db8::10]:2022 kind=six
2001:db8::11

[web]   # the web
web[01:03].example.com ansible_user=deploy   # trailing
web[1:9:4] port=80 flag=True text=yes float=1.5 list="[1, 'two']" map="{'a': 1, 'b': [True, None]}"
alias ansible_host=192.0.2.7 quoted="'a b'" single='x y' escaped=a\\ b hash="a#b" eq=a=b empty= none=None
cut p=abc#def

[db]
db-[a:c]
web01.example.com

[prod:children]
web
later

[later:children]
db

[prod:vars]
stage=production
port=8080 # literal, so this is a comment
list = [80, 443]
pair=80,443
spaced = a b c
octal=0644
quoted="x"
template={{ stage }}-{{ port }}
under_score=1_000
signed=-5
sci=1e3

[all:vars]
scope=all
dict={"k": "v"}
`,
    },
    sources: ['hosts'],
    patterns: [
      'all',
      'web',
      'prod',
      'later',
      'db:web',
      '2001:db8::10',
      '2001:db8::11',
      '2001:db8::10,alone',
      'web[0]',
      'web[0:1]',
      'alone:bare',
      'web01*',
    ],
  },
  {
    name: 'literals and texts on host lines',
    files: {
      'lines.ini': `
[h]
h1 a=1 b=-1 c=+2 d=1.0 e=.5 f=1. g=0x1F h=0o17 i=0b11 j=007 k=0 l=00 m=1_0 n=1__0
h2 a=True b=true c=None d=none e=TRUE f=False
h3 a="'x'" b='"y"' c="''" d="'it''s'" e="u'z'" f="r'a\\\\b'" g="'tab\\\\t'" h="'\\\\x41'"
h4 a=[] b=() c={} d=[1,2,] e=(1,) f=(1) g="{'a': (1, 2)}" h="[[1], [2, [3]]]" i="[1"
h5 a=web b=1.2.3.4 c=1-2 d=2020-01-01 e=10.0.0.0/8 f=yes g="a, b" h=1,2 i=a,b
h6 a="{{ b }}" b="[ '{{ a }}' ]" c=%d d=$x e=a:b f=@file g=~/x h=*
h7 a="'a' 'b'" b="1 # c" c="[1, # x" d="- 1" e="--1" f="-True" g="1 2" h="not x" i="...x"
h8 b=1e400x c=0777 d=0.10 e=1e-2 f=0e0
`,
    },
    sources: ['lines.ini'],
    patterns: ['all'],
  },
  {
    name: 'precedence of groups: depth, priority, name; a host in two branches',
    files: {
      'hosts.ini': `
[a]
h
[b]
h
[c]
h
[deep:children]
a
[a:vars]
v=a
w=a
[b:vars]
v=b
w=b
x=b
ansible_group_priority=10
[c:vars]
v=c
x=c
[deep:vars]
v=deep
w=deep
y=deep
[all:vars]
y=all
z=all
`,
    },
    sources: ['hosts.ini'],
    patterns: ['deep', 'a:b'],
  },
  {
    name: 'group_vars and host_vars beside the inventory and beside the playbook',
    files: {
      'inv/hosts.yml': `
all:
  vars: {p1: inv-all, p2: inv-all, p3: inv-all, p4: inv-all, p5: inv-all, p6: inv-all, p7: inv-all, p8: inv-all}
  children:
    web:
      vars: {p2: inv-web, p3: inv-web, p4: inv-web, p5: inv-web, p6: inv-web, p7: inv-web, p8: inv-web}
      hosts:
        w1: {p6: inv-host, p7: inv-host, p8: inv-host}
        w2:
    top:
      children: {web: }
`,
      'inv/group_vars/all.yml': 'p3: gv-all\np4: gv-all\np5: gv-all\np6: gv-all\nfrom_all: 1\n',
      'inv/group_vars/web.yaml': 'p4: gv-web\np5: gv-web\np6: gv-web\n',
      'inv/group_vars/top/10-first.yml': 'order: first\nonly_first: 1\np4: gv-top\n',
      'inv/group_vars/top/20-second.json': '{"order": "second", "map": {"a": {"b": 1}}}',
      'inv/group_vars/top/30-plain': 'order: third\n',
      'inv/group_vars/top/sub/40-deep.yml': 'deep: "{{ order }}"\n',
      'inv/group_vars/top/.hidden.yml': 'hidden: 1\n',
      'inv/group_vars/top/backup.yml~': 'backup: 1\n',
      'inv/group_vars/top/notes.txt': 'notes: 1\n',
      'inv/group_vars/absent.yml': 'absent: 1\n',
      'inv/host_vars/w1': 'p7: hv\np8: hv\n',
      'inv/host_vars/w2.json': '{"p7": "hv2"}',
      'inv/host_vars/localhost.yml': 'local: 1\n',
      'book/group_vars/all': 'p4: pb-all\np5: pb-all\nbook: 1\n',
      'book/group_vars/web.yml': 'p5: pb-web\n',
      'book/host_vars/w1.yml': 'p8: pb-host\n',
      'book/group_vars/ungrouped.yml': 'nobody: 1\n',
    },
    sources: ['inv/hosts.yml'],
    playbookDir: 'book',
    patterns: ['all', 'top', 'localhost'],
  },
  {
    name: 'several sources, one a directory, and a host list',
    files: {
      'one/a.yml': 'all: {vars: {v: a, only_a: 1}, children: {web: {hosts: {h1: {x: a}}, vars: {g: a}}}}\n',
      'one/b': '[web]\nh2 x=b\n[web:vars]\ng=b\n[extra]\nh1\n',
      'one/ignored.cfg': 'not an inventory',
      'one/ignored.retry': 'h9\n',
      'one/.hidden': 'h9\n',
      'one/sub/c.yml': 'web: {hosts: {h3: {x: c}}}\n',
      'one/group_vars/web.yml': 'w: one\n',
      'two.ini': 'h1 x=two\n[web:vars]\ng=two\n[db]\nh4\n',
      'group_vars/web.yml': 'w: two\n',
      'group_vars/all.yml': 'everywhere: 1\n',
    },
    sources: ['one', 'two.ini', 'h5, h1,h6.example.com:2222,'],
    patterns: ['all', 'web', 'extra:db', 'ungrouped'],
  },
  {
    name: 'localhost in the inventory',
    files: { hosts: '127.0.0.1 ansible_connection=local\n[web]\nw\n' },
    sources: ['hosts'],
    patterns: ['localhost', 'all', '::1'],
  },
  {
    name: 'a host in ungrouped and in a group',
    files: { hosts: 'a\nb\n[ungrouped]\nc\n[web]\nb\n[all]\nd\n' },
    sources: ['hosts'],
    patterns: ['ungrouped', 'all', 'web'],
  },
];
