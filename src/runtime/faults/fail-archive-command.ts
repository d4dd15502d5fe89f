// `fail archive_command`: every attempt to archive ends with exit code 1, and copies nothing.

import type { Statement } from '../../model/scenario.ts'
import type { Struck, Tell } from '../action.ts'
import { type Action, ask } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { numberOf, parameter, textOf } from '../statement.ts'

export function* failArchiveCommand(statement: Statement, stage: Stage, tell: Tell): Action<Struck> {
  const node = textOf(parameter(statement, 'of'))!
  const text = `fail archive_command of ${node}`
  const cause = tell.fault(text, 1, node)
  const { refused } = yield* ask({ kind: 'archive', node, fails: true, cause })
  if (refused !== undefined) return { missed: refused }
  const duration = numberOf(parameter(statement, 'for'))
  return duration === undefined ? {} : { rest: restore(node, text, stage.now() + duration, tell) }
}

function* restore(node: string, text: string, at: number, tell: Tell): Action<boolean> {
  yield* ask({ kind: 'sleep', until: at })
  const cause = tell.undone(text, node)
  yield* ask({ kind: 'archive', node, fails: false, cause })
  return true
}
