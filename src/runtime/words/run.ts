// The word `run`: played by steps/run.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'
import { databaseSetting } from './connection-settings.ts'

export const run: WordDefinition = {
  name: 'run',
  summary: 'Runs SQL on a server, in a connection of its own.',
  example: 'at 5s run on primary $$ checkpoint; $$',
  section: 'timeline',
  lead: 'required',
  parameters: {
    on: { type: 'refers', things: ['node'], summary: 'The server.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { dbname: databaseSetting, optional: optionalSetting },
  lasts: true,
  script: { language: 'sql' },
}
