// The word `teaches`: read by the language.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const teaches: WordDefinition = {
  name: 'teaches',
  summary: 'The topics of the lesson.',
  example: 'teaches postmaster, backend, crash-recovery',
  section: 'header',
  lead: 'none',
  about: { type: 'name', list: true, summary: 'The topics.' },
}
