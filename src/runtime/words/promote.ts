// The word `promote`: played by steps/promote.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const promote: WordDefinition = {
  name: 'promote',
  summary: 'Makes a standby a primary, as pg_ctl promote does.',
  example: 'at outage + 3s promote s1 as promotion',
  section: 'timeline',
  lead: 'required',
  about: { type: 'refers', things: ['node'], summary: 'The standby.' },
  parameters: {
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  lasts: true,
}
