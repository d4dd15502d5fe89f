// `follow`: makes a standby stream from another server.

import type { ActionKind } from '../action.ts'
import { ask } from '../engine.ts'
import { parameter, textOf } from '../statement.ts'

export const follow: ActionKind = {
  word: 'follow',
  *strike(statement, _stage, tell) {
    const node = textOf(statement.about[0])!
    const upstream = textOf(parameter(statement, 'of'))!
    const cause = tell.order(`${node} follows ${upstream}`, node)
    const { refused } = yield* ask({ kind: 'follow', node, upstream, cause })
    return refused === undefined ? {} : { missed: refused }
  },
}
