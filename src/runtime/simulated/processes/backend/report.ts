// Tells the server log and the client of an error or a notice. Mirrors EmitErrorReport and send_message_to_frontend.

import type { Process } from '../../machine/process.ts'
import type { Socket } from '../../machine/socket.ts'
import type { Server } from '../../server.ts'
import type { PostgresError } from '../../shared/error.ts'
import type { BackendMessage } from '../../shared/protocol.ts'
import { textSize } from '../../shared/protocol.ts'

export function send(client: Socket, message: BackendMessage): void {
  client.send(message)
}

/** `statement` is what the session ran, for the log. */
export function reportError(
  me: Process,
  server: Server,
  client: Socket | undefined,
  error: PostgresError,
  statement?: string,
): void {
  const { level, sqlstate, message, detail, detailLog, hint, context, position } = error
  server.environment.log.report(me, {
    level,
    sqlstate,
    message,
    position,
    detail: detailLog ?? detail,
    hint,
    context,
    statement,
  })
  if (!client) return
  send(client, {
    kind: 'error',
    level,
    sqlstate,
    message,
    ...(detail !== undefined ? { detail } : {}),
    ...(hint !== undefined ? { hint } : {}),
    ...(context !== undefined ? { context } : {}),
    ...(position !== undefined ? { position } : {}),
    size: textSize(message, detail, hint, context),
  })
}

/** A message that goes to the client alone. */
export function notify(
  client: Socket,
  notice: {
    readonly level: string
    readonly sqlstate: string
    readonly message: string
    readonly detail?: string
    readonly hint?: string
  },
): void {
  send(client, { kind: 'notice', ...notice, size: textSize(notice.message, notice.detail, notice.hint) })
}
