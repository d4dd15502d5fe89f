// `fail fsync` and `fail write`: the disk is broken, and the operating system says so with EIO.

import type { Statement } from '../../model/scenario.ts'
import type { Struck, Tell } from '../action.ts'
import { type Action, ask, type FileCall } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { parameter, textOf } from '../statement.ts'
import { strikeLasting } from './lasting.ts'

export function failCall(statement: Statement, stage: Stage, tell: Tell): Action<Struck> {
  const call = textOf(statement.about[0]) as FileCall
  const node = textOf(parameter(statement, 'of'))!
  return strikeLasting(statement, stage, tell, {
    text: `fail ${call} of ${node}`,
    node,
    breaks: cause => ask({ kind: 'fail', node, call, fails: true, cause }),
    mends: cause => ask({ kind: 'fail', node, call, fails: false, cause }),
  })
}
