// Reading what a server sends, and putting it into the words of the port.

import type { ServerMessage } from '../../engine.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Socket } from '../machine/socket.ts'
import type { BackendMessage } from '../shared/protocol.ts'

/** The next message; undefined: nothing more will come; 'too late': not until the deadline. */
export function* nextMessage(
  me: Process,
  socket: Socket,
  deadline = Number.POSITIVE_INFINITY,
): Coroutine<BackendMessage | undefined | 'too late'> {
  for (;;) {
    const message = socket.take()
    if (message) return message as BackendMessage
    if (socket.ending) return undefined
    me.latch.reset()
    if (socket.isReadable) continue
    const until = deadline === Number.POSITIVE_INFINITY ? {} : { until: deadline }
    if (!(yield* me.waitLatch({ ...until, waitEvent: 'ClientRead' }))) return 'too late'
  }
}

export function serverMessage(message: Extract<BackendMessage, { kind: 'error' | 'notice' }>): ServerMessage {
  const { level, sqlstate, message: text, detail, hint, position } = message
  return {
    level,
    sqlstate,
    message: text,
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    ...(position === undefined ? {} : { position }),
  }
}
