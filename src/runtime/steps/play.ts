// `play`: steps of sessions, outside of permutations; done when all of them are.

import type { ActionKind } from '../action.ts'
import { Interleaving } from '../clients/interleaving.ts'
import { textOf } from '../statement.ts'

export const play: ActionKind = {
  word: 'play',
  *strike(statement, stage) {
    const order = statement.about.map(value => ({ name: textOf(value)!, markers: [] }))
    return { rest: new Interleaving(stage).play(order) }
  },
}
