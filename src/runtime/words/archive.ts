// The word `archive`: read by topology.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const archive: WordDefinition = {
  name: 'archive',
  summary: 'A place outside of the servers, to which they archive their WAL.',
  example: 'archive vault of primary { kind = object-store; latency = 40ms }',
  section: 'cluster',
  lead: 'none',
  about: { type: 'declares', thing: 'archive', summary: 'The name of the archive.' },
  parameters: { of: { type: 'refers', things: ['node'], list: true, summary: 'The servers that archive to it.' } },
  settings: {
    kind: { type: 'keyword', choices: ['directory', 'object-store'], optional: true, summary: 'What it is made of.' },
    latency: { type: 'duration', optional: true, summary: 'How long a request takes.' },
  },
}
