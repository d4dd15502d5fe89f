// What is counted, and when others see it.

import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { TestServer } from '../sql/server.ts'

beforeAll(loadParser)

const counts =
  'select n_tup_ins, n_tup_upd, n_tup_del, n_tup_hot_upd, n_live_tup, n_dead_tup, n_mod_since_analyze from pg_stat_user_tables'

function serverWithTable(): TestServer {
  const on = new TestServer(15, { autovacuum: 'off' })
  on.connect().query('create table t (id int, v int)')
  on.run(11)
  return on
}

test('a session reports at most once a second, and what is left when it has been idle for ten', () => {
  const on = serverWithTable()
  const other = on.connect()
  const session = on.connect()
  // What it has read to connect was its first report.
  session.query('insert into t values (0, 0)')
  expect(other.rows(counts)[0][0]).toBe('0')
  session.query('delete from t')
  on.run(2)
  session.query('insert into t values (1, 1)')
  expect(other.rows(counts)[0][0]).toBe('2')
  session.query('insert into t values (2, 2)')
  on.run(7)
  expect(other.rows(counts)[0][0]).toBe('2')
  on.run(6)
  expect(other.rows(counts)).toEqual([['3', '0', '1', '0', '2', '1', '4']])
})

test('pg_stat_force_next_flush makes the next report come at once', () => {
  const on = serverWithTable()
  const session = on.connect()
  session.query('insert into t values (1, 1)')
  session.query('insert into t values (2, 2)')
  session.query('select pg_stat_force_next_flush()')
  expect(session.rows(counts)[0][0]).toBe('2')
})

test('rows of a rollback are dead, and their changes are counted all the same', () => {
  const on = serverWithTable()
  const session = on.connect()
  session.query('insert into t values (1, 1), (2, 2), (3, 3)')
  session.query('begin; update t set v = 5 where id < 3; delete from t where id = 3; rollback')
  session.query('begin; savepoint s; insert into t values (4, 4); rollback to s; insert into t values (5, 5); commit')
  session.query('select pg_stat_force_next_flush()')
  expect(session.rows(counts)).toEqual([['5', '2', '1', '2', '4', '3', '4']])
})

test('an emptied table has no rows, dead or alive; one whose truncate is rolled back has them still', () => {
  const on = serverWithTable()
  const session = on.connect()
  session.query('insert into t values (1, 1), (2, 2)')
  session.query('begin; truncate t; insert into t values (3, 3); rollback')
  session.query('select pg_stat_force_next_flush()')
  expect(session.rows(counts)[0].slice(4)).toEqual(['2', '0', '2'])
  session.query('begin; truncate t; insert into t values (3, 3); commit')
  session.query('select pg_stat_force_next_flush()')
  expect(session.rows(counts)[0].slice(4)).toEqual(['1', '0', '3'])
})

test('scans, those that build an index too, and the transactions of the database', () => {
  const on = serverWithTable()
  const session = on.connect()
  session.query('create table k (id int primary key)')
  session.query('insert into k values (1), (2), (3)')
  session.query('select * from k')
  session.query('select * from k where id = 2')
  session.query('begin; select * from k where id = 3; rollback')
  session.query('select pg_stat_force_next_flush()')
  expect(
    session.rows("select seq_scan, seq_tup_read, idx_scan, idx_tup_fetch from pg_stat_user_tables where relname = 'k'"),
  ).toEqual([['2', '3', '2', '2']])
  const [[rollbacks, inserted]] = session.rows(
    'select xact_rollback, tup_inserted > 3 from pg_stat_database where datname = current_database()',
  )
  expect([rollbacks, inserted]).toEqual(['1', 't'])
})

test('counts outlive a clean shutdown, and no crash', () => {
  const on = serverWithTable()
  on.connect().query('insert into t values (1, 1)')
  const restart = (signal: 'INT' | 'QUIT') => {
    on.server.postmaster!.signal(signal)
    on.run(1)
    on.server.start()
    on.run(1)
    return on.connect().rows(counts)
  }
  expect(restart('INT')).toEqual([['1', '0', '0', '0', '1', '0', '1']])
  expect(restart('INT')).toEqual([['1', '0', '0', '0', '1', '0', '1']])
  expect(restart('QUIT')).toEqual([['0', '0', '0', '0', '0', '0', '0']])
})

test('what is dropped is forgotten', () => {
  const on = serverWithTable()
  const session = on.connect()
  session.query('insert into t values (1, 1)')
  session.query('drop table t; create table t (id int, v int)')
  session.query('select pg_stat_force_next_flush()')
  expect(session.rows(counts)).toEqual([['0', '0', '0', '0', '0', '0', '0']])
})
