// The word `summary`: shown by the reports.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const summary: WordDefinition = {
  name: 'summary',
  summary: 'What to take home, shown after the verdict.',
  example: 'summary "One crashed backend costs every session its connection."',
  section: 'timeline',
  lead: 'none',
  about: { type: 'prose', summary: 'The text.' },
}
