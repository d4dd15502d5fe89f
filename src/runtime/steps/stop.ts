// `stop`: stops a server in one of pg_ctl's modes, and is done when it is down.

import type { ActionKind } from '../action.ts'
import { ask, type ShutdownMode } from '../engine.ts'
import { parameter, textOf } from '../statement.ts'
import { reaches } from './patience.ts'

export const stop: ActionKind = {
  word: 'stop',
  *strike(statement, stage, tell) {
    const node = textOf(statement.about[0])!
    const mode = (textOf(parameter(statement, 'with')) ?? 'fast') as ShutdownMode
    const cause = tell.order(`stop ${node} (${mode})`, node)
    const { refused } = yield* ask({ kind: 'stop', node, mode, cause })
    return refused === undefined ? { rest: reaches(node, 'down', stage) } : { missed: refused }
  },
}
