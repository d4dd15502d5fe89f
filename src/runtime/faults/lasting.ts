// What faults have in common that can be undone: something is broken at once, and mended when its time is over.

import type { Statement } from '../../model/scenario.ts'
import type { Struck, Tell } from '../action.ts'
import { type Action, ask, type Ordered } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { numberOf, parameter } from '../statement.ts'

export interface LastingFault {
  /** As the timeline tells it. */
  readonly text: string
  readonly node?: string
  breaks(cause: number): Action<Ordered>
  mends(cause: number): Action<Ordered>
}

export function* strikeLasting(statement: Statement, stage: Stage, tell: Tell, fault: LastingFault): Action<Struck> {
  const { refused, skipped } = yield* fault.breaks(tell.fault(fault.text, 1, fault.node))
  if (skipped !== undefined) return { skipped }
  if (refused !== undefined) return { missed: refused }
  const duration = numberOf(parameter(statement, 'for'))
  return duration === undefined ? {} : { rest: mend(fault, stage.now() + duration, tell) }
}

function* mend({ text, node, mends }: LastingFault, at: number, tell: Tell): Action<boolean> {
  yield* ask({ kind: 'sleep', until: at })
  yield* mends(tell.undone(text, node))
  return true
}
