// The word `rewind`: played by steps/rewind.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const rewind: WordDefinition = {
  name: 'rewind',
  summary:
    'Brings the files of an old primary that was shut down onto the timeline of a new one, as pg_rewind does: started, it is a standby of that one.',
  example: 'at promotion + 5s rewind primary from s1',
  section: 'timeline',
  lead: 'required',
  about: { type: 'refers', things: ['node'], summary: 'The server; it must have been shut down cleanly.' },
  parameters: {
    from: { type: 'refers', things: ['node'], summary: 'The server whose history it takes on.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  lasts: true,
}
