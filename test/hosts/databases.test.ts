import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useHosts } from '../lab/hosts.ts';

const ROLE = `odd 'name' "x"\\\\`;
const PASSWORD = `pa'ss\\\\:wörd "€"`;

const PLAY = `- hosts: fleet
  gather_facts: false
  become: true
  tasks:
    - apt: {name: postgresql, state: present, update_cache: true, install_recommends: false}
    - become_user: postgres
      block:
        - postgresql_user: {name: owner, role_attr_flags: NOLOGIN}
        - postgresql_user:
            name: ${JSON.stringify(ROLE.replaceAll('\\\\', '\\'))}
            password: ${JSON.stringify(PASSWORD.replaceAll('\\\\', '\\'))}
            conn_limit: 5
            expires: "2035-01-31 12:00+02"
        - postgresql_membership: {group: owner, target_roles: [${JSON.stringify(ROLE.replaceAll('\\\\', '\\'))}]}
        - postgresql_db: {name: "the db", owner: owner, encoding: UTF8, template: template0, lc_collate: C, lc_ctype: C}
        - postgresql_query:
            db: the db
            query:
              - CREATE TABLE IF NOT EXISTS t (a int primary key, b text, c text[])
              - INSERT INTO t VALUES (1, %(b)s, %(c)s) ON CONFLICT DO NOTHING RETURNING a
          args: {named_args: {b: "it's \\\\ :x", c: [a, null]}}
          register: made
          changed_when: "'INSERT 0 1' in made.statusmessage"
    # Over the network, with the password, as the role itself.
    - postgresql_query:
        login_host: 127.0.0.1
        login_user: ${JSON.stringify(ROLE.replaceAll('\\\\', '\\'))}
        login_password: ${JSON.stringify(PASSWORD.replaceAll('\\\\', '\\'))}
        db: the db
        query: SELECT current_user AS me, 1::bigint AS n
      register: asked
    - assert:
        that: ["asked.query_result[0].n == 1", not asked.changed, asked.rowcount == 1]
`;

const DUMPED = `- hosts: fleet
  gather_facts: false
  become: true
  become_user: postgres
  tasks:
    - postgresql_db: {name: the db, state: dump, target: "/var/lib/postgresql/{{ item }}"}
      loop: [a.sql, b.sql.gz, c.pgc, d.dir]
    - postgresql_db: {name: "{{ item }}", template: template0}
      loop: [a, b, c, d]
    - {postgresql_db: {name: a, state: restore, target: /var/lib/postgresql/a.sql}}
    - {postgresql_db: {name: b, state: restore, target: /var/lib/postgresql/b.sql.gz}}
    - {postgresql_db: {name: c, state: restore, target: /var/lib/postgresql/c.pgc}}
    - {postgresql_db: {name: d, state: restore, target: /var/lib/postgresql/d.dir}}
`;

const lab = useHosts({ bare: 1 });
const host = () => lab.host(0);
const inside = async (command: string) => {
  const { code, stdout, stderr } = await host().inside(command);
  assert.equal(code, 0, stderr);
  return stdout;
};
const runbook = (command: readonly string[], text: string) =>
  lab.runbook([...command, lab.write('play.yml', text), '-i', lab.inventory()]);
const psql = (query: string, db = 'postgres') =>
  inside(`su postgres -c 'psql -XAt ${JSON.stringify(db)}' <<'EOF'\n${query}\nEOF`);

describe('PostgreSQL through the program', () => {
  it('roles, databases and queries come to be as they were planned', async () => {
    const planned = await runbook(['plan'], PLAY);
    assert.equal(planned.code, 0, planned.stdout + planned.stderr);
    assert.match(planned.stdout, /as things are: there is no psql on the host/);
    const { code, stdout, stderr } = await runbook(['apply', '--yes'], PLAY);
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await psql('SELECT a, b, c FROM t', 'the db'), "1|it's \\ :x|{a,NULL}\n");
    assert.equal(
      await psql("SELECT rolconnlimit, rolvaliduntil AT TIME ZONE 'UTC' FROM pg_roles WHERE rolname LIKE 'odd%'"),
      '5|2035-01-31 10:00:00\n',
    );
    assert.doesNotMatch(stdout + stderr, /SCRAM|wörd/);
    const log = await inside('cat /var/log/postgresql/*.log; cat /var/lib/runbook/runs/*/* 2>/dev/null || :');
    assert.doesNotMatch(log, /wörd/);
  });

  it('and nothing is left to do', async () => {
    const { code, stdout, stderr } = await runbook(['plan', '--tags', 'all'], PLAY);
    assert.equal(code, 0, stdout + stderr);
    assert.doesNotMatch(stdout, /role |database the db\n {8}owner/);
  });

  it('dumps are whole, private, and come back', async () => {
    const { code, stdout, stderr } = await runbook(['apply', '--yes'], DUMPED);
    assert.equal(code, 0, stdout + stderr);
    for (const name of ['a', 'b', 'c', 'd']) assert.equal(await psql('SELECT a FROM t', name), '1\n');
    assert.equal(await inside("stat -c '%a' /var/lib/postgresql/b.sql.gz"), '600\n');
    assert.equal(await inside('ls /var/lib/postgresql'), '15\na.sql\nb.sql.gz\nc.pgc\nd.dir\n');
  });

  it('an undo leaves a database that holds something', async () => {
    const { code, stdout, stderr } = await lab.runbook(['undo', '--yes', '-i', lab.inventory()]);
    assert.equal(code, 5, stdout + stderr);
    assert.match(stdout + stderr, /database a: it holds what run .* did not make/);
  });
});
