// The word `corrupt`: played by faults/corrupt.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const corrupt: WordDefinition = {
  name: 'corrupt',
  summary: 'Damages a page or a WAL segment on the disk.',
  example: 'at 5s corrupt account of primary { block = 3; kind = zeroed }',
  section: 'timeline',
  lead: 'required',
  about: { type: 'name', summary: 'The relation or the WAL segment.' },
  parameters: {
    of: { type: 'refers', things: ['node'], summary: 'The server.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: {
    block: { type: 'number', min: 0, integer: true, optional: true, summary: 'Which block.' },
    kind: {
      type: 'keyword',
      choices: ['torn', 'zeroed', 'flipped'],
      optional: true,
      summary: 'How it is damaged: its second half is missing, all of it is zeros, or one bit is another.',
    },
    optional: optionalSetting,
  },
}
