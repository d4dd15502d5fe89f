// The word `stop`: played by steps/stop.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const stop: WordDefinition = {
  name: 'stop',
  summary: 'Stops a server, as pg_ctl does.',
  example: 'at 5s stop primary with immediate as stopped',
  section: 'timeline',
  lead: 'required',
  about: { type: 'refers', things: ['node'], summary: 'The server.' },
  parameters: {
    with: {
      type: 'keyword',
      choices: ['smart', 'fast', 'immediate'],
      optional: true,
      summary: "pg_ctl's mode; fast if left out.",
    },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  lasts: true,
}
