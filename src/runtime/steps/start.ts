// `start`: starts a server, and is done when it accepts connections.

import type { ActionKind } from '../action.ts'
import { ask } from '../engine.ts'
import { textOf } from '../statement.ts'
import { reaches } from './patience.ts'

export const start: ActionKind = {
  word: 'start',
  *strike(statement, stage, tell) {
    const node = textOf(statement.about[0])!
    const cause = tell.order(`start ${node}`, node)
    const { refused } = yield* ask({ kind: 'start', node, cause })
    return refused === undefined ? { rest: reaches(node, 'accepting', stage) } : { missed: refused }
  },
}
