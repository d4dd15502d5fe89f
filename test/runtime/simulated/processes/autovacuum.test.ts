// The autovacuum launcher and its workers. Figures and words are those of a real PostgreSQL 15 and 18 after the same SQL.

import { beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../../../src/runtime/simulated/kernel/random.ts'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { TestServer, type TestSession } from '../sql/server.ts'

beforeAll(loadParser)

const table = 'create table t (id int primary key, v int, pad text) with (fillfactor = 100)'
const rows = (count: number) =>
  `insert into t select i, 0, 'padding of some length here' from generate_series(1, ${count}) i`
const counts = 'select n_live_tup, n_dead_tup, autovacuum_count, autoanalyze_count from pg_stat_user_tables'
const sizes = "select relpages, reltuples, relallvisible from pg_class where relname = 't'"

const eager = { autovacuum_naptime: '1s', log_autovacuum_min_duration: '0' }
/** So slow that a test can look on. */
const slow = { ...eager, autovacuum_vacuum_cost_delay: '100ms', autovacuum_vacuum_cost_limit: '1' }

/** Runs statements in a session of its own: what it counted is reported when it leaves. */
function runAlone(on: TestServer, ...statements: string[]): void {
  const session = on.connect()
  for (const statement of statements) session.query(statement)
  leave(on, session)
}

function leave(on: TestServer, session: TestSession): void {
  session.client.socket!.send({ kind: 'terminate', size: 5 } as never)
  on.run(0.01)
}

interface Line {
  readonly process: string
  readonly level: string
  readonly message: string
  readonly context?: string
}

function linesOf(on: TestServer, process: RegExp): Line[] {
  return on.play.events.flatMap(event =>
    event.kind === 'log.line' && process.test(event.process ?? '')
      ? [{ process: event.process!, level: event.level, message: event.message, context: event.context }]
      : [],
  )
}

const workerLines = (on: TestServer) => linesOf(on, /^autovacuum worker$/)

/** Without what depends on the machine's speed. */
const figures = ({ message }: Line) => message.split('\n').filter(line => !/^(avg|buffer|system)/.test(line))

describe('a table that was filled', () => {
  test('is vacuumed and analysed a naptime later, in 15 with these words and figures', () => {
    const on = new TestServer(15, eager)
    runAlone(on, table, rows(10_000))
    on.run(2)
    const lines = workerLines(on)
    expect(lines.map(line => figures(line))).toEqual([
      [
        'automatic vacuum of table "postgres.public.t": index scans: 0',
        'pages: 0 removed, 84 remain, 84 scanned (100.00% of total)',
        'tuples: 0 removed, 10000 remain, 0 are dead but not yet removable',
        'removable cutoff: 726, which was 0 XIDs old when operation ended',
        'new relfrozenxid: 725, which is 1 XIDs ahead of previous value',
        'index scan not needed: 0 pages from table (0.00% of total) had 0 dead item identifiers removed',
        'WAL usage: 85 records, 1 full page images, 13382 bytes',
      ],
      ['automatic analyze of table "postgres.public.t"'],
    ])
    expect(lines[0].message).toMatch(
      /\navg read rate: \d+\.\d{3} MB\/s, avg write rate: \d+\.\d{3} MB\/s\nbuffer usage: \d+ hits, 0 misses, 4 dirtied\n/,
    )
    expect(lines[0].message).toMatch(/\nsystem usage: CPU: user: \d\.\d\d s, system: \d\.\d\d s, elapsed: \d\.\d\d s$/)
    const session = on.connect()
    expect(session.rows(counts)).toEqual([['10000', '0', '1', '1']])
    expect(session.rows(sizes)).toEqual([['84', '10000', '84']])
  })

  test('in 18 with these', () => {
    const on = new TestServer(18, eager)
    runAlone(on, table, rows(10_000))
    on.run(2)
    const [vacuum, analyze] = workerLines(on)
    expect(figures(vacuum).map(line => line.replace(/: 7\d\d,/, ': 7..,'))).toEqual([
      'automatic vacuum of table "postgres.public.t": index scans: 0',
      'pages: 0 removed, 84 remain, 84 scanned (100.00% of total), 0 eagerly scanned',
      'tuples: 0 removed, 10000 remain, 0 are dead but not yet removable',
      'removable cutoff: 7.., which was 0 XIDs old when operation ended',
      'new relfrozenxid: 7.., which is 1 XIDs ahead of previous value',
      'frozen: 0 pages from table (0.00% of total) had 0 tuples frozen',
      'visibility map: 84 pages set all-visible, 0 pages set all-frozen (0 were all-visible)',
      'index scan not needed: 0 pages from table (0.00% of total) had 0 dead item identifiers removed',
      expect.stringMatching(/^WAL usage: \d+ records, \d+ full page images, \d+ bytes, 0 buffers full$/),
    ])
    expect(vacuum.message).toMatch(/\nbuffer usage: \d+ hits, 0 reads, 4 dirtied\n/)
    expect(analyze.message).toMatch(/\nWAL usage: \d+ records, /)
  })

  test('by default nothing is said of it', () => {
    const on = new TestServer(15, { autovacuum_naptime: '1s' })
    runAlone(on, table, rows(10_000))
    on.run(2)
    expect(workerLines(on)).toEqual([])
    expect(on.connect().rows(counts)).toEqual([['10000', '0', '1', '1']])
  })
})

test('10,000 random updates leave as much as on a real server, and a bulk delete is cleaned up', () => {
  const on = new TestServer(15, eager)
  runAlone(on, table, rows(10_000))
  on.run(2)
  const session = on.connect()
  const random = new Random(1)
  for (let i = 0; i < 10_000; i++)
    session.send('update t set v = v + 1 where id = $1', [`${random.integer(1, 10_000)}`])
  while (session.client.messages.filter(({ kind }) => kind === 'ready').length <= 10_000) on.run(1)
  leave(on, session)
  on.run(3)
  const look = on.connect()
  const [[live, dead, hot]] = look.rows('select n_live_tup, n_dead_tup, n_tup_hot_upd from pg_stat_user_tables')
  expect(live).toBe('10000')
  // Real: 581, and 9507 of the updates were HOT; which rows are hit is left to chance.
  expect(Number(dead)).toBeGreaterThan(540)
  expect(Number(dead)).toBeLessThan(630)
  expect(Number(hot)).toBeGreaterThan(9_460)
  expect(Number(hot)).toBeLessThan(9_540)
  // Less than the threshold of 50 + 0.2 × 10000: it was analysed only.
  expect(look.rows(sizes)).toEqual([['88', '10000', '0']])
  runAlone(on, 'delete from t where id > 5000')
  on.run(2)
  const vacuum = workerLines(on)
    .filter(({ message }) => message.startsWith('automatic vacuum'))
    .at(-1)!
  expect(vacuum.message).toMatch(/index scans: 1\npages: 0 removed, 88 remain, 88 scanned \(100\.00% of total\)\n/)
  expect(vacuum.message).toMatch(/tuples: 50\d\d removed, 5000 remain, 0 are dead but not yet removable\n/)
  expect(vacuum.message).toMatch(
    /\nindex scan needed: 88 pages from table \(100\.00% of total\) had 5[45]\d\d dead item identifiers removed\n/,
  )
  expect(look.rows(counts)[0].slice(0, 2)).toEqual(['5000', '0'])
  expect(look.rows(sizes)).toEqual([['88', '5000', '88']])
})

test('an idle transaction keeps dead rows from being removed', () => {
  const on = new TestServer(15, eager)
  runAlone(on, table, rows(1_000))
  on.run(2)
  const idle = on.connect()
  idle.query('begin isolation level repeatable read; select 1 from t limit 1')
  runAlone(on, 'delete from t where id > 500')
  on.run(1.5)
  const vacuums = () =>
    workerLines(on).flatMap(({ message }) => (message.startsWith('automatic vacuum') ? [message] : []))
  const [held] = vacuums()
  expect(held).toMatch(/tuples: 0 removed, 1000 remain, 500 are dead but not yet removable\n/)
  expect(held).toMatch(/removable cutoff: (\d+), which was 1 XIDs old when operation ended\n/)
  expect(on.connect().rows(counts)[0].slice(0, 2)).toEqual(['500', '500'])
  idle.query('commit')
  on.run(1.5)
  expect(vacuums().find(message => !message.includes(' 0 removed, 10'))).toMatch(
    /tuples: 500 removed, 500 remain, 0 are dead but not yet removable\n/,
  )
})

describe('a worker at work', () => {
  test('is seen, and gives way to who waits for its table', () => {
    const on = new TestServer(15, { ...slow, log_lock_waits: 'on' })
    runAlone(on, table, rows(2_000))
    on.run(1.5)
    const session = on.connect()
    const [worker] = on.play.processes('autovacuum worker')
    expect(worker.title).toBe('postgres: autovacuum worker postgres')
    expect(
      session.rows(
        `select datname, usename, state, query, wait_event_type, wait_event, xact_start is not null
         from pg_stat_activity where backend_type = 'autovacuum worker'`,
      ),
    ).toEqual([['postgres', null, 'active', 'autovacuum: VACUUM ANALYZE public.t', 'Timeout', 'VacuumDelay', 't']])
    expect(
      session.rows('select phase, heap_blks_total, index_vacuum_count, num_dead_tuples from pg_stat_progress_vacuum'),
    ).toEqual([['scanning heap', '17', '0', '0']])
    const before = on.play.kernel.now
    session.query('begin; lock table t; commit')
    expect(on.play.kernel.now - before).toBeLessThan(1.1e9)
    const [cancel] = workerLines(on)
    expect(cancel).toMatchObject({ level: 'ERROR', message: 'canceling autovacuum task' })
    expect(cancel.context).toMatch(
      /^while scanning block \d+ of relation "public\.t"\nautomatic vacuum of table "postgres\.public\.t"$/,
    )
  })

  test('that is terminated says so; one that is killed takes the server through a crash cycle', () => {
    for (const [version, name] of [
      [15, 'server process'],
      [18, 'autovacuum worker'],
    ] as const) {
      const on = new TestServer(version, slow)
      runAlone(on, table, rows(2_000))
      on.run(1.5)
      on.play.processes('autovacuum worker')[0].signal('TERM')
      on.run(1)
      expect(workerLines(on)[0]).toMatchObject({
        level: 'FATAL',
        message: 'terminating autovacuum process due to administrator command',
        context: expect.stringMatching(/^while scanning block \d+ of relation "public\.t"$/),
      })
      const [worker] = on.play.processes('autovacuum worker')
      worker.signal('KILL')
      on.run(1)
      const crash = linesOf(on, /^postmaster$/).map(({ message }) => message)
      expect(crash).toContain(`${name} (PID ${worker.pid}) was terminated by signal 9: Killed`)
      expect(crash.at(-1)).toBe('database system is ready to accept connections')
      // A crash forgets all counts: the table is not due any more.
      expect(on.connect().rows(counts)).toEqual([['0', '0', '0', '0']])
    }
  })

  test('shares the cost limit with the others', () => {
    const duration = (tables: readonly string[]) => {
      const on = new TestServer(15, { ...slow, autovacuum_vacuum_cost_limit: '4' })
      runAlone(
        on,
        ...tables.flatMap(name => [table.replace(' t ', ` ${name} `), rows(10_000).replace(' t ', ` ${name} `)]),
      )
      on.run(20)
      const vacuums = workerLines(on).filter(({ message }) => message.startsWith('automatic vacuum'))
      expect(vacuums.length).toBe(tables.length)
      return Math.max(...vacuums.map(({ message }) => Number(/elapsed: (\d+\.\d+) s/.exec(message)![1])))
    }
    const alone = duration(['a'])
    const shared = duration(['a', 'b'])
    expect(alone).toBeGreaterThan(4)
    expect(shared).toBeGreaterThan(1.5 * alone)
  })

  test('takes a reload over when it comes to the next table, since 16 as soon as it has rested', () => {
    for (const [version, workers] of [
      [15, 1],
      [16, 0],
    ] as const) {
      const on = new TestServer(version, slow)
      runAlone(on, table, rows(10_000))
      on.run(2)
      expect(on.play.processes('autovacuum worker').length).toBe(1)
      on.server.environment.settings.files.edit(new Map([['autovacuum_vacuum_cost_delay', '0']]))
      on.server.postmaster!.signal('HUP')
      on.run(0.8)
      expect(on.play.processes('autovacuum worker').length).toBe(workers)
    }
  })
})

describe('storage parameters', () => {
  test('leave a table alone, or have it vacuumed early', () => {
    const on = new TestServer(15, eager)
    runAlone(
      on,
      'create table off (a int) with (autovacuum_enabled = off)',
      'create table early (a int) with (autovacuum_vacuum_insert_threshold = 10)',
      'create table late (a int)',
      ...['off', 'early', 'late'].map(name => `insert into ${name} select generate_series(1, 40)`),
    )
    on.run(2)
    const session = on.connect()
    const vacuums = 'select relname, autovacuum_count from pg_stat_user_tables order by 1'
    expect(session.rows(vacuums)).toEqual([
      ['early', '1'],
      ['late', '0'],
      ['off', '0'],
    ])
    session.query('alter table late set (autovacuum_vacuum_insert_threshold = 5, autovacuum_enabled = on)')
    session.query('alter table late reset (autovacuum_enabled)')
    expect(session.rows("select reloptions::text from pg_class where relname = 'late'")).toEqual([
      ['{autovacuum_vacuum_insert_threshold=5}'],
    ])
    on.run(2)
    expect(session.rows(vacuums)).toContainEqual(['late', '1'])
  })

  test('are checked as PostgreSQL checks them', () => {
    const session = new TestServer(15).connect()
    const refusal = (option: string) =>
      session
        .query(`create table t (a int) with (${option})`)
        .map(each => ('message' in each ? each.message : each.kind))
    expect(refusal('autovacuum_vacuum_scale_factor = 200')).toEqual([
      'value 200 out of bounds for option "autovacuum_vacuum_scale_factor"',
    ])
    expect(refusal('autovacuum_enabled = maybe')).toEqual([
      'invalid value for boolean option "autovacuum_enabled": maybe',
    ])
    expect(refusal('autovacuum_vacuum_max_threshold = 5')).toEqual([
      'unrecognized parameter "autovacuum_vacuum_max_threshold"',
    ])
  })
})

describe('the launcher', () => {
  test('ends at SIGTERM with code 0 and comes again; at autovacuum = off it stays away', () => {
    const on = new TestServer(15, eager)
    const [launcher] = on.play.processes('autovacuum launcher')
    launcher.signal('TERM')
    on.run(0.5)
    const [next] = on.play.processes('autovacuum launcher')
    expect(next.pid).not.toBe(launcher.pid)
    on.server.environment.settings.files.edit(new Map([['autovacuum', 'off']]))
    on.server.postmaster!.signal('HUP')
    on.run(2)
    expect(on.play.processes('autovacuum launcher')).toEqual([])
  })

  test('that finds nothing to do costs little', () => {
    const on = new TestServer(15, { autovacuum_naptime: '1s' })
    const without = new TestServer(15, { autovacuum: 'off' })
    const steps = (server: TestServer) => {
      const before = server.play.kernel.steps
      server.run(60)
      return server.play.kernel.steps - before
    }
    expect(steps(on) - steps(without)).toBeLessThan(60 * 12)
  })
})
