// `fill`: somebody else's file takes up the room that a server needs.

import type { ActionKind } from '../action.ts'
import { ask, type VolumeName } from '../engine.ts'
import { numberOf, parameter, textOf } from '../statement.ts'
import { strikeLasting } from './lasting.ts'

export const fill: ActionKind = {
  word: 'fill',
  strike(statement, stage, tell) {
    const volume = textOf(statement.about[0]) as VolumeName
    const node = textOf(parameter(statement, 'of'))!
    const to = parameter(statement, 'to')!
    const of = { kind: 'fill', node, volume } as const
    return strikeLasting(statement, stage, tell, {
      text: `fill ${volume} of ${node} to ${to.text}`,
      node,
      breaks: cause => ask({ ...of, to: numberOf(to)! / 100, cause }),
      mends: cause => ask({ ...of, cause }),
    })
  },
}
