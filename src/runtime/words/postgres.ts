// The word `postgres`: read by the language.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const postgres: WordDefinition = {
  name: 'postgres',
  summary: "PostgreSQL's major version; 17 if left out.",
  example: 'postgres 17',
  section: 'header',
  lead: 'none',
  about: { type: 'number', min: 15, max: 18, integer: true, summary: 'The major version, 15 to 18.' },
}
