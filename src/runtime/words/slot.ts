// The word `slot`: read by topology.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const slot: WordDefinition = {
  name: 'slot',
  summary: 'A replication slot: it keeps the WAL that its reader has not had.',
  example: 'slot s1_slot of primary { kind = physical }',
  section: 'cluster',
  lead: 'none',
  about: { type: 'declares', thing: 'slot', summary: 'The name of the slot.' },
  parameters: { of: { type: 'refers', things: ['node'], summary: 'The server that has it.' } },
  settings: {
    kind: {
      type: 'keyword',
      choices: ['physical'],
      also: ['logical'],
      optional: true,
      summary: 'What its reader gets.',
    },
    plugin: {
      type: 'name',
      optional: true,
      notModelled: 'a logical slot is made by pg_create_logical_replication_slot',
      summary: 'The output plugin of a logical slot.',
    },
    failover: {
      type: 'boolean',
      optional: true,
      notModelled: 'such a slot is made by pg_create_logical_replication_slot',
      summary: 'Whether standbys keep a copy of it.',
    },
  },
}
