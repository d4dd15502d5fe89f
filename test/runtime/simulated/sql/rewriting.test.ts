// What writes a table or an index anew: VACUUM FULL, REINDEX, ALTER TABLE … SET LOGGED and UNLOGGED.

import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { TestServer, type TestSession } from './server.ts'

beforeAll(loadParser)

function crash(server: TestServer): void {
  const { host } = server.server.environment
  for (const process of server.server.processesAlive()) {
    if (process.type === 'checkpointer') host.kill(process.pid, 'KILL')
  }
  server.run(6)
}

const fileOf = (session: TestSession, name: string) => session.rows(`select pg_relation_filepath('${name}')`)[0][0]

test.each([15, 18] as const)('VACUUM FULL packs a table and its indexes, and a crash leaves it so: %i', version => {
  const server = new TestServer(version, { autovacuum: 'off' })
  const anna = server.connect()
  anna.query('create table t (id int primary key, v text)')
  anna.query("insert into t select i, repeat('x', 100) from generate_series(1, 5000) i")
  anna.query("delete from t where id % 10 <> 0; update t set v = 'y' where id = 10")
  const before = fileOf(anna, 't')
  expect(anna.query('vacuum full t')).toMatchObject([{ kind: 'command complete', tag: 'VACUUM' }])
  expect(fileOf(anna, 't')).not.toBe(before)
  const sizes = anna.rows("select pg_relation_size('t'), pg_relation_size('t_pkey')")
  expect(sizes).toEqual([['73728', '32768']])
  crash(server)
  const bert = server.connect()
  expect(bert.rows("select count(*), sum(id), min(v), pg_relation_size('t') from t")).toEqual([
    [
      '500',
      '1252500',
      'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      '73728',
    ],
  ])
  expect(bert.rows('select v from t where id = 10')).toEqual([['y']])
  expect(bert.rows("select reltuples, relpages from pg_class where relname = 't'")).toEqual([['500', '9']])
})

test('VACUUM FULL keeps the versions that an older snapshot sees', () => {
  const server = new TestServer(15, { autovacuum: 'off' })
  const [anna, bert] = [server.connect(), server.connect()]
  anna.query('create table t (id int primary key, v int); create table other (v int)')
  anna.query('insert into t values (1, 1), (2, 2), (3, 3)')
  bert.query('begin isolation level repeatable read; select * from other')
  anna.query('update t set v = 10 where id = 1; update t set v = 11 where id = 1; delete from t where id = 2')
  anna.query('vacuum full t')
  expect(bert.rows('select id, v from t order by id')).toEqual([
    ['1', '1'],
    ['2', '2'],
    ['3', '3'],
  ])
  expect(bert.rows('select v from t where id = 1')).toEqual([['1']])
  expect(anna.rows('select id, v from t order by id')).toEqual([
    ['1', '11'],
    ['3', '3'],
  ])
  // The chain of versions has come along: who updates the old one finds the newest.
  expect(bert.query('update t set v = 5 where id = 1')).toMatchObject([{ sqlstate: '40001' }])
})

test('VACUUM FULL waits for a reader, and in a block it is refused', () => {
  const server = new TestServer(15)
  const [anna, bert] = [server.connect(), server.connect()]
  anna.query('create table t (v int); insert into t values (1)')
  bert.query('begin; select * from t')
  anna.send('vacuum full t')
  server.run(1)
  expect(anna.take()).toEqual([])
  bert.query('commit')
  server.run(1)
  expect(anna.take()).toMatchObject([{ kind: 'command complete', tag: 'VACUUM' }, { kind: 'ready' }])
  expect(anna.query('begin; vacuum full t')).toMatchObject([{}, { sqlstate: '25001' }])
  expect(bert.query('vacuum full')).toMatchObject([{ sqlstate: '0A000' }])
})

test('REINDEX builds an index anew, and says what is there twice', () => {
  const server = new TestServer(15)
  const anna = server.connect()
  anna.query('create table t (id int primary key, v int); create index t_v on t (v)')
  anna.query('insert into t select i, i % 7 from generate_series(1, 1000) i; delete from t where id > 10')
  const [key, other] = [fileOf(anna, 't_pkey'), fileOf(anna, 't_v')]
  expect(anna.query('reindex index t_v')).toMatchObject([{ kind: 'command complete', tag: 'REINDEX' }])
  expect([fileOf(anna, 't_pkey'), fileOf(anna, 't_v') === other]).toEqual([key, false])
  expect(anna.query('begin; reindex table t; rollback')).toMatchObject([{}, { tag: 'REINDEX' }, {}])
  expect(fileOf(anna, 't_pkey')).toBe(key)
  anna.query('reindex table t')
  expect(fileOf(anna, 't_pkey')).not.toBe(key)
  crash(server)
  const bert = server.connect()
  expect(bert.rows('select id from t where v = 3 order by id')).toEqual([['3'], ['10']])
  expect(bert.query('insert into t values (5, 5)')).toMatchObject([{ sqlstate: '23505' }])
  expect(bert.query('reindex index t')).toMatchObject([{ sqlstate: '42809' }])
  bert.query('create table bare (v int)')
  expect(bert.query('reindex table bare')).toMatchObject([
    { kind: 'notice', message: 'table "bare" has no indexes to reindex' },
    { tag: 'REINDEX' },
  ])
})

test.each([15, 18] as const)('SET UNLOGGED, then a crash empties it; SET LOGGED keeps it: %i', version => {
  const server = new TestServer(version)
  const anna = server.connect()
  anna.query('create table t (id serial primary key, v int); insert into t (v) select generate_series(1, 300)')
  anna.query('create unlogged table u (id serial primary key, v int); insert into u (v) select generate_series(1, 300)')
  expect(anna.query('alter table t set unlogged')).toMatchObject([{ tag: 'ALTER TABLE' }])
  expect(anna.query('alter table u set logged')).toMatchObject([{ tag: 'ALTER TABLE' }])
  expect(anna.query('alter table u set logged')).toMatchObject([{ tag: 'ALTER TABLE' }])
  const kinds = "select relname, relpersistence from pg_class where relname ~ '^[tu](_.*)?$' order by relname"
  expect(anna.rows(kinds)).toEqual([
    ['t', 'u'],
    ['t_id_seq', 'u'],
    ['t_pkey', 'u'],
    ['u', 'p'],
    ['u_id_seq', 'p'],
    ['u_pkey', 'p'],
  ])
  expect(anna.rows('insert into t (v) values (7) returning id')).toEqual([['301']])
  expect(anna.rows('insert into u (v) values (7) returning id')).toEqual([['301']])
  anna.query('create publication p for table u')
  expect(anna.query('alter table u set unlogged')).toMatchObject([
    { sqlstate: '55000', detail: 'Unlogged relations cannot be replicated.' },
  ])
  crash(server)
  const bert = server.connect()
  expect(bert.rows('select count(*) from t')).toEqual([['0']])
  // The sequence is as it was when it became unlogged.
  expect(bert.rows('insert into t (v) values (1) returning id')).toEqual([['301']])
  expect(bert.rows('select count(*), sum(v) from u')).toEqual([['301', '45157']])
  expect(bert.rows('select v from u where id = 77')).toEqual([['77']])
  expect(Number(bert.rows('insert into u (v) values (1) returning id')[0][0])).toBeGreaterThan(301)
})

test('a rewrite that is rolled back leaves the table as it was', () => {
  const server = new TestServer(15)
  const anna = server.connect()
  anna.query('create table t (id serial primary key, v int); insert into t (v) select generate_series(1, 10)')
  anna.query(
    'begin; insert into t (v) values (11); alter table t set unlogged; insert into t (v) values (12); rollback',
  )
  expect(anna.rows('select count(*), max(v) from t')).toEqual([['10', '10']])
  anna.query('begin; savepoint s; alter table t set unlogged; rollback to s; insert into t (v) values (13); commit')
  expect(anna.rows('select count(*), max(v) from t where id > 0')).toEqual([['11', '13']])
  expect(anna.rows("select relpersistence from pg_class where relname = 't'")).toEqual([['p']])
})
