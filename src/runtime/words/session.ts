// The word `session`: played by clients/session.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'
import { connectionSettings } from './connection-settings.ts'

export const session: WordDefinition = {
  name: 'session',
  summary: 'A connection whose statements are played step by step.',
  example: 'session anna on primary { step a1 $$ begin; $$ }',
  section: 'clients',
  lead: 'none',
  about: { type: 'declares', thing: 'session', summary: 'The name of the session.' },
  parameters: { on: { type: 'refers', things: ['node'], summary: 'The server that it connects to.' } },
  settings: connectionSettings,
  body: ['setup', 'step', 'teardown'],
}
