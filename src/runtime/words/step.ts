// The word `step`: played by clients/session.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const step: WordDefinition = {
  name: 'step',
  summary: 'A few statements of a session, sent together.',
  example: 'session anna on primary { step a1 $$ update account set balance = 0 where id = 1; $$ }',
  section: 'clients',
  inside: ['session'],
  lead: 'none',
  about: { type: 'declares', thing: 'step', summary: 'The name of the step.' },
  script: { language: 'sql' },
}
