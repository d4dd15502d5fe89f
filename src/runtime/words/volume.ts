// The word `volume`: read by topology.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const volume: WordDefinition = {
  name: 'volume',
  summary: 'A disk of its own for a part of a server, with a size.',
  example: 'volume pg_wal of primary { size = 2GB }',
  section: 'cluster',
  lead: 'none',
  about: { type: 'keyword', choices: ['data', 'pg_wal', 'log'], summary: 'What lies on it.' },
  parameters: { of: { type: 'refers', things: ['node'], summary: 'The server.' } },
  settings: {
    size: { type: 'size', optional: true, summary: 'How much it holds.' },
    bandwidth: { type: 'bandwidth', optional: true, summary: 'How fast it reads and writes.' },
    fsync: { type: 'duration', optional: true, summary: 'How long an fsync takes.' },
  },
}
