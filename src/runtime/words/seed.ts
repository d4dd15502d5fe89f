// The word `seed`: read by the language.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const seed: WordDefinition = {
  name: 'seed',
  summary: 'Where chance starts from; the same seed gives the same run.',
  example: 'seed 42',
  section: 'header',
  lead: 'none',
  about: { type: 'number', min: 0, max: 4294967295, integer: true, summary: 'Any whole number up to 4294967295.' },
}
