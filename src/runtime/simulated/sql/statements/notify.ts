// LISTEN, UNLISTEN, NOTIFY: they note what the commit will do.

import type { ListenStmt, NotifyStmt, UnlistenStmt } from '@pgsql/types'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import type { Session } from '../session.ts'

export function* listen(session: Session, { conditionname = '' }: ListenStmt): Coroutine<string> {
  if (session.server.recovery.inRecovery) fail('25006', 'cannot execute LISTEN during recovery')
  session.notifications.listen(conditionname)
  return 'LISTEN'
}

export function* unlisten(session: Session, { conditionname }: UnlistenStmt): Coroutine<string> {
  if (conditionname === undefined) session.notifications.unlistenAll()
  else session.notifications.unlisten(conditionname)
  return 'UNLISTEN'
}

export function* notify(session: Session, { conditionname = '', payload = '' }: NotifyStmt): Coroutine<string> {
  if (session.server.recovery.inRecovery) fail('25006', 'cannot execute NOTIFY during recovery')
  session.notifications.notify(conditionname, payload)
  return 'NOTIFY'
}
