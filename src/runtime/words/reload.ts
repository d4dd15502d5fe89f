// The word `reload`: played by steps/reload.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const reload: WordDefinition = {
  name: 'reload',
  summary: 'Changes settings and sends SIGHUP, as pg_ctl reload does.',
  example: 'at 5s reload primary { checkpoint_timeout = 30s }',
  section: 'timeline',
  lead: 'required',
  about: { type: 'refers', things: ['node'], summary: 'The server.' },
  parameters: {
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  postgresSettings: true,
}
