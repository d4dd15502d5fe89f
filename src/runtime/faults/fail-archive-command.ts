// `fail archive_command`: every attempt to archive ends with exit code 1, and copies nothing.

import type { Statement } from '../../model/scenario.ts'
import type { Struck, Tell } from '../action.ts'
import { type Action, ask } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { parameter, textOf } from '../statement.ts'
import { strikeLasting } from './lasting.ts'

export function failArchiveCommand(statement: Statement, stage: Stage, tell: Tell): Action<Struck> {
  const node = textOf(parameter(statement, 'of'))!
  return strikeLasting(statement, stage, tell, {
    text: `fail archive_command of ${node}`,
    node,
    breaks: cause => ask({ kind: 'archive', node, fails: true, cause }),
    mends: cause => ask({ kind: 'archive', node, fails: false, cause }),
  })
}
