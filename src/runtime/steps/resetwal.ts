// `resetwal`: gives a server that is down another next transaction id, and is done when pg_resetwal is.

import type { ActionKind } from '../action.ts'
import { type Action, ask } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { numberOf, setting, textOf } from '../statement.ts'

export const resetwal: ActionKind = {
  word: 'resetwal',
  *strike(statement, stage, tell) {
    const node = textOf(statement.about[0])!
    const nextXid = numberOf(setting(statement, 'next_xid'))!
    const cause = tell.order(`resetwal ${node}`, node)
    return { rest: reset(node, nextXid, stage, cause) }
  },
}

function* reset(node: string, nextXid: number, stage: Stage, cause: number): Action<true | string> {
  const { refused, skipped } = yield* ask({ kind: 'resetwal', node, nextXid, cause })
  if (skipped === undefined) return refused ?? true
  stage.tell('action.skipped', { node }, { text: `resetwal ${node}`, reason: skipped })
  return skipped
}
