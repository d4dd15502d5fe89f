// `cut`: power of a machine, or a link.

import type { ActionKind } from '../action.ts'
import { textOf } from '../statement.ts'
import { cutLink } from './links.ts'
import { cutPower } from './power.ts'

export const cut: ActionKind = {
  word: 'cut',
  strike: (statement, stage, tell) =>
    textOf(statement.about[0]) === 'power' ? cutPower(statement, stage, tell) : cutLink(statement, stage, tell),
}
