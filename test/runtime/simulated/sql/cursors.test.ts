// Cursors between their fetches: what they hold, and whom that holds up. What they answer is in corpus/cursors.sql.

import { beforeAll, describe, expect, test } from 'vitest'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { TestServer, type TestSession } from './server.ts'

beforeAll(loadParser)

function start(version: 15 | 18 = 15): { server: TestServer; reader: TestSession; dba: TestSession } {
  const server = new TestServer(version, { autovacuum: 'off', log_temp_files: '0' })
  const dba = server.connect()
  dba.query(`create table t (id int primary key, v text); create table u (id int);
    insert into t select i, repeat('x', 400) from generate_series(1, 100) i`)
  return { server, reader: server.connect(), dba }
}

const last = (session: TestSession, text: string) => {
  const message = session.query(text).at(-1)!
  if (message.kind === 'command complete') return message.tag
  return message.kind === 'error' ? `${message.sqlstate} ${message.message}` : message.kind
}

const abandoned = `begin; insert into t select i, 'y' from generate_series(1001, 1010) i; rollback`
const removed = (session: TestSession) =>
  session
    .query('vacuum (verbose) t')
    .flatMap(message => (message.kind === 'notice' ? [message.detail ?? message.message] : []))
    .join('\n')
    .match(/tuples: (\d+) removed/)?.[1]

test('several statements in one query string are a block, and its cursors end with it', () => {
  const { reader } = start()
  expect(last(reader, 'declare c cursor for select id from t; fetch 2 from c')).toBe('FETCH 2')
  expect(last(reader, 'fetch c')).toBe('34000 cursor "c" does not exist')
})

describe('the page that a cursor stands on', () => {
  test.each([
    ['a scan of the table', 'select id from t', 'fetch c'],
    ['a scan of an index', 'select v from t where id between 99 and 100', 'fetch c'],
  ])('is left alone by vacuum: %s', (_, query, fetch) => {
    const { reader, dba } = start()
    // The rows of the rollback stand on the last page.
    dba.query(abandoned)
    reader.query(`begin; declare c cursor for ${query}`)
    expect(last(reader, fetch.replace('fetch', query.includes('where') ? 'fetch' : 'fetch 100 from'))).toMatch(/FETCH/)
    expect(removed(dba)).toBe('0')
    reader.query('close c')
    expect(removed(dba)).toBe('10')
  })

  test('is free when the cursor has seen all rows', () => {
    const { reader, dba } = start()
    dba.query(abandoned)
    reader.query('begin; declare c cursor for select id from t; fetch all from c')
    expect(removed(dba)).toBe('10')
  })

  test('is free when the transaction has failed, or rolled back to where there was no cursor', () => {
    for (const end of ['select 1 / 0', 'rollback to s', 'rollback', 'commit']) {
      const { reader, dba } = start()
      dba.query(abandoned)
      reader.query('begin; savepoint s; declare c cursor for select id from t; fetch 100 from c')
      reader.query(end)
      expect(removed(dba), end).toBe('10')
    }
  })

  test.each([15, 18] as const)('holds up a vacuum that must freeze, until the cursor goes on: %s', version => {
    const { server, reader, dba } = start(version)
    reader.query('begin; declare c cursor for select id from t; fetch c')
    dba.send('vacuum (freeze) t')
    server.run(5)
    const waits = `select wait_event_type || '/' || wait_event from pg_stat_activity where query like 'vacuum%'`
    expect(server.connect().rows(waits)).toEqual([['BufferPin/BufferPin']])
    expect(dba.take()).toEqual([])
    // It stands on a page further on: vacuum comes there too.
    reader.query('move 50 in c')
    server.run(1)
    expect(dba.take()).toEqual([])
    reader.query('close c')
    server.run(1)
    expect(dba.take().map(message => message.kind)).toEqual(['command complete', 'ready'])
  })

  test('and the vacuum that waits can be cancelled, and leaves no pin', () => {
    const { server, reader, dba } = start()
    reader.query('begin; declare c cursor for select id from t; fetch c')
    dba.query(`set statement_timeout = '1s'`)
    expect(last(dba, 'vacuum (freeze) t')).toBe('57014 canceling statement due to statement timeout')
    reader.query('commit')
    expect(last(dba, 'vacuum (freeze) t')).toBe('VACUUM')
    expect(server.server.shared.buffers.frames.filter(frame => frame.pins > 0)).toEqual([])
  })
})

test('the snapshot of a cursor holds the horizon back until the cursor is closed', () => {
  const { reader, dba } = start()
  reader.query('begin; declare c cursor for select id from u')
  dba.query('delete from t where id > 50')
  expect(removed(dba)).toBe('0')
  reader.query('close c')
  expect(removed(dba)).toBe('50')
})

test('a sort of a cursor keeps its temporary file, with a name of its own, until the cursor is closed', () => {
  const { server, reader } = start()
  reader.query(`set work_mem = '64kB'; begin`)
  const files = () => server.server.environment.data.list('base/pgsql_tmp/')
  reader.query('declare a cursor for select id, v from t order by v, id; fetch a')
  reader.query('select id, v from t order by v, id')
  reader.query('declare b cursor for select id, v from t order by v, id; fetch b')
  expect(files()).toHaveLength(2)
  reader.query('close a')
  expect(files()).toHaveLength(1)
  reader.query('commit')
  expect(files()).toHaveLength(0)
})
