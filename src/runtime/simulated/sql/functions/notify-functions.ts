// What SQL asks of LISTEN and NOTIFY besides the statements. Mirrors the functions of async.c.

import { float8Type } from '../../catalog/types/float.ts'
import { voidType } from '../../catalog/types/identifiers.ts'
import { textType } from '../../catalog/types/text.ts'
import { fail } from '../../shared/error.ts'
import type { RowFunction, SessionFunction } from './registry.ts'

export const notifyFunctions: readonly SessionFunction[] = [
  {
    name: 'pg_notify',
    parameters: [textType, textType],
    returns: voidType,
    isVolatile: true,
    acceptsNull: true,
    session({ session }, channel: string | null, payload: string | null) {
      if (session.server.recovery.inRecovery) fail('25006', 'cannot execute NOTIFY during recovery')
      session.notifications.notify(channel ?? '', payload ?? '')
      return ''
    },
  },
  {
    name: 'pg_notification_queue_usage',
    parameters: [],
    returns: float8Type,
    isVolatile: true,
    session({ session: { server } }) {
      server.notifyQueue.advanceTail()
      return server.notifyQueue.usage()
    },
  },
]

export const notifyRowFunctions: readonly RowFunction[] = [
  {
    name: 'pg_listening_channels',
    parameters: [],
    returns: textType,
    *rows({ session }) {
      yield* session.notifications.channels
    },
  },
]
