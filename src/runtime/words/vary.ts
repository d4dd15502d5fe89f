// The word `vary`: read by the language.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const vary: WordDefinition = {
  name: 'vary',
  summary: 'A parameter of the scenario: one value makes a constant, several make one run each.',
  example: 'vary promise over off, local, on',
  section: 'header',
  lead: 'none',
  about: { type: 'declares', thing: 'parameter', summary: 'The name; it is used as `:name`.' },
  parameters: { over: { type: 'any', list: true, summary: 'The values, one run each.' } },
}
