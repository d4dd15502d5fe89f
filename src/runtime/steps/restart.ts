// `restart`: stops a server and starts it, with changed settings where some are given.

import type { ActionKind } from '../action.ts'
import { type Action, ask, type Settings, type ShutdownMode } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { parameter, postgresSettings, textOf } from '../statement.ts'
import { reaches } from './patience.ts'

export const restart: ActionKind = {
  word: 'restart',
  *strike(statement, stage, tell) {
    const node = textOf(statement.about[0])!
    const mode = (textOf(parameter(statement, 'with')) ?? 'fast') as ShutdownMode
    const settings = postgresSettings(statement)
    const changes = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
    const text = `restart ${node} (${mode})${changes.length > 0 ? ` with ${changes.join(', ')}` : ''}`
    const cause = tell.order(text, node)
    const { refused } = yield* ask({ kind: 'stop', node, mode, cause })
    return refused === undefined ? { rest: startAgain(node, settings, stage, cause) } : { missed: refused }
  },
}

function* startAgain(node: string, settings: Settings, stage: Stage, cause: number): Action<boolean> {
  if (!(yield* reaches(node, 'down', stage))) return false
  const { refused } = yield* ask({ kind: 'start', node, settings, cause })
  return refused === undefined && (yield* reaches(node, 'accepting', stage))
}
