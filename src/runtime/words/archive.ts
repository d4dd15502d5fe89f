// The word `archive`: known, and refused by name.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const archive: WordDefinition = {
  name: 'archive',
  summary: 'Where WAL segments and base backups are kept.',
  example: 'archive vault of primary { kind = object-store; latency = 40ms }',
  section: 'cluster',
  lead: 'none',
  notModelled: 'archiving is not played yet',
  about: { type: 'declares', thing: 'archive', summary: 'The name of the archive.' },
  parameters: { of: { type: 'refers', things: ['node'], list: true, summary: 'The servers that archive to it.' } },
  settings: {
    kind: { type: 'keyword', choices: ['directory', 'object-store'], optional: true, summary: 'What it is made of.' },
    latency: { type: 'duration', optional: true, summary: 'How long a request takes.' },
  },
}
