// What logical decoding makes of changes, as test_decoding prints it. Expectations are PostgreSQL's, 15.18.

import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { TestServer } from '../sql/server.ts'

beforeAll(loadParser)

function start() {
  const server = new TestServer(15, { wal_level: 'logical' })
  const session = server.connect()
  const run = (...statements: readonly string[]) => {
    for (const statement of statements) session.query(statement)
  }
  const changes = (options = `, 'include-xids', '0', 'skip-empty-xacts', '1'`) =>
    session.rows(`select data from pg_logical_slot_get_changes('s', null, null${options})`).map(([data]) => data)
  return { server, session, run, changes }
}

const create = `select pg_create_logical_replication_slot('s', 'test_decoding')`

test('rows, keys and nulls', () => {
  const { run, changes } = start()
  run(
    'create table t (id int primary key, note text, n numeric(8,2), ts timestamptz)',
    create,
    `insert into t values (1,'it''s',1.5,'2025-01-01 00:00:00+00')`,
    'insert into t values (2,null,null,null)',
    `update t set note='x' where id=1`,
    'update t set id=3 where id=1',
    'delete from t where id=3',
  )
  expect(changes().filter(line => !/^(BEGIN|COMMIT)$/.test(line!))).toEqual([
    `table public.t: INSERT: id[integer]:1 note[text]:'it''s' n[numeric]:1.50 ts[timestamp with time zone]:'2025-01-01 00:00:00+00'`,
    'table public.t: INSERT: id[integer]:2 note[text]:null n[numeric]:null ts[timestamp with time zone]:null',
    `table public.t: UPDATE: id[integer]:1 note[text]:'x' n[numeric]:1.50 ts[timestamp with time zone]:'2025-01-01 00:00:00+00'`,
    `table public.t: UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:3 note[text]:'x' n[numeric]:1.50 ts[timestamp with time zone]:'2025-01-01 00:00:00+00'`,
    'table public.t: DELETE: id[integer]:3',
  ])
  expect(changes()).toEqual([])
})

test('a rolled back savepoint leaves nothing', () => {
  const { run, changes } = start()
  run(
    'create table t (id int primary key, note text)',
    create,
    `begin; insert into t values (10,'a'); savepoint a; insert into t values (11,'b'); rollback to a; insert into t values (12,'c'); commit`,
  )
  expect(changes()).toEqual([
    'BEGIN',
    `table public.t: INSERT: id[integer]:10 note[text]:'a'`,
    `table public.t: INSERT: id[integer]:12 note[text]:'c'`,
    'COMMIT',
  ])
})

test('each row is read with the columns of its time, and named as its table says', () => {
  const { run, changes } = start()
  run(
    create,
    `begin; create table u (a int, b boolean default true); insert into u values (1); commit`,
    `alter table u add column c text default 'q'`,
    'insert into u values (2)',
    'update u set a = 5 where a = 1',
    'delete from u where a = 5',
    'alter table u replica identity full',
    'update u set a = 6 where a = 2',
    'delete from u where a = 6',
    'truncate u',
  )
  expect(changes().filter(line => !/^(BEGIN|COMMIT)$/.test(line!))).toEqual([
    'table public.u: INSERT: a[integer]:1 b[boolean]:true',
    `table public.u: INSERT: a[integer]:2 b[boolean]:true c[text]:'q'`,
    `table public.u: UPDATE: a[integer]:5 b[boolean]:true c[text]:'q'`,
    'table public.u: DELETE: (no-tuple-data)',
    `table public.u: UPDATE: old-key: a[integer]:2 b[boolean]:true c[text]:'q' new-tuple: a[integer]:6 b[boolean]:true c[text]:'q'`,
    `table public.u: DELETE: a[integer]:6 b[boolean]:true c[text]:'q'`,
    'table public.u: TRUNCATE: (no-flags)',
  ])
})

test('transactions come whole, in the order of their commits', () => {
  const { server, run, changes } = start()
  run('create table t (id int primary key)', create)
  const other = server.connect()
  other.query('begin; insert into t values (1)')
  run('insert into t values (2)')
  other.query('insert into t values (3); commit')
  expect(changes()).toEqual([
    'BEGIN',
    'table public.t: INSERT: id[integer]:2',
    'COMMIT',
    'BEGIN',
    'table public.t: INSERT: id[integer]:1',
    'table public.t: INSERT: id[integer]:3',
    'COMMIT',
  ])
})

test('messages, of a transaction or of the moment', () => {
  const { run, changes } = start()
  run(create, `select pg_logical_emit_message(true,'pre','hello'), pg_logical_emit_message(false,'pre','now')`)
  expect(changes()).toEqual([
    'message: transactional: 0 prefix: pre, sz: 3 content:now',
    'BEGIN',
    'message: transactional: 1 prefix: pre, sz: 5 content:hello',
    'COMMIT',
  ])
})

test('decoding goes on where its consumer was, after a change of the catalogs too', () => {
  const { run, changes } = start()
  run('create table t (id int primary key)', create, 'insert into t values (1)')
  expect(changes()).toHaveLength(3)
  run('alter table t add column note text', 'checkpoint', `insert into t values (2, 'x')`)
  expect(changes()).toEqual(['BEGIN', `table public.t: INSERT: id[integer]:2 note[text]:'x'`, 'COMMIT'])
  run('checkpoint', 'checkpoint', `insert into t values (3, 'y')`)
  expect(changes()).toEqual(['BEGIN', `table public.t: INSERT: id[integer]:3 note[text]:'y'`, 'COMMIT'])
})

test('what decoding refuses', () => {
  const { session, run } = start()
  const errorOf = (statement: string) =>
    session.query(statement).flatMap(message => (message.kind === 'error' ? [message.message] : []))
  run(create)
  expect(errorOf(create)).toEqual(['replication slot "s" already exists'])
  expect(errorOf(`select pg_create_logical_replication_slot('x', 'nope')`)).toEqual([
    'could not access file "nope": No such file or directory',
  ])
  expect(errorOf(`select * from pg_logical_slot_get_changes('s', null, null, 'foo', '1')`)).toEqual([
    'option "foo" = "1" is unknown',
  ])
  const plain = new TestServer(15).connect()
  const [message] = plain.query(create).flatMap(each => (each.kind === 'error' ? [each.message] : []))
  expect(message).toBe('logical decoding requires wal_level >= logical')
})
