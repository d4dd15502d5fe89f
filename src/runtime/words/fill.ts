// The word `fill`: played by faults/fill.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const fill: WordDefinition = {
  name: 'fill',
  summary: "Fills a volume with a file that is not the server's.",
  example: 'at 5s fill pg_wal of primary to 99% for 10s',
  section: 'timeline',
  lead: 'required',
  about: { type: 'keyword', choices: ['data', 'pg_wal', 'log'], summary: 'The volume.' },
  parameters: {
    of: { type: 'refers', things: ['node'], summary: 'The server.' },
    to: { type: 'percent', summary: 'How full.' },
    for: { type: 'duration', optional: true, summary: 'After how long it is undone.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
}
