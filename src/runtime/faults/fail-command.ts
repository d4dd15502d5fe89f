// `fail archive_command`, `fail restore_command`: every run of it ends with exit code 1, and copies nothing.

import type { Statement } from '../../model/scenario.ts'
import type { Struck, Tell } from '../action.ts'
import { type Action, ask, type RequestOf } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { parameter, textOf } from '../statement.ts'
import { strikeLasting } from './lasting.ts'

export function failCommand(statement: Statement, stage: Stage, tell: Tell): Action<Struck> {
  const node = textOf(parameter(statement, 'of'))!
  const command = textOf(statement.about[0]) as RequestOf<'archive'>['command']
  return strikeLasting(statement, stage, tell, {
    text: `fail ${command} of ${node}`,
    node,
    breaks: cause => ask({ kind: 'archive', node, command, fails: true, cause }),
    mends: cause => ask({ kind: 'archive', node, command, fails: false, cause }),
  })
}
