// The word `rewind`: known, and refused by name.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const rewind: WordDefinition = {
  name: 'rewind',
  summary: 'Brings an old primary back as a standby, as pg_rewind does.',
  example: 'at promotion + 5s rewind primary from s1',
  section: 'timeline',
  lead: 'required',
  notModelled: 'pg_rewind is not played yet',
  about: { type: 'refers', things: ['node'], summary: 'The server.' },
  parameters: {
    from: { type: 'refers', things: ['node'], summary: 'The server whose history it takes on.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  lasts: true,
}
