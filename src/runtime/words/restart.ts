// The word `restart`: played by steps/restart.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const restart: WordDefinition = {
  name: 'restart',
  summary: 'Stops a server and starts it, with changed settings where some are given.',
  example: 'at 5s restart primary with fast as again { shared_buffers = 256MB }',
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
  postgresSettings: true,
}
