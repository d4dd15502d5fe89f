// CREATE TABLE … AS and SELECT … INTO.

import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { TestServer } from './server.ts'

beforeAll(loadParser)

test('the columns and rows of a query', () => {
  const anna = new TestServer(15).connect()
  const made = "create table t as select 1 a, 'x' b, null c, i from generate_series(1, 300) i"
  expect(anna.query(made)).toMatchObject([{ kind: 'command complete', tag: 'SELECT 300' }])
  expect(anna.rows('select a, b, c, sum(i) from t group by a, b, c')).toEqual([['1', 'x', null, '45150']])
  expect(anna.query('create table named (x, y) with (fillfactor = 50) as select 1, 2, 3')).toMatchObject([
    { tag: 'SELECT 1' },
  ])
  expect(anna.rows('select x, y, "?column?" from named')).toEqual([['1', '2', '3']])
  expect(anna.query('create table empty as select * from t with no data')).toMatchObject([{ tag: 'CREATE TABLE AS' }])
  expect(anna.rows('select count(*) from empty')).toEqual([['0']])
  expect(anna.query('select i into odd from t where i % 2 = 1')).toMatchObject([{ tag: 'SELECT 150' }])
  expect(anna.query('select 1 as i into two union all select 2')).toMatchObject([{ tag: 'SELECT 2' }])
  expect(anna.rows('select sum(i) from two')).toEqual([['3']])
  anna.query('create unlogged table quick as select 1 a')
  expect(anna.rows("select relpersistence from pg_class where relname = 'quick'")).toEqual([['u']])
  anna.query('begin; create table gone as select 1; rollback')
  expect(anna.query('select * from gone')).toMatchObject([{ sqlstate: '42P01' }])
})

test('what is wrong with one', () => {
  const anna = new TestServer(15).connect()
  const complaint = (sql: string) =>
    anna.query(sql).find(message => message.kind === 'error' || message.kind === 'notice')
  anna.query('create table t (v int)')
  expect(complaint('create table t as select 1')).toMatchObject({ sqlstate: '42P07' })
  expect(complaint('create table if not exists t as select 1')).toMatchObject({
    kind: 'notice',
    message: 'relation "t" already exists, skipping',
  })
  expect(complaint('select 1 as a, 2 as a into u')).toMatchObject({ sqlstate: '42701' })
  expect(complaint('create table u (x, y) as select 1')).toMatchObject({
    message: 'too many column names were specified',
  })
  expect(complaint('select * from (select 1 into u) s')).toMatchObject({ sqlstate: '42601' })
  expect(complaint('create materialized view m as select 1')).toMatchObject({ sqlstate: '0A000' })
  expect(complaint('begin read only; create table u as select 1')).toMatchObject({ sqlstate: '25006' })
})
