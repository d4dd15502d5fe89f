// The client's side of a simple query: sends the query string, gathers the answer until the server is ready again. What
// came while the connection was idle is read first, as libpq does.

import { connectionEnded } from '../../clients/libpq-messages.ts'
import type { Executed, Notification, Query, ServerMessage, StatementResult } from '../../engine.ts'
import { queryText } from '../../simulated/sql/source.ts'
import type { RealConnection } from './connection.ts'
import { serverMessage } from './protocol.ts'

export async function execute({ wire, tracker }: RealConnection, query: Query): Promise<Executed> {
  const text = queryText(query)
  const sent = tracker?.send(query.template)
  wire.query(text + (sent?.suffix ?? ''))
  const results: StatementResult[] = []
  const notices: ServerMessage[] = []
  const notifications: Notification[] = []
  let error: ServerMessage | undefined
  let columns: readonly string[] = []
  let rows: (readonly (string | null)[])[] = []
  for (;;) {
    const coming = wire.next()
    const message = coming instanceof Promise ? await coming : coming
    if (message === undefined || message === 'too late') {
      wire.destroy()
      const inDoubt = tracker?.lost(sent!, results, rows)
      return {
        results,
        notices,
        notifications,
        status: 'I',
        lost: connectionEnded(wire.ending),
        ...(error ? { error } : {}),
        ...(inDoubt === undefined ? {} : { inDoubt }),
      }
    }
    switch (message.name) {
      case 'rowDescription':
        columns = message.fields.map(field => field.name)
        break
      case 'dataRow':
        rows.push(message.fields)
        break
      case 'commandComplete':
        results.push({ tag: message.text, columns, rows })
        columns = []
        rows = []
        break
      case 'notice':
        notices.push(serverMessage(message))
        break
      case 'notification': {
        const { channel, payload, processId } = message
        notifications.push({ channel, payload, backend: processId })
        break
      }
      case 'error':
        error = serverMessage(message)
        break
      case 'copyInResponse':
        wire.refuseCopy('there is no data to copy')
        break
      case 'readyForQuery': {
        const { status } = message
        const committed = tracker?.done(sent!, results, { status, failed: error !== undefined })
        return {
          results,
          notices,
          notifications,
          status,
          ...(error ? { error } : {}),
          ...(committed ? { committed } : {}),
        }
      }
    }
  }
}
