// FETCH, MOVE and CLOSE, and what of DECLARE is not played. DECLARE itself is the session's, because its query is looked
// at as any other.

import type { ClosePortalStmt, FetchStmt } from '@pgsql/types'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import type { Session } from '../session.ts'
import { goesForward } from './cursor-options.ts'

/** The grammar's number for ALL. */
const all = 2_147_483_647

export function* fetch(session: Session, tree: FetchStmt): Coroutine<string> {
  const { portalname = '', howMany, ismove = false } = tree
  if (!goesForward(tree)) fail('0A000', 'a FETCH or MOVE that does not go forward is not played yet')
  const portal = session.portals.get(portalname)
  const wanted = Number(howMany)
  const count = yield* portal.fetch(wanted === all ? Number.POSITIVE_INFINITY : wanted, ismove)
  return `${ismove ? 'MOVE' : 'FETCH'} ${count}`
}

export function* closeCursor(session: Session, { portalname }: ClosePortalStmt): Coroutine<string> {
  if (portalname === undefined) {
    session.portals.closeAll()
    return 'CLOSE CURSOR ALL'
  }
  session.portals.close(portalname)
  return 'CLOSE CURSOR'
}
