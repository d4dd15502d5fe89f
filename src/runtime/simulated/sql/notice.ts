// What a statement tells its client without failing: a notice or a warning. The server log hears of it too, if
// log_min_messages lets it.

import type { SessionContext } from './context.ts'

export function notice(
  session: SessionContext,
  sqlstate: string,
  message: string,
  level: 'NOTICE' | 'WARNING' = 'NOTICE',
): void {
  session.server.environment.log.report(session.me, { level, sqlstate, message })
  session.send({ kind: 'notice', level, sqlstate, message, size: message.length + 40 })
}
