// `promote`: makes a standby a primary, and is done when it takes writes.

import type { ActionKind } from '../action.ts'
import { ask } from '../engine.ts'
import { textOf } from '../statement.ts'
import { reaches } from './patience.ts'

export const promote: ActionKind = {
  word: 'promote',
  *strike(statement, stage, tell) {
    const node = textOf(statement.about[0])!
    const cause = tell.order(`promote ${node}`, node)
    const { refused } = yield* ask({ kind: 'promote', node, cause })
    return refused === undefined ? { rest: reaches(node, 'writable', stage) } : { missed: refused }
  },
}
