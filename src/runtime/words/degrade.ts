// The word `degrade`: known, and refused by name.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const degrade: WordDefinition = {
  name: 'degrade',
  summary: 'Makes a link, volume or machine worse for a while.',
  example: 'at 5s degrade wan for 10s { latency = 200ms }',
  section: 'timeline',
  lead: 'required',
  notModelled: 'slow machines and links are not played yet',
  about: { type: 'refers', things: ['link', 'host'], summary: 'What gets worse.' },
  parameters: {
    for: { type: 'duration', optional: true, summary: 'After how long it is undone.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: {
    latency: { type: 'duration', optional: true, summary: 'The new latency of a link.' },
    loss: { type: 'percent', optional: true, summary: 'The new loss of a link.' },
    bandwidth: { type: 'bandwidth', optional: true, summary: 'The new bandwidth.' },
    cpus: { type: 'number', optional: true, summary: 'The new number of processors.' },
    optional: optionalSetting,
  },
}
