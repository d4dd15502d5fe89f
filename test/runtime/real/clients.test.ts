// Clients of a real PostgreSQL, and that the simulated engine gives them the same answers, word for word.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Action,
  ask,
  type Connection,
  defaultKeepalive,
  type Executed,
  type Request,
} from '../../../src/runtime/engine.ts'
import { connect } from '../../../src/runtime/real/clients/connect.ts'
import { close, type RealConnection } from '../../../src/runtime/real/clients/connection.ts'
import { execute } from '../../../src/runtime/real/clients/execute.ts'
import { Links } from '../../../src/runtime/real/links/index.ts'
import { simulated } from '../../../src/runtime/simulated/index.ts'
import { loadParser } from '../../../src/runtime/simulated/sql/parser.ts'
import { reason, TestServer } from './server.ts'

const ms = 1_000_000
let server: TestServer
let links: Links

const wait = (time: number): Promise<void> => new Promise(resolve => setTimeout(resolve, time))

/** Opens a connection, or gives libpq's words. */
async function open(more: Partial<Parameters<typeof connect>[0]> = {}): Promise<RealConnection> {
  const request = {
    kind: 'connect',
    from: 'app',
    node: 'primary',
    database: 'postgres',
    applicationName: 'app',
    keepalive: defaultKeepalive,
    tracksCommits: false,
  } as const
  const opened = await connect({ ...request, ...more }, links, { port: server.port, shownPort: 5432 })
  if ('failure' in opened) throw new Error(opened.failure.message)
  return opened.connection
}

const run = (connection: RealConnection, template: string, ...values: string[]): Promise<Executed> =>
  execute(connection, { template, values })

/** Plays an action on the real server. */
async function playReal<T>(action: Action<T>): Promise<T> {
  let answer: unknown
  for (;;) {
    const { value, done } = action.next(answer)
    if (done) return value
    answer = await answerReal(value)
  }
}

async function answerReal(request: Request): Promise<unknown> {
  switch (request.kind) {
    case 'connect':
      return connect(request, links, { port: server.port, shownPort: 5432 })
    case 'execute':
      return execute(request.connection as RealConnection, request.query)
    case 'close':
      return close(request.connection as RealConnection)
    case 'sleep':
      return wait(request.until / ms)
    case 'signal':
      return process.kill(request.pid, `SIG${request.signal}`)
    case 'stop':
      await server.stop(request.mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
      return {}
    case 'start':
      await server.start()
      return {}
    default:
      throw new Error(`${request.kind} is not needed here`)
  }
}

/** Plays an action on the simulated engine; `sleep` counts from now there too. */
async function playSimulated<T>(action: () => Action<T>): Promise<T> {
  const node = { name: 'primary', host: 'primary', settings: {} }
  const topology = {
    postgres: 15,
    hosts: [{ name: 'primary' }],
    nodes: [node],
    slots: [],
    archives: [],
    volumes: [],
    links: [],
    endpoints: ['app', 'other'],
    setups: [],
  } as const
  const options = { seed: 1, wants: new Set<never>(), listener: () => {}, look: () => {} }
  const opened = await simulated.open(topology, options)
  if (!('engine' in opened)) throw new Error(opened.failure.message.message)
  const { engine } = opened
  let result: { readonly value: T } | undefined
  engine.begin()
  engine.spawn({
    name: 'test',
    action: (function* () {
      yield* ask({ kind: 'state', node: 'primary', state: 'writable' })
      const inner = action()
      let answer: unknown
      for (;;) {
        const { value, done } = inner.next(answer)
        if (done) {
          result = { value }
          return
        }
        answer = yield value.kind === 'sleep' ? { ...value, until: engine.now() + value.until } : value
      }
    })(),
  })
  while (!result && engine.now() < 60_000 * ms) await engine.next(engine.now() + 100 * ms)
  await engine.close()
  if (!result) throw new Error('the simulated engine did not come to an end')
  return result.value
}

function* connected(from = 'app', tracksCommits = false): Action<Connection> {
  const request = {
    node: 'primary',
    database: 'postgres',
    applicationName: from,
    keepalive: defaultKeepalive,
    tracksCommits,
  }
  const opened = yield* ask({ kind: 'connect', from, ...request })
  if ('failure' in opened) throw new Error(opened.failure.message)
  return opened.connection
}

/** Every answer to these queries, in a connection of its own. */
function* queries(...texts: readonly string[]): Action<Executed[]> {
  const connection = yield* connected()
  const answers: Executed[] = []
  for (const template of texts)
    answers.push(yield* ask({ kind: 'execute', connection, query: { template, values: [] } }))
  if (!answers.at(-1)?.lost) yield* ask({ kind: 'close', connection })
  return answers
}

/** What both engines must give alike: who commits what is the simulated one's own knowledge. */
function told({ results, error, notices, status, lost }: Executed): object {
  return { results, error, notices, status, lost }
}

async function both(action: () => Action<readonly Executed[]>): Promise<object[]> {
  const real = (await playReal(action())).map(told)
  expect((await playSimulated(action)).map(told)).toEqual(real)
  return real
}

describe.skipIf(reason !== '')(`clients of a real PostgreSQL 15 ${reason}`, () => {
  beforeAll(async () => {
    await loadParser()
    server = await TestServer.make()
    await server.start()
    links = new Links([])
    await run(await open(), 'create table account (id int primary key, balance int check (balance >= 0))')
    await run(await open(), 'insert into account values (1, 100), (2, 100)')
    await links.close()
  })

  afterAll(() => server.close())

  beforeEach(() => {
    links = new Links([{ ends: ['slow', 'primary'], latency: 60 * ms }])
  })

  afterEach(() => links.close())

  test('know of their server what it says of itself', async () => {
    const connection = await open()
    expect(connection).toMatchObject({ node: 'primary', inHotStandby: false, defaultTransactionReadOnly: false })
    const { results } = await run(
      connection,
      'select pg_backend_pid(), current_user, application_name from pg_stat_activity where pid = pg_backend_pid()',
    )
    expect(results[0].rows).toEqual([[String(connection.backend), 'postgres', 'app']])
    close(connection)
  })

  test('send values as text', async () => {
    const connection = await open()
    const { results } = await run(connection, `select $1 + $2, $3, '$1'`, '1', '2', `'it''s'`)
    expect(results[0].rows).toEqual([['3', `it's`, '$1']])
    close(connection)
  })

  describe('are answered as by the simulated engine', () => {
    test('who asks for a database that is not there', async () => {
      const attempt = () =>
        ask({
          kind: 'connect',
          from: 'app',
          node: 'primary',
          database: 'shop',
          applicationName: 'app',
          keepalive: defaultKeepalive,
          tracksCommits: false,
        })
      const failure = { level: 'FATAL', sqlstate: '3D000', message: 'database "shop" does not exist' }
      expect(await playReal(attempt())).toEqual({ failure })
      expect(await playSimulated(attempt)).toEqual({ failure })
    })

    test('several statements, an error in the second', async () => {
      const [first] = await both(() => queries('select 1 as one; select 1/0; select 2'))
      expect(first).toMatchObject({
        results: [{ tag: 'SELECT 1', columns: ['one'], rows: [['1']] }],
        error: { level: 'ERROR', sqlstate: '22012', message: 'division by zero' },
        status: 'I',
      })
    })

    test('transactions that fail', async () => {
      const answers = await both(() =>
        queries('begin', 'select null, 2 as two', 'select * from nothing', 'select 1', 'commit', 'selec', ''),
      )
      expect(answers.map(answer => (answer as Executed).status)).toEqual(['T', 'T', 'E', 'E', 'I', 'I', 'I'])
      expect(answers[2]).toMatchObject({ error: { sqlstate: '42P01', position: 15 } })
    })

    test('notices', async () => {
      const [first] = await both(() => queries('commit', 'drop table if exists nothing'))
      expect(first).toMatchObject({ notices: [{ level: 'WARNING', sqlstate: '25P01' }] })
    })

    test('a backend that is killed while idle, and what the others are told', async () => {
      const answers = await both(function* () {
        const [victim, other] = [yield* connected(), yield* connected('other')]
        yield* ask({ kind: 'sleep', until: 200 * ms })
        yield* ask({ kind: 'signal', node: 'primary', pid: victim.backend, signal: 'KILL' })
        yield* ask({ kind: 'sleep', until: 500 * ms })
        const query = { template: 'select 1', values: [] }
        return [
          yield* ask({ kind: 'execute', connection: victim, query }),
          yield* ask({ kind: 'execute', connection: other, query }),
        ]
      })
      expect(answers).toMatchObject([
        { lost: { message: 'server closed the connection unexpectedly' }, notices: [] },
        {
          lost: { message: 'server closed the connection unexpectedly' },
          notices: [{ level: 'WARNING', sqlstate: '57P02' }],
        },
      ])
      await wait(500)
    })

    test.each(['fast', 'immediate'] as const)('a shutdown, %s, and nobody who listens', async mode => {
      const answers = await both(function* () {
        const connection = yield* connected()
        // A backend that is still busy telling that it is ready says nothing more.
        yield* ask({ kind: 'sleep', until: 200 * ms })
        yield* ask({ kind: 'stop', node: 'primary', mode })
        yield* ask({ kind: 'sleep', until: 1000 * ms })
        const executed = yield* ask({ kind: 'execute', connection, query: { template: 'select 1', values: [] } })
        const request = {
          node: 'primary',
          database: 'postgres',
          applicationName: 'app',
          keepalive: defaultKeepalive,
          tracksCommits: false,
        }
        const opened = yield* ask({ kind: 'connect', from: 'app', ...request })
        if (!('failure' in opened)) throw new Error('it listens')
        return [executed, { results: [], notices: [], status: 'I', lost: opened.failure }]
      })
      expect(answers[1]).toMatchObject({
        lost: { message: 'connection to server at "primary", port 5432 failed: Connection refused' },
      })
      await server.start()
    })
  })

  test('whose backend is killed in a query are told that the connection is closed', async () => {
    const connection = await open()
    const sleeping = run(connection, 'select pg_sleep(60)')
    await wait(100)
    process.kill(connection.backend, 'SIGKILL')
    expect(await sleeping).toMatchObject({ lost: { message: 'server closed the connection unexpectedly' } })
    await wait(500)
  })

  test('are told of a termination in the middle of a query, then of the end', async () => {
    const connection = await open()
    const sleeping = run(connection, 'select pg_sleep(60)')
    await wait(100)
    process.kill(connection.backend, 'SIGTERM')
    expect(await sleeping).toMatchObject({
      error: { level: 'FATAL', sqlstate: '57P01', message: 'terminating connection due to administrator command' },
      lost: { message: 'server closed the connection unexpectedly' },
    })
  })

  test('are told why a server turns them away', async () => {
    const request = {
      kind: 'connect',
      from: 'app',
      node: 'primary',
      database: 'postgres',
      applicationName: 'app',
      keepalive: defaultKeepalive,
      tracksCommits: false,
    } as const
    const sleeper = await open()
    process.kill(server.postmaster, 'SIGTERM')
    await wait(200)
    expect(await connect(request, links, { port: server.port, shownPort: 5432 })).toEqual({
      failure: { level: 'FATAL', sqlstate: '57P03', message: 'the database system is shutting down' },
    })
    await server.stop('SIGQUIT')
    expect(await run(sleeper, 'select 1')).toHaveProperty('lost')
    await server.start()
  })

  describe('over links', () => {
    test('wait for what is cut, and go on', async () => {
      const connection = await open()
      links.cut('primary', 'app')
      const running = run(connection, 'update account set balance = balance + 1 where id = 1 returning balance')
      await wait(100)
      links.heal('primary', 'app')
      expect((await running).results[0].rows).toEqual([['101']])
    })

    test('pay the latency of a round trip', async () => {
      const begun = performance.now()
      const connection = await open({ from: 'slow' })
      const connecting = performance.now() - begun
      expect(connecting).toBeGreaterThan(239)
      await run(connection, 'select 1')
      expect(performance.now() - begun - connecting).toBeGreaterThan(119)
    })

    test('give up what is not acknowledged', async () => {
      const connection = await open({ tcpUserTimeout: 300 * ms })
      links.cut('app', 'primary')
      expect(await run(connection, 'select 1')).toMatchObject({
        lost: { level: 'ERROR', message: 'could not receive data from server: Connection timed out' },
      })
    })

    test('give up a server that is silent in the middle of a query', async () => {
      const connection = await open({ keepalive: { idle: 100 * ms, interval: 50 * ms, count: 2 } })
      const running = run(connection, 'select pg_sleep(60)')
      await wait(50)
      links.silence('primary')
      expect(await running).toMatchObject({
        lost: { message: 'could not receive data from server: Connection timed out' },
      })
    })

    test('do not connect in time where nothing answers', async () => {
      links.cut('app', 'primary')
      await expect(open({ timeout: 200 * ms })).rejects.toThrow(
        'connection to server at "primary", port 5432 failed: timeout expired',
      )
      links.heal('app', 'primary')
      process.kill(server.postmaster, 'SIGSTOP')
      await expect(open({ timeout: 200 * ms })).rejects.toThrow('timeout expired')
      process.kill(server.postmaster, 'SIGCONT')
    })
  })
})
