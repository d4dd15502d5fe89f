// The word `cut`: played by faults/cut.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'
import { waysToCut, whatIsCut } from './what-is-cut.ts'

export const cut: WordDefinition = {
  name: 'cut',
  summary: 'Cuts the power of a machine, or a link between two.',
  example: 'at 5s cut link between primary, s1 for 10s as partition',
  section: 'timeline',
  lead: 'required',
  about: { type: 'keyword', choices: ['power', 'link'], summary: 'What is cut.' },
  parameters: {
    ...whatIsCut,
    for: { type: 'duration', optional: true, summary: 'After how long it is undone.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  forms: waysToCut,
}
