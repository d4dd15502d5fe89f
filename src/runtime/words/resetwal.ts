// The word `resetwal`: played by steps/resetwal.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const resetwal: WordDefinition = {
  name: 'resetwal',
  summary:
    'Gives a server that was shut down another next transaction id and empty WAL, as pg_resetwal --next-transaction-id does.',
  example: 'at 3s resetwal primary { next_xid = 2000000000 }',
  section: 'timeline',
  lead: 'required',
  about: { type: 'refers', things: ['node'], summary: 'The server; it must have been shut down cleanly.' },
  parameters: {
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: {
    next_xid: {
      type: 'number',
      min: 3,
      max: 4294967295,
      integer: true,
      summary: 'The transaction id that is given out next.',
    },
    optional: optionalSetting,
  },
  lasts: true,
}
