// LISTEN, NOTIFY, UNLISTEN: what is delivered, to whom, when, and in which order. Expectations are PostgreSQL's.

import { beforeAll, describe, expect, test } from 'vitest'
import type { BackendMessage } from '../../../../src/runtime/simulated/shared/protocol.ts'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { TestServer, type TestSession } from '../sql/server.ts'

beforeAll(loadParser)

function received(messages: readonly BackendMessage[]): string[] {
  return messages.flatMap(message => (message.kind === 'notification' ? [`${message.channel} ${message.payload}`] : []))
}

function errorOf(messages: readonly BackendMessage[]): string | undefined {
  const error = messages.find(message => message.kind === 'error')
  return error?.kind === 'error' ? `${error.sqlstate} ${error.message}` : undefined
}

/** What came to a session that asks for nothing. */
function overheard(server: TestServer, session: TestSession): string[] {
  server.run(0.1)
  return received(session.take())
}

function start(version: 15 | 17 = 15, settings: Record<string, string> = {}) {
  const server = new TestServer(version, settings)
  const sender = server.connect()
  const listener = server.connect()
  listener.query('listen news')
  return { server, sender, listener }
}

describe('delivery', () => {
  test('an idle listener is told at once, with the pid of the sender', () => {
    const { server, sender, listener } = start()
    const [[pid]] = sender.rows('select pg_backend_pid()')
    sender.query(`notify news, 'one'; notify others, 'two'`)
    server.run(0.1)
    expect(listener.take()).toMatchObject([{ kind: 'notification', channel: 'news', payload: 'one', pid: Number(pid) }])
  })

  test('not before the commit, and not at all after a rollback', () => {
    const { server, sender, listener } = start()
    sender.query(`begin; notify news, 'kept'`)
    expect(overheard(server, listener)).toEqual([])
    sender.query('commit')
    expect(overheard(server, listener)).toEqual(['news kept'])
    sender.query(`begin; notify news, 'lost'; rollback`)
    expect(overheard(server, listener)).toEqual([])
  })

  test('a listener within a transaction hears of it when that ends, behind the answer to its COMMIT', () => {
    const { server, sender, listener } = start()
    listener.query('begin')
    sender.query('notify news')
    expect(overheard(server, listener)).toEqual([])
    expect(listener.query('commit').map(({ kind }) => kind)).toEqual(['command complete', 'notification'])
  })

  test('a transaction hears itself, and each notification once', () => {
    const { listener } = start()
    const told = listener.query(`notify news, 'a'; notify news; notify "news", 'a'; select pg_notify('news', null)`)
    expect(received(told)).toEqual(['news a', 'news '])
  })

  test('a savepoint that was rolled back takes its notifications along, one that was released adds what is new', () => {
    const { listener } = start()
    const told = listener.query(`begin; notify news, 'a'; savepoint s; notify news, 'b'; notify news, 'a'; release s;
      savepoint t; notify news, 'c'; listen others; rollback to t; commit`)
    expect(received(told)).toEqual(['news a', 'news b'])
    expect(listener.rows('select pg_listening_channels()')).toEqual([['news']])
  })

  test('all see them in the order of the commits', () => {
    const { server, sender, listener } = start()
    const other = server.connect()
    sender.query(`begin; notify news, 'first noted, last committed'`)
    other.query(`notify news, 'first committed'`)
    sender.query('commit')
    expect(overheard(server, listener)).toEqual(['news first committed', 'news first noted, last committed'])
  })
})

describe('listening', () => {
  test('begins and ends with the commit', () => {
    const { server, sender, listener } = start()
    expect(received(listener.query('begin; listen later; rollback; notify later'))).toEqual([])
    listener.query('listen later; unlisten news')
    sender.query('notify news; notify later')
    expect(overheard(server, listener)).toEqual(['later '])
    listener.query('unlisten *')
    expect(listener.rows('select count(*) from pg_listening_channels()')).toEqual([['0']])
  })
})

describe('limits', () => {
  test('of names and payloads', () => {
    const { sender } = start()
    const notify = (channel: string, length: number) =>
      errorOf(sender.query(`select pg_notify('${channel}', repeat('x', ${length}))`))
    expect(notify('news', 7999)).toBeUndefined()
    expect(notify('news', 8000)).toBe('22023 payload string too long')
    expect(notify('', 1)).toBe('22023 channel name cannot be empty')
    expect(notify('n'.repeat(64), 1)).toBe('22023 channel name too long')
  })

  test('a listener within a transaction keeps the queue from being emptied', () => {
    const { sender, listener } = start(17, { max_notify_queue_pages: '64' })
    const fill = `select count(pg_notify('news', s || repeat('x', 7900))) from generate_series(1, 70) s`
    listener.query('begin')
    sender.query(fill.replace('70', '40'))
    expect(sender.rows('select pg_notification_queue_usage()')).toEqual([['0.609375']])
    expect(errorOf(sender.query(fill.replace('70', '30')))).toBe('54000 too many notifications in the NOTIFY queue')
    expect(received(listener.query('commit'))).toHaveLength(40)
    expect(sender.rows('select pg_notification_queue_usage()')).toEqual([['0']])
  })

  test('what a failed transaction put into a full queue stays there until the listener looks', () => {
    const { sender, listener } = start(17, { max_notify_queue_pages: '64' })
    const told = sender.query(`select count(pg_notify('news', s || repeat('x', 7900))) from generate_series(1, 70) s`)
    expect(told.filter(({ kind }) => kind === 'notice')).toMatchObject([
      { level: 'WARNING', message: 'NOTIFY queue is 50% full' },
    ])
    expect(errorOf(told)).toBe('54000 too many notifications in the NOTIFY queue')
    expect(errorOf(sender.query('notify news'))).toBe('54000 too many notifications in the NOTIFY queue')
    expect(sender.rows('select pg_notification_queue_usage()')).toEqual([['1']])
    listener.query('unlisten *')
    expect(sender.rows('select pg_notification_queue_usage()')).toEqual([['0']])
  })
})
