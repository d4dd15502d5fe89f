// Serializable snapshot isolation: which interleavings of transactions fail, and what is noted of who reads. Expectations
// are PostgreSQL's; that what commits has a serial order is looked at without regard to how that is ensured.

import { beforeAll, describe, expect, test } from 'vitest'
import type { BackendMessage } from '../../../../src/runtime/simulated/shared/protocol.ts'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { TestServer, type TestSession } from '../sql/server.ts'

beforeAll(loadParser)

const serializable = 'begin isolation level serializable'
const failed = '40001 could not serialize access due to read/write dependencies among transactions'

function errorOf(messages: readonly BackendMessage[]): string | undefined {
  const error = messages.find(message => message.kind === 'error')
  return error?.kind === 'error' ? `${error.sqlstate} ${error.message}` : undefined
}

function detailOf(messages: readonly BackendMessage[]): string | undefined {
  const error = messages.find(message => message.kind === 'error')
  return error?.kind === 'error' ? error.detail : undefined
}

function start(setup: string, sessions: number, settings: Record<string, string> = {}) {
  const server = new TestServer(15, settings)
  const control = server.connect()
  expect(errorOf(control.query(setup))).toBeUndefined()
  return { control, sessions: Array.from({ length: sessions }, () => server.connect()) }
}

/** All orders in which the steps of several lists can be played, each list in its own order. */
function* interleavings(lists: readonly (readonly string[])[]): Generator<[session: number, sql: string][]> {
  if (lists.every(list => list.length === 0)) yield []
  for (const [session, [first, ...rest]] of lists.entries()) {
    if (first === undefined) continue
    const others = lists.map((list, index) => (index === session ? rest : list))
    for (const tail of interleavings(others)) yield [[session, first], ...tail]
  }
}

interface Outcome {
  /** Sessions whose transaction committed. */
  readonly committed: readonly number[]
  readonly state: string
}

interface Case {
  readonly name: string
  readonly create: string
  readonly fill: string
  /** The statements of each transaction, behind its BEGIN. */
  readonly lists: readonly (readonly string[])[]
  /** Asks for the state in the end. */
  readonly show: string
  /** How many orders lose a transaction on a real server. */
  readonly failures: number
}

type Servers = ReturnType<typeof start>

/** Plays one order of the statements. */
function play({ fill, lists, show }: Case, { control, sessions }: Servers, order: [number, string][]): Outcome {
  control.query(fill)
  for (const session of sessions) session.query(serializable)
  const lost = new Set<number>()
  for (const [index, sql] of order) {
    const error = errorOf(sessions[index].query(sql))
    if (error === undefined) continue
    if (!error.startsWith('25P02')) expect(error).toBe(failed)
    lost.add(index)
  }
  return {
    committed: lists.flatMap((_, index) => (lost.has(index) ? [] : [index])),
    state: JSON.stringify(control.rows(show)),
  }
}

/** What the state would be after these transactions, one after the other, in all their orders. */
function serialStates({ fill, lists, show }: Case, { control }: Servers, committed: readonly number[]): string[] {
  return permutationsOf(committed).map(order => {
    control.query(fill)
    for (const index of order) control.query([serializable, ...lists[index]].join(';'))
    return JSON.stringify(control.rows(show))
  })
}

function permutationsOf(values: readonly number[]): number[][] {
  if (values.length === 0) return [[]]
  return values.flatMap(value => permutationsOf(values.filter(each => each !== value)).map(rest => [value, ...rest]))
}

describe('every order of', () => {
  const cases: readonly Case[] = [
    {
      name: 'two that swap colours',
      create: 'create table dot (id int primary key, colour text)',
      fill: `truncate dot; insert into dot values (1, 'red'), (2, 'blue')`,
      lists: [
        [`update dot set colour = 'red' where colour = 'blue'`, 'commit'],
        [`update dot set colour = 'blue' where colour = 'red'`, 'commit'],
      ],
      show: 'select colour from dot order by id',
      failures: 4,
    },
    {
      name: 'two withdrawals that look at the sum',
      create: 'create table part (id int primary key, cents int)',
      fill: 'truncate part; insert into part values (1, 50), (2, 50)',
      lists: [
        ['update part set cents = cents - 80 where id = 1 and (select sum(cents) from part) > 80', 'commit'],
        ['update part set cents = cents - 80 where id = 2 and (select sum(cents) from part) > 80', 'commit'],
      ],
      show: 'select cents from part order by id',
      failures: 4,
    },
    {
      name: 'two that insert what each has not found',
      create: 'create table booking (id int primary key, room int, hour int)',
      fill: 'truncate booking; insert into booking values (1, 7, 9)',
      lists: [
        ['insert into booking select 2, 8, 10 where not exists (select 1 from booking where hour = 10)', 'commit'],
        ['insert into booking select 3, 9, 10 where not exists (select 1 from booking where hour = 10)', 'commit'],
      ],
      show: 'select * from booking order by id',
      failures: 4,
    },
  ]

  test.each(cases)('$name has a serial explanation', each => {
    const servers = start(each.create, each.lists.length)
    let lost = 0
    for (const order of interleavings(each.lists)) {
      const { committed, state } = play(each, servers, order)
      if (committed.length < each.lists.length) lost++
      expect(serialStates(each, servers, committed)).toContain(state)
      expect(committed.length).toBeGreaterThan(0)
    }
    expect(lost).toBe(each.failures)
  })
})

describe('why', () => {
  const setup = 'create table part (id int primary key, cents int); insert into part values (1, 0), (2, 0), (3, 0)'
  const look = 'select sum(cents) from part'
  const write = (id: number) => `update part set cents = 1 where id = ${id}`

  test('the pivot fails at its commit if the other one committed first', () => {
    const [anna, bert] = start(setup, 2).sessions
    for (const each of [anna, bert]) each.query(`${serializable}; ${look}`)
    anna.query(write(1))
    bert.query(write(2))
    expect(errorOf(anna.query('commit'))).toBeUndefined()
    const told = bert.query('commit')
    expect(errorOf(told)).toBe(failed)
    expect(told).toMatchObject([
      {
        detail: 'Reason code: Canceled on identification as a pivot, during commit attempt.',
        hint: 'The transaction might succeed if retried.',
      },
    ])
  })

  test('at its next write, if that makes it one', () => {
    const [anna, bert] = start(setup, 2).sessions
    for (const each of [anna, bert]) each.query(`${serializable}; ${look}`)
    anna.query(`${write(1)}; commit`)
    expect(detailOf(bert.query(write(2)))).toBe('Reason code: Canceled on identification as a pivot, during write.')
  })

  test('at its next read or write, if somebody else has found it to be one', () => {
    for (const [sql, reason] of [
      [look, 'conflict out checking'],
      ['insert into part values (4, 0)', 'conflict in checking'],
    ]) {
      const [anna, bert] = start(setup, 2).sessions
      for (const each of [anna, bert]) each.query(`${serializable}; ${look}`)
      bert.query(write(2))
      anna.query(`${write(1)}; commit`)
      expect(detailOf(bert.query(sql))).toBe(`Reason code: Canceled on identification as a pivot, during ${reason}.`)
    }
  })

  test('when it reads what a pivot that has committed wrote', () => {
    const [anna, bert, carla] = start(setup, 3).sessions
    for (const each of [anna, bert, carla]) each.query(`${serializable}; select cents from part where id = 3`)
    bert.query('select cents from part where id = 1')
    anna.query(`${write(1)}; commit`)
    bert.query(`${write(2)}; commit`)
    expect(detailOf(carla.query('select cents from part where id = 2'))).toMatch(
      /^Reason code: Canceled on conflict out to pivot \d+, during read\.$/,
    )
  })

  test('a duplicate key that no serial order would have tried', () => {
    const [anna, bert] = start(setup, 2).sessions
    for (const each of [anna, bert]) each.query(`${serializable}; select * from part where id = 9`)
    anna.query('insert into part values (9, 0); commit')
    expect(errorOf(bert.query('insert into part values (9, 0)'))).toBe(failed)
  })

  test('without a look before it stays what it is', () => {
    const [anna, bert] = start(setup, 2).sessions
    for (const each of [anna, bert]) each.query(`${serializable}; select 1`)
    anna.query('insert into part values (9, 0); commit')
    expect(errorOf(bert.query('insert into part values (9, 0)'))).toMatch(/^23505/)
  })

  test('TRUNCATE changes every row', () => {
    const [anna, bert] = start(`${setup}; create table other (id int)`, 2).sessions
    for (const each of [anna, bert]) each.query(serializable)
    bert.query('select * from other')
    anna.query('select cents from part where id = 1')
    bert.query(`${write(1)}; commit`)
    expect(errorOf(anna.query('truncate other'))).toBe(failed)
  })
})

describe('SIREAD locks', () => {
  const show = (session: TestSession) =>
    session
      .rows(`select locktype, relation::regclass, page, tuple from pg_locks where mode = 'SIReadLock' order by 2, 3, 4`)
      .map(row => row.filter(each => each !== null).join(' '))
  const setup = `create table t (id int primary key, v int); insert into t select i, i from generate_series(1, 400) i`
  const read = (id: number) => `select v from t where id = ${id}`

  test('on tuples and index pages; many become one of the page, then of the table', () => {
    const [anna] = start(setup, 1).sessions
    anna.query(`${serializable}; ${read(1)}`)
    expect(show(anna)).toEqual(['tuple t 0 1', 'page t_pkey 1'])
    anna.query(read(2))
    expect(show(anna)).toEqual(['tuple t 0 1', 'tuple t 0 2', 'page t_pkey 1'])
    anna.query(read(3))
    expect(show(anna)).toEqual(['page t 0', 'page t_pkey 1'])
    anna.query(read(300))
    expect(show(anna)).toEqual(['page t 0', 'tuple t 1 74', 'page t_pkey 1'])
    anna.query('update t set v = 0 where id = 300')
    expect(show(anna)).toEqual(['page t 0', 'page t_pkey 1'])
    anna.query('select count(*) from t')
    expect(show(anna)).toEqual(['relation t', 'page t_pkey 1'])
    anna.query('commit')
    expect(show(anna)).toEqual([])
  })

  test('max_pred_locks_per_relation', () => {
    const [anna] = start(setup, 1, { max_pred_locks_per_relation: '1' }).sessions
    anna.query(`${serializable}; ${read(1)}; ${read(300)}`)
    expect(show(anna)).toEqual(['relation t', 'page t_pkey 1'])
  })

  test('of a tuple that is changed under a savepoint stay', () => {
    const [anna] = start(setup, 1).sessions
    anna.query(`${serializable}; ${read(5)}; savepoint s; update t set v = 0 where id = 5`)
    expect(show(anna)).toEqual(['tuple t 0 5', 'page t_pkey 1'])
  })

  test('stay after the commit while somebody runs who began before it', () => {
    const [anna, bert] = start(setup, 2).sessions
    bert.query(`${serializable}; select 1 from t where id = 400`)
    anna.query(`${serializable}; ${read(1)}; update t set v = 0 where id = 2; commit`)
    expect(show(anna)).toContain('tuple t 0 1')
    bert.query('commit')
    expect(show(anna)).toEqual([])
  })

  test('follow the entries when an index page is split', () => {
    const { control, sessions } = start(setup, 1)
    sessions[0].query(`${serializable}; ${read(1)}`)
    control.query('insert into t select i, i from generate_series(401, 500) i')
    expect(show(control)).toEqual(['tuple t 0 1', 'page t_pkey 1', 'page t_pkey 2'])
  })

  test('of an index that is dropped become one of the table', () => {
    const { control, sessions } = start(`${setup}; create index on t (v)`, 1)
    sessions[0].query(`${serializable}; select id from t where v = 1`)
    expect(show(control)).toEqual(['tuple t 0 1', 'page t_v_idx 1'])
    sessions[0].query('drop index t_v_idx')
    expect(show(control)).toContain('relation t')
  })

  test('are not needed where nobody who writes runs', () => {
    const [anna] = start(setup, 1).sessions
    anna.query(`${serializable}, read only; ${read(1)}`)
    expect(show(anna)).toEqual([])
  })

  test('the table of them can be full', () => {
    const settings = { max_pred_locks_per_transaction: '10', max_connections: '4', max_worker_processes: '0' }
    const more = { ...settings, max_wal_senders: '0', autovacuum_max_workers: '1', max_pred_locks_per_relation: '1000' }
    const [anna] = start(setup, 1, { ...more, max_pred_locks_per_page: '1000' }).sessions
    anna.query(serializable)
    const errors = Array.from({ length: 100 }, (_, index) => errorOf(anna.query(read(index + 1))))
    expect(errors.find(each => each !== undefined)).toBe('53200 out of shared memory')
  })
})

describe('what has ended', () => {
  const setup = 'create table part (id int primary key, cents int); insert into part values (1, 0), (2, 0), (3, 0)'

  test('is summarised when there is too much of it, and still counts', () => {
    const few = { max_connections: '4', max_worker_processes: '0', max_wal_senders: '0', autovacuum_max_workers: '1' }
    const [anna, bert] = start(setup, 2, few).sessions
    anna.query(`${serializable}; select cents from part where id = 3`)
    // So many writers that the first are known by a summary only.
    for (let count = 0; count < 70; count++) {
      bert.query(
        `${serializable}; select cents from part where id = 2; update part set cents = ${count} where id = 1; commit`,
      )
    }
    expect(errorOf(anna.query('select cents from part where id = 1'))).toBeUndefined()
    bert.query(`${serializable}; select cents from part where id = 3`)
    expect(detailOf(anna.query('update part set cents = 1 where id = 3'))).toMatch(/pivot/)
  })
})
