// The word `permutation`: played by clients/interleaving.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const permutation: WordDefinition = {
  name: 'permutation',
  summary: 'An order of steps, played as a run of its own; a step that waits lets the next one begin.',
  example: 'permutation a1, b1, a2, b2(a2) as crossed',
  section: 'clients',
  lead: 'none',
  about: {
    type: 'step',
    list: true,
    summary: 'The steps in order, each once; `b2(a2)`: b2 is not done before a2 is.',
  },
  parameters: { as: { type: 'declares', thing: 'label', optional: true, summary: 'Its name.' } },
  body: ['expect', 'forbid', 'note', 'ask', 'summary'],
}
