// The word `setup` of a session: played by clients/session.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const sessionSetup: WordDefinition = {
  name: 'setup',
  summary: 'What the session does before the steps of a permutation.',
  example: 'session anna on primary { setup $$ set lock_timeout = 1000; $$ }',
  section: 'clients',
  inside: ['session'],
  lead: 'none',
  script: { language: 'sql' },
}
