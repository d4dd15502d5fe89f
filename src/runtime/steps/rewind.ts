// `rewind`: brings the files of a server that is down onto another one's timeline, and is done when they are.

import type { ActionKind } from '../action.ts'
import { type Action, ask } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { parameter, textOf } from '../statement.ts'

export const rewind: ActionKind = {
  word: 'rewind',
  *strike(statement, stage, tell) {
    const node = textOf(statement.about[0])!
    const source = textOf(parameter(statement, 'from'))!
    const cause = tell.order(`rewind ${node} from ${source}`, node)
    return { rest: rewindFrom(node, source, stage, cause) }
  },
}

function* rewindFrom(node: string, source: string, stage: Stage, cause: number): Action<true | string> {
  const { refused, skipped } = yield* ask({ kind: 'rewind', node, source, cause })
  if (skipped === undefined) return refused ?? true
  stage.tell('action.skipped', { node }, { text: `rewind ${node} from ${source}`, reason: skipped })
  return skipped
}
