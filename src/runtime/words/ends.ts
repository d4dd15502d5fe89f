// The word `ends`: read by interpreter.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const ends: WordDefinition = {
  name: 'ends',
  summary: 'When the run ends; may be left out where every client and session ends by itself.',
  example: 'ends 10s',
  section: 'header',
  lead: 'none',
  about: { type: 'moment', summary: 'The moment of the end.' },
}
