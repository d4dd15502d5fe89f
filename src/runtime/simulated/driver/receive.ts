// pg_recvlogical: has a logical slot streamed to it, prints what comes, and tells how far it is. Mirrors StreamLogicalLog
// of pg_recvlogical.c without its loop; its file never fails, so that an fsync is but a note of how far it is.

import { parseLsn } from '../../../model/format.ts'
import { second } from '../../../model/units.ts'
import { defaultKeepalive, type Receiver, type RequestOf, type ResponseOf } from '../../engine.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Network } from '../machine/link.ts'
import type { Process } from '../machine/process.ts'
import { closedUnexpectedly } from '../replication/primary-connection.ts'
import type { Server } from '../server.ts'
import type { BackendMessage, FrontendMessage } from '../shared/protocol.ts'
import { connect } from './connect.ts'
import type { SimulatedConnection } from './connection.ts'
import { nextMessage } from './messages.ts'

type Next = ResponseOf<'received'>
type StreamMessage = Extract<BackendMessage, { kind: 'logical text' | 'keepalive' }>

/** --status-interval and --fsync-interval */
const statusInterval = 10 * second

export function* openReceiver(
  me: Process,
  request: RequestOf<'receive'>,
  server: Server,
  network: Network,
): Coroutine<ResponseOf<'receive'>> {
  const { from, node, database } = request
  const who = {
    from,
    node,
    database,
    applicationName: 'pg_recvlogical',
    keepalive: defaultKeepalive,
    tracksCommits: false,
  }
  const opened = yield* connect(me, { kind: 'connect', ...who }, server, network, 'logical')
  if ('failure' in opened) return { refused: opened.failure.message }
  const receiver = new SimulatedReceiver(opened.connection as SimulatedConnection, request.end)
  const refused = yield* receiver.begin(me, request)
  return refused === undefined ? { receiver } : { refused }
}

export class SimulatedReceiver implements Receiver {
  readonly node: string
  private readonly connection: SimulatedConnection
  private readonly end: number
  private readonly lines: { readonly line: string; readonly lsn: number }[] = []
  private ended: Next | undefined
  private written = 0
  private flushed = 0
  private statusAt = 0

  constructor(connection: SimulatedConnection, end: string | undefined) {
    this.node = connection.node
    this.connection = connection
    this.end = end === undefined ? Number.POSITIVE_INFINITY : parseLsn(end)
  }

  /** Makes the slot if it is to, and starts the stream. Gives what goes wrong. */
  *begin(me: Process, { slot, options, create }: RequestOf<'receive'>): Coroutine<string | undefined> {
    if (create !== undefined) {
      const command = `CREATE_REPLICATION_SLOT "${slot}" LOGICAL "${create}" ( SNAPSHOT 'nothing')`
      const message = { kind: 'create logical slot', slot, plugin: create, snapshot: 'nothing', command } as const
      const refused = yield* this.ask(me, { ...message, size: command.length + 6 }, command, 'ready')
      if (refused !== undefined) return refused
    }
    const pairs = options.map(option => {
      const at = option.indexOf('=')
      return at < 0 ? ([option, undefined] as const) : ([option.slice(0, at), option.slice(at + 1)] as const)
    })
    const shown = pairs.map(([name, value]) => (value === undefined ? `"${name}"` : `"${name}" '${value}'`))
    const list = shown.length === 0 ? '' : ` (${shown.join(', ')})`
    const command = `START_REPLICATION SLOT "${slot}" LOGICAL 0/0${list}`
    const message = { kind: 'start logical replication', slot, start: 0, options: new Map(pairs), command } as const
    const refused = yield* this.ask(me, { ...message, size: command.length + 6 }, command, 'copy both')
    if (refused === undefined) this.sendStatus(me)
    return refused
  }

  private *ask(
    me: Process,
    message: FrontendMessage,
    command: string,
    awaited: 'ready' | 'copy both',
  ): Coroutine<string | undefined> {
    const { socket } = this.connection
    socket.send(message as never)
    for (;;) {
      const answer = yield* nextMessage(me, socket)
      if (answer === undefined || answer === 'too late') {
        socket.close()
        return `could not send replication command "${command}": ${closedUnexpectedly}`
      }
      if (answer.kind === 'error') {
        this.leave()
        return `could not send replication command "${command}": ${textOf(answer)}`
      }
      if (answer.kind === awaited) return undefined
    }
  }

  *next(me: Process, until = Number.POSITIVE_INFINITY): Coroutine<Next> {
    this.connection.useBy(me)
    const { lines } = this
    for (;;) {
      if (lines.length > 0) return lines.shift()!
      if (this.ended) return this.ended
      // It looks at nothing that has come when it was interrupted.
      if (me.now() >= until) return this.leave()
      const message = yield* nextMessage(me, this.connection.socket, Math.min(until, this.statusAt))
      if (message === 'too late') {
        if (me.now() < this.statusAt) continue
        this.flushed = this.written
        this.sendStatus(me)
      } else if (message === undefined) {
        this.connection.socket.close()
        this.ended = { ended: true, complaint: `could not receive data from WAL stream: ${closedUnexpectedly}` }
      } else yield* this.take(me, message)
    }
  }

  private *take(me: Process, message: BackendMessage): Coroutine {
    switch (message.kind) {
      case 'logical text':
      case 'keepalive':
        return yield* this.takeOfStream(me, message)
      case 'error':
        this.leave(`unexpected termination of replication stream: ${textOf(message)}`)
        return
      case 'command complete':
        this.leave('disconnected')
    }
  }

  private *takeOfStream(me: Process, message: StreamMessage): Coroutine {
    const isKeepalive = message.kind === 'keepalive'
    const { end: lsn } = message
    const isBehind = !isKeepalive && lsn > this.end
    if (!isBehind) this.written = Math.max(this.written, lsn)
    if (!isKeepalive && !isBehind) {
      for (const line of message.data.split('\n')) this.lines.push({ line, lsn })
    }
    const isAtEnd = lsn >= this.end
    if (isAtEnd || (isKeepalive && message.replyRequested)) {
      this.flushed = this.written
      this.sendStatus(me)
    }
    if (isAtEnd) yield* this.finish(me)
  }

  /** What still comes is thrown away, but for an error. */
  private *finish(me: Process): Coroutine {
    const { socket } = this.connection
    socket.send({ kind: 'copy done', size: 5 } as never)
    for (;;) {
      const message = yield* nextMessage(me, socket)
      if (message === undefined || message === 'too late') {
        this.leave(`unexpected termination of replication stream: ${closedUnexpectedly}`)
        return
      }
      if (message.kind === 'error') {
        this.leave(`unexpected termination of replication stream: ${textOf(message)}`)
        return
      }
      if (message.kind === 'ready') {
        this.leave()
        return
      }
    }
  }

  private leave(complaint?: string): Next {
    const { socket } = this.connection
    if (!socket.ending) socket.send({ kind: 'terminate', size: 5 } as never)
    socket.close()
    this.ended = { ended: true, ...(complaint === undefined ? {} : { complaint }) }
    return this.ended
  }

  private sendStatus(me: Process): void {
    const { written, flushed } = this
    const status = { written, flushed, applied: 0, replyRequested: false, sentAt: me.now() }
    this.connection.socket.send({ kind: 'standby status', ...status, size: 39 } as never)
    this.statusAt = me.now() + statusInterval
  }
}

/** As libpq puts it into one text. */
function textOf({
  level,
  message,
  detail,
  hint,
  context,
}: Extract<BackendMessage, { kind: 'error' | 'notice' }>): string {
  const named = { DETAIL: detail, HINT: hint, CONTEXT: context }
  const more = Object.entries(named).flatMap(([name, text]) => (text === undefined ? [] : `\n${name}:  ${text}`))
  return `${level}:  ${message}${more.join('')}`
}
