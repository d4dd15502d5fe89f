// `heal`: undoes a cut.

import type { ActionKind } from '../action.ts'
import { textOf } from '../statement.ts'
import { healLink } from './links.ts'
import { healPower } from './power.ts'

export const heal: ActionKind = {
  word: 'heal',
  strike: (statement, stage, tell) =>
    textOf(statement.about[0]) === 'power' ? healPower(statement, stage, tell) : healLink(statement, stage, tell),
}
