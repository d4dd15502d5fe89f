// `take`: another program is where a server would listen.

import type { ActionKind } from '../action.ts'
import { ask, type Door } from '../engine.ts'
import { parameter, textOf } from '../statement.ts'
import { strikeLasting } from './lasting.ts'

export const take: ActionKind = {
  word: 'take',
  strike(statement, stage, tell) {
    const door = textOf(statement.about[0]) as Door
    const node = textOf(parameter(statement, 'of'))!
    return strikeLasting(statement, stage, tell, {
      text: `take ${door} of ${node}`,
      node,
      breaks: cause => ask({ kind: 'take', node, door, isTaken: true, cause }),
      mends: cause => ask({ kind: 'take', node, door, isTaken: false, cause }),
    })
  },
}
