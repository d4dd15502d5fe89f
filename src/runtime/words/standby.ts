// The word `standby`: read by topology.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const standby: WordDefinition = {
  name: 'standby',
  summary:
    'A server that replays what another one writes. It has the settings of that one, but for those it is given here.',
  example: 'standby s1 of primary via s1_slot { hot_standby_feedback = on }',
  section: 'cluster',
  lead: 'none',
  about: { type: 'declares', thing: 'node', summary: 'The name of the server, and its application_name.' },
  parameters: {
    of: { type: 'refers', things: ['node'], summary: 'The server that it streams from.' },
    on: { type: 'refers', things: ['host'], optional: true, summary: 'The machine; one of its own if left out.' },
    via: {
      type: 'declares',
      thing: 'slot',
      orRefers: true,
      optional: true,
      summary: 'The replication slot; a physical one is made where `slot` does not declare it.',
    },
    from: {
      type: 'refers',
      things: ['archive'],
      optional: true,
      summary: 'The archive that it fetches WAL from.',
    },
  },
  postgresSettings: true,
}
