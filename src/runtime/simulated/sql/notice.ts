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
  detail?: string,
): void {
  session.server.environment.log.report(session.me, { level, sqlstate, message, detail, hint })
  const size = message.length + (detail?.length ?? 0) + (hint?.length ?? 0) + 40
  const more = { ...(detail === undefined ? {} : { detail }), ...(hint === undefined ? {} : { hint }) }
  session.send({ kind: 'notice', level, sqlstate, message, ...more, size })
}
