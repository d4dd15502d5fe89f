// The word `heal`: played by faults/heal.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'
import { waysToCut, whatIsCut } from './what-is-cut.ts'

export const heal: WordDefinition = {
  name: 'heal',
  summary: 'Undoes a cut: the link carries again, the power is back and the machine boots.',
  example: 'at partition + 10s heal link between primary, s1',
  section: 'timeline',
  lead: 'required',
  about: { type: 'keyword', choices: ['power', 'link'], summary: 'What is healed.' },
  parameters: {
    ...whatIsCut,
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  forms: waysToCut,
}
