// `corrupt`: a block on the disk is not any more what was written there, and nobody is told.

import type { ActionKind } from '../action.ts'
import { ask, type Damage } from '../engine.ts'
import { numberOf, parameter, setting, textOf } from '../statement.ts'

export const corrupt: ActionKind = {
  word: 'corrupt',
  *strike(statement, _stage, tell) {
    const node = textOf(parameter(statement, 'of'))!
    const file = textOf(statement.about[0])!
    const block = numberOf(setting(statement, 'block')) ?? 0
    const damage = (textOf(setting(statement, 'kind')) ?? 'zeroed') as Damage
    const cause = tell.fault(`corrupt block ${block} of ${file} of ${node}: ${damage}`, 1, node)
    const { refused, skipped } = yield* ask({ kind: 'corrupt', node, file, block, damage, cause })
    if (skipped !== undefined) return { skipped }
    return refused === undefined ? {} : { missed: refused }
  },
}
