// `reload`: changes settings in the configuration file and sends SIGHUP.

import type { ActionKind } from '../action.ts'
import { ask } from '../engine.ts'
import { postgresSettings, textOf } from '../statement.ts'

export const reload: ActionKind = {
  word: 'reload',
  *strike(statement, _stage, tell) {
    const node = textOf(statement.about[0])!
    const settings = postgresSettings(statement)
    const changes = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
    const cause = tell.order(`reload ${node}${changes.length > 0 ? ` with ${changes.join(', ')}` : ''}`, node)
    const { refused } = yield* ask({ kind: 'reload', node, settings, cause })
    return refused === undefined ? {} : { missed: refused }
  },
}
