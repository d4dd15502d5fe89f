// Power and links, as the words that cut and heal them name them.

import type { Form, WordDefinition } from '../../model/vocabulary.ts'

export const whatIsCut = {
  of: { type: 'refers', things: ['node', 'host'], optional: true, random: true, summary: 'Whose power.' },
  between: {
    type: 'refers',
    things: ['node', 'host', 'client'],
    list: true,
    count: 2,
    optional: true,
    summary: 'Both ends of the link.',
  },
  from: {
    type: 'refers',
    things: ['node', 'host', 'client'],
    optional: true,
    summary: 'The sending end: one direction only.',
  },
  to: { type: 'refers', things: ['node', 'host', 'client'], optional: true, summary: 'The receiving end.' },
} as const satisfies WordDefinition['parameters']

export const waysToCut: readonly Form[] = [
  { about: 'power', needs: ['of'] },
  { about: 'link', needs: ['between'] },
  { about: 'link', needs: ['from', 'to'] },
]
