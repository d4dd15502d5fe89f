// The word `heal`: played by faults/heal.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const heal: WordDefinition = {
  name: 'heal',
  summary: 'Undoes a cut: the link carries again, the power is back and the machine boots.',
  example: 'at partition + 10s heal link between primary, s1',
  section: 'timeline',
  lead: 'required',
  about: { type: 'keyword', choices: ['power', 'link'], summary: 'What is healed.' },
  parameters: {
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
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  forms: [
    { about: 'power', needs: ['of'] },
    { about: 'link', needs: ['between'] },
    { about: 'link', needs: ['from', 'to'] },
  ],
}
