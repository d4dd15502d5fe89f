// The word `crash`: played by faults/crash.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const crash: WordDefinition = {
  name: 'crash',
  summary: 'The operating system of a machine stops dead: its memory and page cache are gone, its disks are not.',
  example: 'at 5s crash primary as outage',
  section: 'timeline',
  lead: 'required',
  about: {
    type: 'refers',
    things: ['node', 'host'],
    random: true,
    summary: 'The server, or the machine with all its servers.',
  },
  parameters: {
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
}
