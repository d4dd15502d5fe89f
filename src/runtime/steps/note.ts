// `note`: a remark that the timeline shows at its moment.

import type { ActionKind } from '../action.ts'
import { textOf } from '../statement.ts'

export const note: ActionKind = {
  word: 'note',
  *strike(statement, stage) {
    stage.tell('note.shown', {}, { text: textOf(statement.about[0])! })
    return {}
  },
}
