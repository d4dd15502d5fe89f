// The word `teardown` of a session: played by clients/session.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const teardown: WordDefinition = {
  name: 'teardown',
  summary: 'What the session does after the steps of a permutation.',
  example: 'session anna on primary { teardown $$ rollback; $$ }',
  section: 'clients',
  inside: ['session'],
  lead: 'none',
  script: { language: 'sql' },
}
