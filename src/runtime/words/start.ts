// The word `start`: played by steps/start.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const start: WordDefinition = {
  name: 'start',
  summary: 'Starts a server that is down.',
  example: 'at blackout + 2s start primary as return',
  section: 'timeline',
  lead: 'required',
  about: { type: 'refers', things: ['node'], summary: 'The server.' },
  parameters: {
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  lasts: true,
}
