// The word `play`: played by steps/play.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const play: WordDefinition = {
  name: 'play',
  summary: 'Plays steps of sessions, one after the other, outside of permutations.',
  example: 'at 5min play open as lunch_begins',
  section: 'timeline',
  lead: 'required',
  about: { type: 'refers', things: ['step'], list: true, summary: 'The steps.' },
  parameters: {
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  lasts: true,
}
