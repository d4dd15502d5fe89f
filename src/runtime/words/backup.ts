// The word `backup`: known, and refused by name.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const backup: WordDefinition = {
  name: 'backup',
  summary: 'Takes a base backup.',
  example: 'at 2s backup primary to vault as base',
  section: 'timeline',
  lead: 'required',
  notModelled: 'base backups are not played yet',
  about: { type: 'refers', things: ['node'], summary: 'The server.' },
  parameters: {
    to: { type: 'refers', things: ['archive'], summary: 'The archive.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  lasts: true,
}
