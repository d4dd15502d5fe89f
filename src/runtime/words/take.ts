// The word `take`: played by faults/take.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const take: WordDefinition = {
  name: 'take',
  summary: 'Lets another program take what a server that is down would listen on.',
  example: 'at 5s take port of primary for 10s as taken',
  section: 'timeline',
  lead: 'required',
  about: {
    type: 'keyword',
    choices: ['port', 'socket'],
    summary: 'Its TCP port, or the lock file of its Unix socket.',
  },
  parameters: {
    of: { type: 'refers', things: ['node'], summary: 'The server.' },
    for: { type: 'duration', optional: true, summary: 'After how long it is undone.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
}
