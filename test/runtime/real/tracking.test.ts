// Which transaction a query committed, as a real PostgreSQL lets it be known.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { defaultKeepalive, type Executed } from '../../../src/runtime/engine.ts'
import { connect } from '../../../src/runtime/real/clients/connect.ts'
import type { RealConnection } from '../../../src/runtime/real/clients/connection.ts'
import { execute } from '../../../src/runtime/real/clients/execute.ts'
import { Links } from '../../../src/runtime/real/links/index.ts'
import { untracked } from '../../../src/runtime/real/tracked-suffix.ts'
import { loadParser } from '../../../src/runtime/simulated/sql/parser.ts'
import { reason, TestServer } from './server.ts'

let server: TestServer
let links: Links
let connection: RealConnection

const wait = (time: number): Promise<void> => new Promise(resolve => setTimeout(resolve, time))

async function open(tracksCommits: boolean): Promise<RealConnection> {
  const request = {
    kind: 'connect',
    from: 'app',
    node: 'primary',
    database: 'postgres',
    applicationName: 'app',
  } as const
  const address = { port: server.port, shownPort: 5432 }
  const opened = await connect({ ...request, keepalive: defaultKeepalive, tracksCommits }, links, address)
  if ('failure' in opened) throw new Error(opened.failure.message)
  return opened.connection
}

const run = (template: string, ...values: string[]): Promise<Executed> => execute(connection, { template, values })

/** The transaction that wrote the row, as the server has it. */
async function writerOf(id: number): Promise<number> {
  const { results } = await execute(await open(false), { template: `select xmin from t where id = ${id}`, values: [] })
  return Number(results[0].rows[0][0])
}

test('the servers tell of the statement as the scenario has it', () => {
  expect(untracked('Failed process was running: select 1; select pg_current_xact_id_if_assigned()')).toBe(
    'Failed process was running: select 1',
  )
})

describe.skipIf(reason !== '')(`tracked commits on a real PostgreSQL 15 ${reason}`, () => {
  beforeAll(async () => {
    await loadParser()
    server = await TestServer.make()
    await server.start()
  })

  afterAll(() => server.close())

  beforeEach(async () => {
    links = new Links([])
    connection = await open(true)
    await run('drop table if exists t')
    await run('create table t (id int primary key, v int references t deferrable initially deferred)')
  })

  afterEach(() => links.close())

  test('a statement outside a block', async () => {
    const answer = await run('insert into t values ($1), ($2) returning id', '1', '2')
    expect(answer).toEqual({
      results: [{ tag: 'INSERT 0 2', columns: ['id'], rows: [['1'], ['2']] }],
      notices: [],
      notifications: [],
      status: 'I',
      committed: { xid: await writerOf(1) },
    })
  })

  test.each([
    'with new as (insert into t values (1)) select 1',
    'insert into t values (1); select 1;',
    'begin; insert into t values (0); commit; insert into t values (1)',
    'insert into t values (1) /* no end */',
  ])('%s', async text => {
    const { committed, results } = await run(text)
    expect(committed).toEqual({ xid: await writerOf(1) })
    expect(results.flatMap(({ columns }) => columns)).not.toContain('pg_current_xact_id_if_assigned')
  })

  test('a transaction block, at its commit', async () => {
    expect(await run('begin; insert into t values (1)')).not.toHaveProperty('committed')
    expect(await run('savepoint s')).not.toHaveProperty('committed')
    expect(await run('rollback to s')).toMatchObject({ status: 'T', results: [{ tag: 'ROLLBACK' }] })
    expect(await run('select 1')).not.toHaveProperty('committed')
    expect((await run('commit')).committed).toEqual({ xid: await writerOf(1) })
    expect(await run('begin; commit')).not.toHaveProperty('committed')
  })

  test('a transaction that is chained to the next', async () => {
    await run('begin; insert into t values (1)')
    expect(await run('commit and chain')).toMatchObject({ status: 'T', committed: { xid: await writerOf(1) } })
    await run('insert into t values (2)')
    expect((await run('commit')).committed).toEqual({ xid: await writerOf(2) })
    for (const ending of ['commit and chain', 'rollback and chain', 'rollback; begin']) {
      await run('begin; insert into t values ($1)', String(ending.length))
      expect(await run(ending)).toMatchObject({ status: 'T' })
      expect(await run('commit')).not.toHaveProperty('committed')
    }
  })

  test('not what is read, rolled back, or fails, in its commit too', async () => {
    expect(await run('select * from t')).not.toHaveProperty('committed')
    await run('begin; insert into t values (1)')
    expect(await run('rollback')).not.toHaveProperty('committed')
    await run('begin; insert into t values (1)')
    expect(await run('select 1/0')).toMatchObject({ status: 'E' })
    expect(await run('commit')).toEqual({
      results: [{ tag: 'ROLLBACK', columns: [], rows: [] }],
      notices: [],
      notifications: [],
      status: 'I',
    })
    const failed = await run('insert into t values (1, 7)')
    expect(failed).toMatchObject({ results: [], status: 'I', error: { sqlstate: '23503' } })
    expect(failed).not.toHaveProperty('committed')
  })

  test('what it must not be added to is left alone', async () => {
    for (const text of [
      'vacuum t',
      'create database other',
      'drop database other',
      'select 1 -- the end',
      'explain select 1',
    ]) {
      const { error, results } = await run(text)
      expect(error).toBeUndefined()
      expect(results).toHaveLength(1)
    }
  })

  test('positions of errors stay where they were', async () => {
    expect(await run('select nothing from t')).toMatchObject({ error: { position: 8 } })
  })

  test('is in doubt when its commit was sent and the answer lost', async () => {
    await run('begin; insert into t values (1)')
    const { results } = await run('select pg_current_xact_id()')
    process.kill(connection.backend, 'SIGSTOP')
    const committing = run('commit')
    await wait(50)
    process.kill(connection.backend, 'SIGKILL')
    expect(await committing).toMatchObject({
      lost: { message: 'server closed the connection unexpectedly' },
      inDoubt: Number(results[0].rows[0][0]),
    })
    await wait(500)
  })

  test('is not in doubt before its commit was sent', async () => {
    await run('begin; insert into t values (1)')
    const sleeping = run('select pg_sleep(60)')
    await wait(50)
    process.kill(connection.backend, 'SIGTERM')
    expect(await sleeping).not.toHaveProperty('inDoubt')
  })

  test('is in doubt when the server gives up to wait for its standbys', async () => {
    const other = await open(false)
    const reload = async (names: string): Promise<void> => {
      await execute(other, { template: `alter system set synchronous_standby_names = '${names}'`, values: [] })
      await execute(other, { template: 'select pg_reload_conf()', values: [] })
      await wait(200)
    }
    await reload('nobody')
    const inserting = run('insert into t values (1)')
    await wait(200)
    process.kill(connection.backend, 'SIGTERM')
    const answer = await inserting
    await reload('')
    expect(answer).toMatchObject({
      results: [],
      notices: [{ level: 'WARNING' }],
      lost: { message: 'server closed the connection unexpectedly' },
      inDoubt: await writerOf(1),
    })
  })
})
