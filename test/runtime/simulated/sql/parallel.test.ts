// Queries with parallel workers: when there are some, how many, what comes out, what an error does. Judged by a real
// PostgreSQL 15 with the same SQL.

import { beforeAll, describe, expect, test } from 'vitest'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { TestServer, type TestSession } from './server.ts'

beforeAll(loadParser)

/** Makes workers worth their while for a small table. */
const cheap = 'set min_parallel_table_scan_size = 0; set parallel_setup_cost = 0; set parallel_tuple_cost = 0'
const table = 'create table t (id int, pad text); create table few (id int)'
const rows = `insert into t select i, repeat('x', 100) from generate_series(1, 20000) i; insert into few values (1)`

/** A server with a table of 3 MB, and a session on it. */
function begin(settings: Record<string, string> = {}, setUp = cheap): { on: TestServer; session: TestSession } {
  const on = new TestServer(15, settings)
  const session = on.connect()
  for (const each of [table, rows, setUp]) session.query(each)
  return { on, session }
}

/** How many parallel workers the statement had. */
function workersOf(on: TestServer, session: TestSession, statement: string): number {
  const before = started(on)
  expect(session.query(statement).at(-1)?.kind).toBe('command complete')
  return started(on) - before
}

const started = ({ play }: TestServer) =>
  play.events.filter(event => event.kind === 'process.started' && event.type === 'parallel worker').length

const failures = ({ play }: TestServer) =>
  play.events.flatMap(event =>
    event.kind === 'log.line' && (event.level === 'ERROR' || event.level === 'FATAL' || /exited/.test(event.message))
      ? [`[${event.process}] ${event.level}: ${event.message.replace(/PID \d+/, 'PID')}`]
      : [],
  )

describe('the result is that of one process', () => {
  const queries = [
    'select count(*), count(id), sum(id), avg(id), min(id), max(pad) from t',
    'select count(*), sum(id::bigint), avg(id::numeric), bool_and(id > 0), min(id::float8) from t where id % 3 = 0',
    'select count(*) filter (where id > 100), sum(case when id % 2 = 0 then null else id end) from t',
    'select count(distinct id % 10) from t',
    'select sum(id), avg(id), min(id) from t where id < 0',
    'select id % 7 as key, count(*), avg(id) from t group by 1 order by 1',
    'select id from t where id % 1000 = 3 order by id',
    'select count(*) from (select id from t where id > 100) s',
    'select id from few where id < (select count(*) from t)',
  ]
  test.each(queries)('%s', query => {
    const { on, session } = begin()
    const before = started(on)
    const together = session.rows(query)
    expect(started(on) - before).toBe(2)
    session.query('set max_parallel_workers_per_gather = 0')
    expect(session.rows(query)).toEqual(together)
    expect(started(on) - before).toBe(2)
  })

  test('workers see what the transaction of their leader has done', () => {
    const { session } = begin()
    session.query(
      'begin; delete from t where id <= 5000; savepoint s; insert into t select i from generate_series(1, 10) i',
    )
    expect(session.rows('select count(*) from t')).toEqual([['15010']])
    session.query('rollback to s')
    expect(session.rows('select count(*) from t')).toEqual([['15000']])
  })
})

describe('how many there are', () => {
  test('follows from the size of the table', () => {
    const { on, session } = begin({}, 'set parallel_setup_cost = 0; set max_parallel_workers_per_gather = 8')
    const workers = (least: string) => {
      session.query(`set min_parallel_table_scan_size = '${least}'`)
      return workersOf(on, session, 'select count(*) from t')
    }
    // It has 345 pages.
    expect(['346 MB', '2768kB', '2760kB', '928kB', '920kB', '8kB', '0'].map(workers)).toEqual([0, 0, 1, 1, 2, 6, 6])
  })

  test('or from its storage parameter', () => {
    const { on, session } = begin({}, `${cheap}; set max_parallel_workers_per_gather = 4`)
    session.query('alter table t set (parallel_workers = 3)')
    expect(workersOf(on, session, 'select count(*) from t')).toBe(3)
    session.query('set max_parallel_workers_per_gather = 1')
    expect(workersOf(on, session, 'select count(*) from t')).toBe(1)
  })

  test('none where they cost more than they are worth', () => {
    const { on, session } = begin({}, 'set min_parallel_table_scan_size = 0')
    expect(workersOf(on, session, 'select count(*) from t')).toBe(0)
    session.query('set parallel_setup_cost = 100')
    expect(workersOf(on, session, 'select count(*) from t')).toBe(2)
    // All rows would have to go through the queues.
    expect(workersOf(on, session, 'select id from t')).toBe(0)
    expect(workersOf(on, session, 'select id from t where id % 10 = 3')).toBe(2)
    expect(workersOf(on, session, 'select id from t where id % 10 = 3 limit 1')).toBe(0)
  })

  test('one where there are slots for two background workers, and the launcher has one', () => {
    const { on, session } = begin({ max_worker_processes: '2' })
    expect(workersOf(on, session, 'select count(*) from t')).toBe(1)
    // A worker of a subscription has a slot, too.
    const { backgroundWorkers } = on.server.shared
    const applies = backgroundWorkers.register({
      type: 'logical replication worker',
      name: 'logical replication worker',
      title: 'logical replication worker for subscription 1',
      handle: 1,
      index: 0,
      requester: on.server.postmaster!,
    })!
    applies.status = 'started'
    expect(workersOf(on, session, 'select count(*) from t')).toBe(0)
    backgroundWorkers.forget(applies)
    session.query('set max_parallel_workers = 0')
    expect(workersOf(on, session, 'select count(*) from t')).toBe(0)
    expect(session.rows('select count(*) from t')).toEqual([['20000']])
  })

  test.each([
    'select id from t where id % 1000 = 3 for update',
    'insert into few select id from t where id % 1000 = 3',
    'update t set pad = pad where id % 1000 = 3',
    "select id, set_config('application_name', 'x', true) from t where id % 1000 = 3",
    'select count(*) from t where random() < 0',
  ])('none for %s', statement => {
    const { on, session } = begin()
    expect(workersOf(on, session, statement)).toBe(0)
  })
})

describe('a part of it fails', () => {
  test('an error of a worker is one of the statement', () => {
    const { on, session } = begin({}, `${cheap}; set parallel_leader_participation = off`)
    const [error] = session.query('select count(*) from t where 1 / (id - 15000) = 0')
    expect(error).toMatchObject({ kind: 'error', level: 'ERROR', sqlstate: '22012', context: 'parallel worker' })
    expect(failures(on)).toEqual([
      '[parallel worker] ERROR: division by zero',
      '[backend] ERROR: division by zero',
      '[postmaster] LOG: background worker "parallel worker" (PID) exited with exit code 1',
      '[parallel worker] FATAL: terminating background worker "parallel worker" due to administrator command',
      '[postmaster] LOG: background worker "parallel worker" (PID) exited with exit code 1',
    ])
    expect(session.rows('select count(*) from t')).toEqual([['20000']])
  })

  test('a leader that is ended takes its workers with it', () => {
    const { on, session } = begin()
    session.send('select count(*) from t where case when id % 1000 = 0 then pg_sleep(1) is null else true end')
    on.run(0.5)
    expect(on.play.processes('parallel worker')).toHaveLength(2)
    const other = on.connect()
    const shown = "select leader_pid is not null, query ~ 'sleep', wait_event, state from pg_stat_activity"
    expect(other.rows(`${shown} where backend_type = 'parallel worker'`)).toEqual([
      ['t', 't', 'PgSleep', 'active'],
      ['t', 't', 'PgSleep', 'active'],
    ])
    other.query('select pg_terminate_backend(leader_pid) from pg_stat_activity where leader_pid is not null limit 1')
    expect(on.play.processes('parallel worker')).toHaveLength(0)
    expect(failures(on)[0]).toBe('[backend] FATAL: terminating connection due to administrator command')
    expect(other.rows('select count(*) from t')).toEqual([['20000']])
  })

  test('so does one whose worker is cancelled', () => {
    const { on, session } = begin()
    session.send('select count(*) from t where case when id % 1000 = 0 then pg_sleep(1) is null else true end')
    on.run(0.5)
    session.take()
    const worker = on.play.processes('parallel worker')[0]
    on.connect().query(`select pg_cancel_backend(${worker.pid})`)
    const canceled = { level: 'ERROR', message: 'canceling statement due to user request', context: 'parallel worker' }
    expect(session.take()[0]).toMatchObject(canceled)
    expect(failures(on).slice(0, 2)).toEqual([
      '[parallel worker] ERROR: canceling statement due to user request',
      '[backend] ERROR: canceling statement due to user request',
    ])
    expect(on.play.processes('parallel worker')).toHaveLength(0)
  })

  test('a worker that cannot be forked fails the statement', () => {
    const { on, session } = begin()
    on.server.environment.host.memory.allowsFork = () => false
    expect(session.query('select count(*) from t')[0]).toMatchObject({
      sqlstate: '55000',
      message: 'parallel worker failed to initialize',
      hint: 'More details may be available in the server log.',
    })
    expect(on.play.log().filter(line => /fork/.test(line))).toEqual([
      '[postmaster] LOG: could not fork worker process: Cannot allocate memory',
      '[postmaster] LOG: could not fork worker process: Cannot allocate memory',
    ])
  })

  test('nobody fails where the leader has had enough', () => {
    const { on, session } = begin()
    expect(session.rows('select id from t where id > 0 limit 3')).toHaveLength(3)
    expect(started(on)).toBe(2)
    expect(on.play.processes('parallel worker')).toHaveLength(0)
    expect(failures(on)).toEqual([])
  })
})

describe('time', () => {
  /** In milliseconds, of a scan of 15 MB in a server on so many CPUs, with so many workers. */
  function duration(cpus: number, workers: number): number {
    const { on, session } = begin({ log_min_duration_statement: '0' })
    session.query(`insert into t select i, repeat('x', 100) from generate_series(1, 80000) i`)
    on.server.environment.host.cpus.change(cpus)
    session.query(`set max_parallel_workers_per_gather = ${workers}`)
    session.query('select count(*) from t')
    const line = on.play.log().findLast(each => /duration: .* select count/.test(each))!
    return Number(/duration: ([\d.]+) ms/.exec(line)![1])
  }

  test('there is less of it where there are CPUs for the workers, and not where there are none', () => {
    const alone = duration(2, 0)
    const withHelp = duration(2, 1)
    expect(withHelp).toBeGreaterThan(alone / 2)
    expect(withHelp).toBeLessThan(alone * 0.8)
    expect(duration(1, 1)).toBeGreaterThan(alone)
  })

  test('a worker waits while its queue is full', () => {
    const { on, session } = begin({}, `${cheap}; set parallel_leader_participation = off`)
    // The leader stands still over each row.
    session.send('select pg_sleep(0.1), id, pad from t limit 20000')
    on.run(2)
    const shown =
      "select distinct wait_event_type, wait_event from pg_stat_activity where backend_type = 'parallel worker'"
    expect(on.connect().rows(shown)).toEqual([['IPC', 'MessageQueueSend']])
  })
})

test('a worker does not wait for who waits for its leader', () => {
  const { on, session } = begin()
  session.query('begin; select count(*) from t')
  const other = on.connect()
  other.send('alter table t add column more int')
  on.run(0.2)
  expect(workersOf(on, session, 'select count(*) from t')).toBe(2)
  session.query('commit')
  on.run(0.2)
  expect(other.take().at(-2)).toMatchObject({ kind: 'command complete', tag: 'ALTER TABLE' })
})
