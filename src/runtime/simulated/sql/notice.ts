// What a statement tells its client without failing: a notice or a warning. The server log hears of it too, if
// log_min_messages lets it.

import type { LogLevel } from '../shared/log.ts'
import type { SessionContext } from './context.ts'

export function notice(
  session: SessionContext,
  sqlstate: string,
  message: string,
  level: LogLevel = 'NOTICE',
  hint?: string,
): void {
  session.server.environment.log.report(session.me, { level, sqlstate, message, hint })
  const size = message.length + (hint?.length ?? 0) + 40
  session.send({ kind: 'notice', level, sqlstate, message, ...(hint === undefined ? {} : { hint }), size })
}
