// The word `follow`: played by steps/follow.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const follow: WordDefinition = {
  name: 'follow',
  summary:
    'Makes a server stream from another one: primary_conninfo is changed and reloaded. One that is down gets a standby.signal, too.',
  example: 'at outage + 3s follow s2 of s1',
  section: 'timeline',
  lead: 'required',
  about: { type: 'refers', things: ['node'], summary: 'The standby.' },
  parameters: {
    of: { type: 'refers', things: ['node'], summary: 'The server that it streams from from now on.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
}
