// The word `note`: played by steps/note.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const note: WordDefinition = {
  name: 'note',
  summary: 'A remark that the timeline shows at its moment.',
  example: 'at 4.9s note "Watch what the postmaster does to the other seven."',
  section: 'timeline',
  lead: 'optional',
  about: { type: 'prose', summary: 'The remark.' },
  parameters: { as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of its moment.' } },
  settings: { optional: optionalSetting },
}
