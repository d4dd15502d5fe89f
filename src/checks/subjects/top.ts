// The sets that belong to no single thing.

import type { PropertyDefinition } from '../../model/vocabulary.ts'
import type { EventSetSubject } from './subject.ts'

export const topSets: readonly EventSetSubject[] = [
  {
    definition: { of: 'top', name: 'events', summary: 'everything that happens', dimension: 'set' },
    contains: () => true,
  },
  {
    definition: { of: 'top', name: 'log', summary: "the lines of all servers' logs", dimension: 'set' },
    kinds: ['log.line'],
    contains: () => true,
  },
]

export const topNotModelled: readonly PropertyDefinition[] = [
  {
    of: 'top',
    name: 'clients',
    summary: 'all clients',
    dimension: 'set',
    notModelled: "name one client, or count events where kind = 'client.connected'",
  },
]
