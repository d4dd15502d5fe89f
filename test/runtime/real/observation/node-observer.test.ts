// The whole of it against a real server: its life as the events that a simulated one tells.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EventKind } from '../../../../src/model/trace.ts'
import { Names } from '../../../../src/runtime/real/names.ts'
import { NodeObserver } from '../../../../src/runtime/real/observation/node-observer.ts'
import { trackedSuffix } from '../../../../src/runtime/real/tracked-suffix.ts'
import { type Recorder, recorder } from './recorder.ts'
import { isInstalled, RealServer, sleep, unlessInstalled, until } from './server.ts'

const killed = { signal: 'signal 9: Killed' }

describe.skipIf(!isInstalled)(`a real PostgreSQL 15, observed${unlessInstalled}`, () => {
  let server: RealServer
  let story: Recorder
  let observer: NodeObserver
  let names: Names
  let timer: NodeJS.Timeout | undefined

  async function begin(settings: string, ...wanted: EventKind[]): Promise<void> {
    await server.initialise(settings)
    names = new Names()
    names.server(server.port, 'primary')
    story = recorder('connection.opened', 'connection.closed', ...wanted)
    const { logFile, dataFolder } = server
    const postmaster = () => server.postmaster
    const node = { name: 'primary', version: 15, logFile, dataFolder, postmaster, isObserver: () => false } as const
    observer = new NodeObserver(node, story, names)
    timer = setInterval(() => observer.look(), 10)
    server.start()
    await until(() => story.of('node.accepting').length === 1)
  }

  async function client(name: string) {
    let localPort = 0
    const made = await server.connect('tcp', port => {
      localPort = port
      names.client(port, name)
    })
    return { made, localPort }
  }

  beforeEach(() => {
    server = new RealServer()
  })

  afterEach(async () => {
    clearInterval(timer)
    await server.close()
  })

  const messages = () => story.of('log.line').map(({ message }) => message)
  const typesOf = (kind: 'process.started' | 'process.exited') => story.of(kind).map(({ type }) => type)

  test('a killed backend: everybody else goes, and everybody comes back', async () => {
    await begin('log_connections = on')
    const { made: teller, localPort } = await client('teller[0]')
    await teller.query(`create table t (id int)${trackedSuffix}`)
    await teller.query(`select 1/0${trackedSuffix}`).catch(() => {})
    await until(() => story.of('connection.opened').length === 1 && messages().includes('division by zero'))
    const [{ pid }] = observer.processes('backend')
    expect(story.of('connection.opened')).toMatchObject([{ pid, process: 'backend', backend: pid, from: 'teller[0]' }])
    expect(messages()).toContain(`connection received: host=teller[0] port=${localPort}`)
    expect(story.of('log.line').find(({ level }) => level === 'ERROR')).toMatchObject({
      pid,
      process: 'backend',
      sqlstate: '22012',
      message: 'division by zero',
      statement: 'select 1/0',
    })
    const before = story.events.length
    process.kill(pid, 'SIGKILL')
    await until(() => story.of('node.accepting').length === 2)
    await until(() => observer.processes('walwriter').length === 1)
    const [first] = story.events.slice(before)
    expect(first).toMatchObject({ kind: 'process.exited', pid, type: 'backend', ...killed })
    expect(story.of('node.refusing')).toMatchObject([{ process: 'postmaster', reason: 'a child process crashed' }])
    expect(story.of('connection.closed')).toEqual([])
    const told = story.events.slice(before).map(({ kind }) => kind)
    const order = [
      'process.exited',
      'node.refusing',
      'recovery.started',
      'recovery.redo_done',
      'node.accepting',
    ] as const
    const places = order.map(kind => told.indexOf(kind))
    expect(places).toEqual([...places].sort((a, b) => a - b))
    // Everybody of the first life is gone before anybody of the second comes.
    const started = story.events.findIndex((event, at) => at >= before && event.kind === 'process.started')
    const gone = story.events.slice(before, started).filter(({ kind }) => kind === 'process.exited')
    expect(gone.map(event => (event as { type?: string }).type).sort()).toEqual([
      'autovacuum launcher',
      'backend',
      'bgwriter',
      'checkpointer',
      'logical replication launcher',
      'walwriter',
    ])
  })

  test('a start and a fast shutdown, process by process', async () => {
    await begin('')
    await until(() => typesOf('process.exited').includes('startup') && typesOf('process.started').length >= 7)
    expect([...typesOf('process.started')].sort()).toEqual([
      'autovacuum launcher',
      'bgwriter',
      'checkpointer',
      'logical replication launcher',
      'postmaster',
      'startup',
      'walwriter',
    ])
    const [postmaster, ...children] = story.of('process.started')
    expect(postmaster).toMatchObject({ type: 'postmaster', parent: 1, pid: server.postmaster })
    expect(new Set(children.map(({ parent }) => parent))).toEqual(new Set([server.postmaster]))
    expect(story.of('node.starting')).toMatchObject([
      { process: 'postmaster', version: expect.stringMatching(/^15\./) },
    ])
    server.signal('SIGINT')
    await until(() => typesOf('process.exited').includes('postmaster'))
    expect(story.of('node.refusing')).toMatchObject([{ reason: 'fast shutdown' }])
    expect(story.of('node.down')).toMatchObject([{ node: 'primary', reason: 'it was shut down' }])
    expect(story.events.at(-1)).toMatchObject({ kind: 'process.exited', type: 'postmaster', code: 0 })
    expect([...typesOf('process.exited')].sort()).toEqual([...typesOf('process.started')].sort())
    const launcher = story.of('process.exited').find(({ type }) => type === 'logical replication launcher')
    expect(launcher).toMatchObject({ code: 1 })
  })

  test("a session that ends in order, and pgdrill's own, of which nothing is told", async () => {
    await begin('log_connections = on\nlog_disconnections = on', 'process.titled')
    const observing = await server.connect('socket')
    await observing.query('select 1/0').catch(() => {})
    const { made: teller, localPort } = await client('teller[0]')
    await until(() => story.of('connection.opened').length === 1)
    const title = `postgres: postgres postgres teller[0](${localPort}) idle`
    await until(() => story.of('process.titled').some(event => event.title === title))
    await teller.end()
    await observing.end()
    await until(() => story.of('connection.closed').length === 1)
    await sleep(50)
    expect(typesOf('process.started').filter(type => type === 'backend')).toHaveLength(1)
    expect(typesOf('process.exited').filter(type => type === 'backend')).toHaveLength(1)
    expect(messages().filter(message => /\[local\]|observer|division/.test(message))).toEqual([])
    expect(observer.processes('backend')).toEqual([])
  })

  test('a killed postmaster: the node is down, and its children are told of when they are gone', async () => {
    await begin('')
    const { made: teller } = await client('teller[0]')
    await until(() => observer.processes('backend').length === 1 && story.of('connection.opened').length === 1)
    const [{ pid: checkpointer }] = observer.processes('checkpointer')
    // One that is stopped does not see that its postmaster is gone.
    process.kill(checkpointer, 'SIGSTOP')
    server.signal('SIGKILL')
    await until(() => server.ended !== undefined)
    observer.lost('its postmaster has ended', killed)
    expect(story.of('node.down')).toMatchObject([{ reason: 'its postmaster has ended' }])
    expect(story.of('process.exited').find(({ type }) => type === 'postmaster')).toMatchObject(killed)
    await until(() => typesOf('process.exited').includes('backend') && typesOf('process.exited').includes('walwriter'))
    expect(typesOf('process.exited')).not.toContain('checkpointer')
    expect(observer.processes('checkpointer')).toEqual([{ pid: checkpointer, type: 'checkpointer' }])
    process.kill(checkpointer, 'SIGKILL')
    await until(() => typesOf('process.exited').includes('checkpointer'))
    expect(story.of('node.down')).toHaveLength(1)
    await teller.end().catch(() => {})
  })

  test('a server that does not start says why', async () => {
    await begin('')
    server.signal('SIGINT')
    await until(() => story.of('node.down').length === 1 && server.ended !== undefined)
    server.configure('work_mem = lots')
    server.start()
    await until(() => server.ended !== undefined)
    observer.look()
    expect(observer.complaints.join('\n')).toMatch(/contains errors/)
    expect(story.of('log.line').at(-1)).toMatchObject({ level: 'FATAL', process: 'postmaster' })
    await until(() => story.events.at(-1)?.kind === 'process.exited')
    expect(story.events.at(-1)).toMatchObject({ type: 'postmaster', code: 1 })
    expect(story.of('node.down')).toHaveLength(1)
  })

  test('a logging collector: the log goes on in its files', async () => {
    await begin("logging_collector = on\nlog_destination = 'jsonlog'")
    expect(typesOf('process.started')).toContain('logger')
    expect(story.of('log.line').find(({ message }) => message.startsWith('starting'))?.process).toBe('postmaster')
    server.signal('SIGINT')
    await until(() => story.of('node.down').length === 1)
    expect(messages().filter(message => message === 'database system is shut down')).toHaveLength(1)
  })

  test('a look is cheap', async () => {
    await begin('')
    const looks = 200
    const takes: number[] = []
    for (let look = 0; look < looks; look++) {
      const begun = performance.now()
      observer.look()
      takes.push(performance.now() - begun)
    }
    // The middle one: others use this machine, too.
    expect(takes.sort((a, b) => a - b)[looks / 2]).toBeLessThan(1)
  })
})
