// The word `backup`: played by steps/backup.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const backup: WordDefinition = {
  name: 'backup',
  summary:
    'Takes a base backup of a server that goes on working, without its WAL: that is in the archive when the label is done.',
  example: 'at 2s backup primary to vault as base',
  section: 'timeline',
  lead: 'required',
  about: { type: 'refers', things: ['node'], summary: 'The server; it must take writes.' },
  parameters: {
    to: { type: 'refers', things: ['archive'], summary: 'The archive that the server archives to.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  lasts: true,
}
