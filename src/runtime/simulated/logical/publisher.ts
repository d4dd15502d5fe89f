// A subscriber's connection to its publisher: what it asks for, each in one round trip. Mirrors libpqwalreceiver.c as
// logical replication uses it.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Socket } from '../machine/socket.ts'
import { ask, closedUnexpectedly, connect, nextAnswer } from '../replication/primary-connection.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import type { BackendMessage, FrontendMessage, LogicalRow, PublishedTable } from '../shared/protocol.ts'

type Answer<K extends BackendMessage['kind']> = Extract<BackendMessage, { kind: K }>

export class Publisher {
  readonly socket: Socket
  private readonly me: Process

  private constructor(me: Process, socket: Socket) {
    this.me = me
    this.socket = socket
  }

  /** Gives what libpq says if it can't. */
  static *connect(
    me: Process,
    environment: ServerEnvironment,
    conninfo: string,
    applicationName: string,
  ): Coroutine<Publisher | { readonly failure: string }> {
    const socket = yield* connect(me, environment, conninfo, { applicationName, replication: 'logical' })
    if ('failure' in socket) return socket
    const publisher = new Publisher(me, socket)
    me.atExit(() => publisher.close())
    return publisher
  }

  close(): void {
    if (!this.socket.ending) ask(this.socket, { kind: 'terminate', size: 5 })
    this.socket.close()
  }

  /** Asks, and waits until the publisher is ready again; `failure` begins the message of what goes wrong. */
  private *ask<K extends BackendMessage['kind']>(
    message: FrontendMessage,
    kind: K,
    failure: string,
    each?: (answer: BackendMessage) => Coroutine,
  ): Coroutine<Answer<K>> {
    const { me, socket } = this
    ask(socket, message)
    let found: Answer<K> | undefined
    let refusal: string | undefined
    for (;;) {
      const answer = yield* nextAnswer(me, socket)
      if (answer === undefined) return fail('08006', `${failure}: ${closedUnexpectedly}`)
      if (answer.kind === 'error') {
        const detail = answer.detail === undefined ? '' : `\nDETAIL:  ${answer.detail}`
        refusal = `${failure}: ${answer.level}:  ${answer.message}${detail}`
      }
      if (answer.kind === kind) found = answer as Answer<K>
      else if (each) yield* each(answer)
      if (answer.kind !== 'ready') continue
      if (refusal !== undefined) fail('08P01', refusal)
      if (found) return found
    }
  }

  *identify(): Coroutine {
    const failure = 'could not receive database system identifier and timeline ID from the primary server'
    yield* this.ask({ kind: 'identify system', size: 22 }, 'system identified', failure)
  }

  /** Gives where the slot begins. */
  *createSlot(slot: string, snapshot: 'nothing' | 'use'): Coroutine<number> {
    const command = `CREATE_REPLICATION_SLOT "${slot}" LOGICAL pgoutput (SNAPSHOT '${snapshot}')`
    const message = { kind: 'create logical slot', slot, plugin: 'pgoutput', snapshot, command, size: 80 } as const
    const failure = `could not create replication slot "${slot}"`
    return (yield* this.ask(message, 'slot created', failure)).consistentPoint
  }

  *dropSlot(slot: string): Coroutine {
    const failure = `could not drop replication slot "${slot}" on publisher`
    yield* this.ask({ kind: 'drop slot', slot, size: 60 }, 'command complete', failure)
  }

  /** Which of the publications there are, and their tables. */
  *publishedTables(publications: readonly string[]): Coroutine<{
    readonly publications: readonly string[]
    readonly tables: readonly PublishedTable[]
  }> {
    const failure = 'could not receive list of replicated tables from the publisher'
    return yield* this.ask({ kind: 'published tables', publications, size: 300 }, 'published tables', failure)
  }

  /** What is read until `endSnapshot` is as of the slot that is made in between. */
  *beginSnapshot(): Coroutine {
    const failure = 'table copy could not start transaction on publisher'
    yield* this.ask({ kind: 'begin snapshot', size: 55 }, 'command complete', failure)
  }

  *endSnapshot(): Coroutine {
    const failure = 'table copy could not finish transaction on publisher'
    yield* this.ask({ kind: 'end snapshot', size: 12 }, 'command complete', failure)
  }

  /** Hands out the table's rows, some at a time. */
  *copy(
    { schema, table }: PublishedTable,
    take: (columns: readonly string[], rows: readonly LogicalRow[]) => Coroutine,
  ): Coroutine {
    const failure = `could not start initial contents copy for table "${schema}.${table}"`
    yield* this.ask({ kind: 'copy table', schema, table, size: 60 }, 'command complete', failure, function* (answer) {
      if (answer.kind === 'copied rows') yield* take(answer.columns, answer.rows)
    })
  }

  *startStreaming(
    command: Omit<Extract<FrontendMessage, { kind: 'start logical replication' }>, 'kind' | 'size'>,
  ): Coroutine {
    const { me, socket } = this
    ask(socket, { kind: 'start logical replication', ...command, size: command.command.length + 6 })
    for (;;) {
      const answer = yield* nextAnswer(me, socket)
      const failure = 'could not start WAL streaming'
      if (answer === undefined) return fail('08006', `${failure}: ${closedUnexpectedly}`)
      if (answer.kind === 'error') fail('08P01', `${failure}: ${answer.level}:  ${answer.message}`)
      if (answer.kind === 'copy both') return
    }
  }

  /** Leaves the stream; what still comes of it is dropped. */
  *endStreaming(): Coroutine {
    const { me, socket } = this
    ask(socket, { kind: 'copy done', size: 5 })
    for (;;) {
      const answer = yield* nextAnswer(me, socket)
      if (answer === undefined) {
        fail(
          '08006',
          `could not send end-of-streaming message to primary: ${closedUnexpectedly}\n\tno COPY in progress`,
        )
      }
      if (answer.kind === 'ready') return
    }
  }
}
