// The client's side of a simple query: sends the query string, gathers the answer until the server is ready again.

import { connectionEnded } from '../../clients/libpq-messages.ts'
import type { Executed, Notification, Query, ServerMessage, StatementResult } from '../../engine.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { SimulatedConnection } from './connection.ts'
import { nextMessage, serverMessage } from './messages.ts'

const nothing: readonly never[] = []

export function* execute(me: Process, connection: SimulatedConnection, query: Query): Coroutine<Executed> {
  const { socket } = connection
  connection.useBy(me)
  const xidBefore = connection.proc?.xid ?? 0
  socket.send({ kind: 'query', template: query.template, values: query.values, size: sizeOf(query) } as never)
  const results: StatementResult[] = []
  let notices: ServerMessage[] | undefined
  let notifications: Notification[] | undefined
  let error: ServerMessage | undefined
  let rows: Pick<StatementResult, 'columns' | 'rows'> | undefined
  for (;;) {
    const message = yield* nextMessage(me, socket)
    if (message === undefined || message === 'too late') {
      socket.close()
      const xid = connection.proc?.xid || xidBefore
      return {
        results,
        notices: notices ?? nothing,
        status: 'I',
        lost: connectionEnded(socket.ending ?? 'end of file'),
        ...(notifications ? { notifications } : {}),
        ...(error ? { error } : {}),
        ...(xid ? { inDoubt: xid } : {}),
      }
    }
    switch (message.kind) {
      case 'rows':
        rows = {
          columns: message.columns.map(column => column.name),
          rows: rows ? [...rows.rows, ...message.rows] : message.rows,
        }
        break
      case 'command complete':
        results.push({ tag: message.tag, columns: rows?.columns ?? nothing, rows: rows?.rows ?? nothing })
        rows = undefined
        break
      case 'notice':
        notices ??= []
        notices.push(serverMessage(message))
        break
      case 'notification':
        notifications ??= []
        notifications.push({ channel: message.channel, payload: message.payload, backend: message.pid })
        break
      case 'error':
        error = serverMessage(message)
        break
      case 'ready':
        return {
          results,
          notices: notices ?? nothing,
          notifications,
          status: message.status,
          error,
          committed: message.committed,
        }
    }
  }
}

/** On the wire: the text with its values, a type byte, a length and a zero. */
function sizeOf(query: Query): number {
  let size = query.template.length + 6
  for (const value of query.values) size += value.length - 2
  return size
}
