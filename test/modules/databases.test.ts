import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { idAt, readId } from '../../engine/resources/postgresql/login.ts';
import { verifierFor } from '../../engine/resources/postgresql/scram.ts';
import { name, sql } from '../../engine/resources/postgresql/sql.ts';
import { check_backups } from '../../modules/checks/check_backups.ts';
import { postgresqlDb } from '../../modules/databases/postgresql_db.ts';
import { postgresqlMembership } from '../../modules/databases/postgresql_membership.ts';
import { postgresqlQuery } from '../../modules/databases/postgresql_query.ts';
import { postgresqlUser } from '../../modules/databases/postgresql_user.ts';
import { isChange, queryResult } from '../../modules/databases/query_result.ts';
import { prepareQuery, withArguments } from '../../modules/databases/query_text.ts';
import { runCases } from '../cases/driver.ts';
import { answer } from '../resources/programs.ts';

runCases(check_backups);
runCases(postgresqlUser);
runCases(postgresqlMembership);
runCases(postgresqlDb);
runCases(postgresqlQuery);

describe('SQL text', () => {
  it('quotes', () => {
    assert.equal(
      sql`SELECT ${"it's"}, ${'a\\b'}, ${null}, ${true}, ${1.5}, ${name('a"b')}`.sql,
      `SELECT 'it''s',  E'a\\\\b', NULL, true, 1.5, "a""b"`,
    );
    assert.throws(() => sql`${'a\0'}`, RangeError);
  });

  it('is taken apart as the server does', () => {
    const text = (query: string) => {
      const prepared = prepareQuery(query);
      return prepared.ok ? prepared.text : prepared.problem;
    };
    assert.equal(
      text("SELECT ';\\' || $$ \\; $$ || E'\\';' || \"a\\\";"),
      "SELECT ';\\' || $$ \\; $$ || E'\\';' || \"a\\\"",
    );
    assert.equal(text('SELECT a[x:y], b::int, c[1:2] ;;'), 'SELECT a[x: y], b::int, c[1: 2]');
    assert.equal(text('SELECT 1; SELECT 2; -- end'), 'SELECT 1\\; SELECT 2');
    assert.equal(text('SELECT 1 /* a /* ; */ \\ */ \\x'), 'a backslash can only stand in quotes');
    assert.equal(text('SELECT $a$ \\! $b$ $a$, a$1$ FROM b'), 'SELECT $a$ \\! $b$ $a$, a$1$ FROM b');
    const verbs = prepareQuery('-- x\n (select 1); /* */ WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a');
    assert.deepEqual(verbs.ok && verbs.verbs, ['SELECT', 'WITH']);
  });

  it('never lets a backslash out of its quotes', () => {
    const words = fc.constantFrom("'", '"', '\\', '$$', '$a$', '--', '/*', '*/', '\n', 'e', 'E', ' ', ';', 'x', ':');
    fc.assert(
      fc.property(fc.array(words), (parts) => {
        const prepared = prepareQuery(parts.join(''));
        if (prepared.ok) assert.ok(prepared.text.length > 0);
      }),
    );
  });

  it('takes arguments', () => {
    const filled = (query: string, positional?: never[], named?: object) =>
      withArguments(query, positional, named as never);
    assert.deepEqual(filled('100%'), { ok: true, query: '100%' });
    assert.deepEqual(filled('%s %s %%', [1, ["a,'b", null, [2]]] as never[]), {
      ok: true,
      query: `1 '{"a,''b",NULL,{2}}' %`,
    });
    assert.equal(filled('%d', [1] as never[]).ok, false);
    assert.equal(filled('%s', [{}] as never[]).ok, false);
    assert.equal(filled('%s', [1, 2] as never[]).ok, false);
  });
});

describe('what psql answers', () => {
  it('becomes rows with types', () => {
    const types = 'a,integer\nb,text\nc,text[]\nd,jsonb\ne,boolean\nf,bigint\n';
    const rows = '1,"x,""y""\nz","{a,NULL,""b c""}","{""k"": [1]}",t,9007199254740993\n\u0001NULL\u0001,,{},null,f,2\n';
    assert.deepEqual(queryResult(answer({ 'types 0': types, 'rows 0': rows }), 0, 'SELECT'), {
      status: 'SELECT 2',
      rows: [
        { a: 1, b: 'x,"y"\nz', c: ['a', null, 'b c'], d: { k: [1] }, e: true, f: '9007199254740993' },
        { a: null, b: '', c: [], d: null, e: false, f: 2 },
      ],
      count: 2,
    });
  });

  it('tells what was done', () => {
    const told = (types: string, rows: string, verb: string) =>
      queryResult(answer({ 'types 0': types, 'rows 0': rows }), 0, verb);
    assert.deepEqual(told('', 'UPDATE 0\n', 'UPDATE'), { status: 'UPDATE 0', rows: [], count: 0 });
    assert.deepEqual(told('a,integer\n', '5\nINSERT 0 1\n', 'INSERT'), {
      status: 'INSERT 0 1',
      rows: [{ a: 5 }],
      count: 1,
    });
    assert.deepEqual(told('a,text\n', '', 'SELECT'), { status: 'SELECT 0', rows: [], count: 0 });
    assert.deepEqual(
      ['UPDATE 0', 'UPDATE 1', 'INSERT 0 0', 'SELECT 5', 'SHOW', 'CREATE TABLE', 'VACUUM'].map(isChange),
      [false, true, false, false, false, true, true],
    );
  });
});

describe('passwords', () => {
  const rule = { encryption: 'scram-sha-256' };

  it('are kept as PostgreSQL itself keeps them', () => {
    // What `CREATE ROLE ... PASSWORD 'pencil'` left in pg_authid of PostgreSQL 15.
    const stored = verifierFor('pencil', 'app', null, rule);
    assert.match(stored, /^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/);
    assert.equal(verifierFor('pencil', 'app', stored, rule), stored);
    assert.notEqual(verifierFor('Pencil', 'app', stored, rule), stored);
    assert.equal(verifierFor('pencil', 'app', null, rule), stored, 'the same in every look of a run');
    assert.match(verifierFor('pencil', 'app', null, { ...rule, iterations: 5000 }), /^SCRAM-SHA-256\$5000:/);
    assert.equal(verifierFor('secret', 'app', null, { encryption: 'md5' }), 'md56a422f785c9e20873908ce25d1736ae2');
  });
});

describe('what a role or database is called', () => {
  it('comes back whole, with its login', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 65535 }), (own, host, port) => {
        const login = { user: 'postgres', database: 'x', host, port };
        assert.deepEqual(readId(idAt(own, login)), { name: own, login });
        const usual = { user: 'postgres', database: 'postgres' };
        assert.deepEqual(readId(idAt(own, usual)), { name: own, login: usual });
      }),
    );
    assert.equal(readId('[1').name, '[1');
  });
});
