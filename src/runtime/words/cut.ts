// The word `cut`: played by faults/cut.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const cut: WordDefinition = {
  name: 'cut',
  summary: 'Cuts the power of a machine, or a link between two.',
  example: 'at 5s cut link between primary, s1 for 10s as partition',
  section: 'timeline',
  lead: 'required',
  about: { type: 'keyword', choices: ['power', 'link'], summary: 'What is cut.' },
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
    for: { type: 'duration', optional: true, summary: 'After how long it is undone.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  forms: [
    { about: 'power', needs: ['of'] },
    { about: 'link', needs: ['between'] },
    { about: 'link', needs: ['from', 'to'] },
  ],
}
