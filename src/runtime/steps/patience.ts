// Waiting for a node as pg_ctl does: for so long, then it gives up.

import { second } from '../../model/units.ts'
import { type Action, ask, type NodeState } from '../engine.ts'
import type { Stage } from '../stage.ts'

/** PGCTLTIMEOUT. */
const patience = 60 * second

export function* reaches(node: string, state: NodeState, stage: Stage): Action<boolean> {
  return yield* ask({ kind: 'state', node, state, until: stage.now() + patience })
}
