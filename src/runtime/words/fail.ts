// The word `fail`: played by faults/fail.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const fail: WordDefinition = {
  name: 'fail',
  summary: 'Lets calls of the operating system, or commands, fail.',
  example: 'at 5s fail fsync of primary for 10s as outage',
  section: 'timeline',
  lead: 'required',
  about: {
    type: 'keyword',
    choices: ['fsync', 'write', 'archive_command', 'restore_command'],
    summary: 'What fails.',
  },
  parameters: {
    of: { type: 'refers', things: ['node'], summary: 'The server.' },
    for: { type: 'duration', optional: true, summary: 'After how long it is undone.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
}
