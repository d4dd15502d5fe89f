// DDL and rows after a crash: what was committed is there, with its indexes and sequences; what was not is gone.

import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { TestServer } from './server.ts'

beforeAll(loadParser)

test('tables, indexes and sequences survive a crash cycle', () => {
  const server = new TestServer(15)
  const anna = server.connect()
  anna.query('create table kept (id serial primary key, v int check (v > 0)); create index on kept (v)')
  anna.query('insert into kept (v) select i from generate_series(1, 500) i')
  anna.query("alter table kept add column note text default 'n'")
  anna.query('create table dropped (a int); drop table dropped')
  anna.query('begin; create table lost (a int); insert into kept (v) values (999); truncate kept')
  const { host } = server.server.environment
  host.kill(Number(anna.client.messages.find(message => message.kind === 'authenticated')!.pid), 'KILL')
  server.run(5)
  const bert = server.connect()
  expect(bert.rows('select count(*), min(note), sum(v) from kept')).toEqual([['500', 'n', '125250']])
  expect(bert.rows('select id from kept where v = 77')).toEqual([['77']])
  expect(bert.query('select * from lost')).toMatchObject([{ sqlstate: '42P01' }])
  expect(bert.query('select * from dropped')).toMatchObject([{ sqlstate: '42P01' }])
  // The crash costs the values that were logged ahead.
  expect(Number(bert.rows('insert into kept (v) values (5) returning id')[0][0])).toBeGreaterThan(500)
  expect(bert.query('insert into kept (v) values (0)')).toMatchObject([{ sqlstate: '23514' }])
  expect(bert.query('insert into kept (id, v) values (1, 1)')).toMatchObject([{ sqlstate: '23505' }])
})
