// The word `node`: read by topology.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const node: WordDefinition = {
  name: 'node',
  summary: 'A PostgreSQL server, started with the run.',
  example: 'node primary on small { max_connections = 20 }',
  section: 'cluster',
  lead: 'none',
  about: { type: 'declares', thing: 'node', summary: 'The name of the server.' },
  parameters: {
    on: { type: 'refers', things: ['host'], optional: true, summary: 'The machine; one of its own if left out.' },
  },
  postgresSettings: true,
}
