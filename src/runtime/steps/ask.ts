// `ask`: a question to the reader. The timeline shows the question; the answer stays in the scenario.

import type { ActionKind } from '../action.ts'
import { textOf } from '../statement.ts'

export const ask: ActionKind = {
  word: 'ask',
  *strike(statement, stage) {
    stage.tell('note.shown', {}, { text: textOf(statement.about[0])! })
    return {}
  },
}
