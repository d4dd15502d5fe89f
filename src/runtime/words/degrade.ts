// The word `degrade`: played by faults/degrade.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const degrade: WordDefinition = {
  name: 'degrade',
  summary: 'Makes a link, volume or machine worse for a while.',
  example: 'at 5s degrade wan for 10s { latency = 200ms }',
  section: 'timeline',
  lead: 'required',
  about: {
    type: 'refers',
    things: ['link', 'host'],
    words: ['data', 'pg_wal', 'log'],
    summary: 'What gets worse: a link, a machine, or a volume of a server.',
  },
  parameters: {
    of: { type: 'refers', things: ['node'], optional: true, summary: 'The server whose volume it is.' },
    for: { type: 'duration', optional: true, summary: 'After how long it is undone.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: {
    latency: { type: 'duration', optional: true, summary: 'The new latency of a link.' },
    loss: { type: 'percent', optional: true, summary: 'The new loss of a link.' },
    bandwidth: { type: 'bandwidth', optional: true, summary: 'The new bandwidth of a link or volume.' },
    fsync: { type: 'duration', optional: true, summary: 'The new time that an fsync takes on a volume.' },
    cpus: {
      type: 'number',
      min: 1,
      integer: true,
      optional: true,
      summary: 'The new number of processors of a machine.',
    },
    memory: { type: 'size', optional: true, summary: 'The new memory of a machine whose memory has a size.' },
    optional: optionalSetting,
  },
  forms: [
    { about: 'data', needs: ['of'] },
    { about: 'pg_wal', needs: ['of'] },
    { about: 'log', needs: ['of'] },
  ],
}
