// The word `drill`: read by the language.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const drill: WordDefinition = {
  name: 'drill',
  summary: 'The title of the scenario.',
  example: 'drill "A killed backend takes every session down"',
  section: 'header',
  lead: 'none',
  about: { type: 'prose', summary: 'What the scenario shows, in one line.' },
}
