import assert from 'node:assert/strict';
import { join } from 'node:path';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';

const lab = useHosts({ bare: 2 });
const BACKUPS = join(import.meta.dirname, '..', '..', 'playbooks', 'backups.yml');
const PLAYBOOK = join(import.meta.dirname, '..', '..', 'playbooks', 'database.yml');
const [server, client] = [() => lab.host('bare1'), () => lab.host('bare2')];

const apply = (variables: unknown) =>
  lab.runbook(['apply', '--yes', PLAYBOOK, '-i', lab.inventory(), '-l', 'bare1', '-e', JSON.stringify(variables)], {
    timeoutMs: 280_000,
  });

const backups = (command: readonly string[], variables: unknown) =>
  lab.runbook([...command, BACKUPS, '-i', lab.inventory(), '-l', 'bare1', '-e', JSON.stringify(variables)], {
    timeoutMs: 280_000,
  });

const ROLE = `odd 'name' "x"\\\\`;
const PASSWORD = `pa'ss\\\\:wörd "€"`;

const PLAY = `- hosts: bare1
  gather_facts: false
  become: true
  tasks:
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

const DUMPED = `- hosts: bare1
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

const psql = (db: string, sql: string) =>
  server().inside(`su postgres -c 'psql -XAtq -v ON_ERROR_STOP=1 ${db}'`, { input: sql });

const DATABASES = {
  postgresql_databases: [
    { name: 'shop', owner: 'shop', connections: 3 },
    { name: 'other', owner: 'other', connections: 3 },
  ],
};

inDepth('a database server that only its own host reaches', { timeout: 300_000 }, async () => {
  const [applied, installed] = await Promise.all([
    apply(DATABASES),
    client().inside('apt-get -qq update && apt-get -qq install -y --no-install-recommends postgresql-client-15'),
  ]);
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
  assert.equal(installed.code, 0, installed.stderr);
  assert.match(applied.stdout, /as things are: there is no user postgres on bare1/, 'the plan of a new host is honest');
  const { stdout: listens } = await server().inside('ss -Hltn sport = :5432');
  assert.ok(listens.includes('127.0.0.1:5432'), listens);
  assert.doesNotMatch(listens, /(?:0\.0\.0\.0|\*|\[::\]):5432/);
  assert.equal((await server().inside('stat -c "%a %U" /etc/postgresql-passwords/*')).stdout, '600 root\n600 root\n');

  const secret = (await server().inside('cat /etc/postgresql-passwords/shop')).stdout.trim();
  assert.match(secret, /^[0-9a-f]{64}$/);
  assert.ok(!(applied.stdout + applied.stderr).includes(secret), 'no password is shown');

  const login = (user: string, db: string, word = secret) =>
    server().inside(`PGPASSWORD=${word} psql -XAtwh 127.0.0.1 -U ${user} ${db} -c 'SELECT current_user'`);
  assert.equal((await login('shop', 'shop')).stdout, 'shop\n');
  assert.notEqual((await login('shop', 'shop', 'guess')).code, 0);
  assert.match((await login('shop', 'other')).stderr, /permission denied for database/);
  assert.match((await login('postgres', 'postgres')).stderr, /rejects connection/);
  const kept = await server().inside(
    `su postgres -c "psql -XAtc 'SELECT left(rolpassword, 13) FROM pg_authid WHERE rolpassword IS NOT NULL'"`,
  );
  assert.equal(kept.stdout, 'SCRAM-SHA-256\nSCRAM-SHA-256\n');
});

inDepth('its backups come back, and a failed one leaves the others', { timeout: 300_000 }, async () => {
  await psql(
    'shop',
    `CREATE TABLE "odd | table" (a int); INSERT INTO "odd | table" SELECT generate_series(1, 500);
    CREATE TABLE b (t text); INSERT INTO b VALUES ('one');`,
  );
  const key = await server().inside('apt-get -qq install -y --no-install-recommends age && age-keygen 2>/dev/null');
  const recipient = /age1\w+/.exec(key.stdout)?.[0];
  const variables = {
    backup_databases: ['shop', 'other'],
    backup_age_recipients: [recipient],
    backup_copy_command: 'cp "$BACKUP_FILE" /srv/elsewhere/',
    backup_alarm_command: 'echo "$BACKUP_FAILED" >/run/alarm',
  };
  await server().inside('mkdir -p /srv/elsewhere');
  const applied = await backups(['apply', '--yes'], variables);
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
  assert.match((await server().inside('systemctl list-timers database-backup.timer')).stdout, /02:0\d:/);

  // systemd itself would write to /srv only if the unit says so.
  const copied = await server().inside(
    "mkdir -p /etc/systemd/system/database-backup.service.d && printf '[Service]\\nReadWritePaths=/srv/elsewhere\\n' >/etc/systemd/system/database-backup.service.d/x.conf && systemctl daemon-reload && systemctl start database-backup; journalctl -q -u database-backup -o cat",
  );
  assert.match(
    copied.stdout,
    /shop: 2 tables, 501 rows, \d+ bytes, restored and compared/,
    copied.stdout + copied.stderr,
  );
  const kept = await server().inside(
    'cd /var/backups/database && stat -c "%a %n" * && cat *.verified && ls /srv/elsewhere',
  );
  assert.match(kept.stdout, /^600 db_shop_\d{8}T\d{6}Z\.dump$/m);
  assert.match(kept.stdout, /"database": "shop", .*"tables": 2, "rows": 501/);
  assert.match(kept.stdout, /^db_shop_\w+\.dump\.age$/m);

  // One that is too old goes, once a newer one is verified; a stray file stays.
  const [dump] = /db_shop_\w+\.dump/.exec(kept.stdout) ?? [];
  await server().inside(
    'cd /var/backups/database && touch -d "40 days ago" db_shop_20200101T000000Z.dump notes && touch -d "40 days ago" db_other_20200101T000000Z.dump',
  );
  // A dump that fails half-way: a table that cannot be read.
  await psql(
    'shop',
    "ALTER TABLE b ADD CONSTRAINT broken CHECK (t <> '1') NOT VALID; UPDATE pg_class SET relnatts = 99 WHERE relname = 'b';",
  );
  const failed = await server().inside(
    'systemctl start database-backup; sleep 1; cat /run/alarm; ls -A /var/backups/database',
  );
  assert.match(failed.stdout, /database-backup failed on/);
  assert.ok(failed.stdout.includes(dump as string) && failed.stdout.includes('db_shop_20200101T000000Z.dump'));
  assert.doesNotMatch(failed.stdout, /\.partial/);
  await psql('shop', "UPDATE pg_class SET relnatts = 1 WHERE relname = 'b';");

  await server().inside('sleep 1; systemctl start database-backup');
  const pruned = (await server().inside('ls -A /var/backups/database')).stdout;
  assert.doesNotMatch(pruned, /20200101/);
  assert.match(pruned, /notes/);

  // The database is lost, and comes back.
  await psql('postgres', 'DROP DATABASE shop');
  const back = await server().inside(`/usr/local/sbin/database-backup restore /var/backups/database/${dump} shop`);
  assert.equal(back.code, 0, back.stderr);
  assert.equal((await psql('shop', 'SELECT count(*), sum(a) FROM "odd | table"')).stdout, '500|125250\n');

  const again = await backups(['plan', '--detailed-exitcode'], variables);
  assert.equal(again.code, 0, again.stdout + again.stderr);
});

inDepth('and one more host, with TLS', { timeout: 300_000 }, async () => {
  const { address } = client();
  const opened = {
    ...DATABASES,
    postgresql_listen: ['*'],
    postgresql_clients: [{ database: 'shop', user: 'shop', address: `${address}/32` }],
  };
  const applied = await apply(opened);
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
  const secret = (await server().inside('cat /etc/postgresql-passwords/shop')).stdout.trim();
  const login = (user: string, db: string, mode: string) =>
    client().inside(
      `PGPASSWORD=${secret} psql -XAtw 'host=${server().address} user=${user} dbname=${db} sslmode=${mode}' -c 'SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()'`,
    );
  assert.match((await login('shop', 'shop', 'require')).stdout, /^TLSv1\.[23]\n$/);
  assert.match((await login('shop', 'shop', 'disable')).stderr, /no pg_hba\.conf entry/);
  assert.match((await login('other', 'shop', 'require')).stderr, /no pg_hba\.conf entry/);
  assert.match((await login('postgres', 'postgres', 'require')).stderr, /no pg_hba\.conf entry/);

  const again = await apply(opened);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.match(again.stdout, /^No changes: /m);
});

const play = (command: readonly string[], text: string) =>
  lab.runbook([...command, lab.write('play.yml', text), '-i', lab.inventory()]);

inDepth('modules: roles, databases and queries come to be as they were planned', { timeout: 200_000 }, async () => {
  const { code, stdout, stderr } = await play(['apply', '--yes'], PLAY);
  assert.equal(code, 0, stdout + stderr);
  assert.equal((await psql('"the db"', 'SELECT a, b, c FROM t')).stdout, "1|it's \\ :x|{a,NULL}\n");
  const role = "SELECT rolconnlimit, rolvaliduntil AT TIME ZONE 'UTC' FROM pg_roles WHERE rolname LIKE 'odd%'";
  assert.equal((await psql('postgres', role)).stdout, '5|2035-01-31 10:00:00\n');
  const { stdout: log } = await server().inside(
    'cat /var/log/postgresql/*.log; cat /var/lib/runbook/runs/*/* 2>/dev/null',
  );
  assert.doesNotMatch(stdout + stderr + log, /wörd/);
  assert.doesNotMatch(stdout + stderr, /SCRAM/);

  const again = await play(['plan'], PLAY);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.doesNotMatch(again.stdout, /role |\+ database|~ database/);
});

inDepth(
  'modules: dumps are whole and private, and come back; an undo leaves what holds something',
  {
    timeout: 200_000,
  },
  async () => {
    const { code, stdout, stderr } = await play(['apply', '--yes'], DUMPED);
    assert.equal(code, 0, stdout + stderr);
    for (const name of ['a', 'b', 'c', 'd']) assert.equal((await psql(name, 'SELECT a FROM t')).stdout, '1\n');
    const { stdout: files } = await server().inside("cd /var/lib/postgresql && stat -c '%a %n' *");
    assert.equal(files, '755 15\n600 a.sql\n600 b.sql.gz\n600 c.pgc\n700 d.dir\n');

    const undo = await lab.runbook(['undo', '--yes', '-i', lab.inventory()]);
    assert.equal(undo.code, 5, undo.stdout + undo.stderr);
    assert.match(undo.stdout + undo.stderr, /database d: it holds what run .* did not make/);
  },
);
