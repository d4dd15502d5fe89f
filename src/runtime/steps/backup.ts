// `backup`: takes a base backup into an archive, and is done when the archive has its WAL, too.

import type { ActionKind } from '../action.ts'
import { type Action, ask } from '../engine.ts'
import { parameter, textOf } from '../statement.ts'

export const backup: ActionKind = {
  word: 'backup',
  *strike(statement, _stage, tell) {
    const node = textOf(statement.about[0])!
    const archive = textOf(parameter(statement, 'to'))!
    const cause = tell.order(`backup ${node} to ${archive}`, node)
    return { rest: take(node, archive, cause) }
  },
}

function* take(node: string, archive: string, cause: number): Action<true | string> {
  return (yield* ask({ kind: 'backup', node, archive, cause })).refused ?? true
}
