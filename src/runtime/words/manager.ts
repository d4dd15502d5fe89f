// The word `manager`: played by clients/manager.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const manager: WordDefinition = {
  name: 'manager',
  summary: 'A failover manager: asks a primary again and again, and promotes a standby when it gets no answer.',
  example: 'manager watchdog of primary to s1, s2 every 1s times 3 as failover { fence = power }',
  section: 'clients',
  lead: 'none',
  about: {
    type: 'declares',
    thing: 'client',
    summary: 'Its name: a program that connects as a client does, so that a cut link can be between it and a server.',
  },
  parameters: {
    of: { type: 'refers', things: ['node'], summary: 'The primary that it looks after.' },
    to: {
      type: 'refers',
      things: ['node'],
      list: true,
      summary:
        'The standbys that it may promote: the one that has received most WAL, of several the first; the others then follow it.',
    },
    every: { type: 'duration', summary: 'The time between two questions.' },
    times: {
      type: 'number',
      min: 1,
      max: 1000,
      integer: true,
      optional: true,
      summary:
        'After how many questions without an answer, one after the other, the primary counts as lost; 3 if left out.',
    },
    as: {
      type: 'declares',
      thing: 'label',
      optional: true,
      summary: 'The label of its first failover: from the decision until the new primary takes writes.',
    },
  },
  settings: {
    timeout: {
      type: 'duration',
      optional: true,
      summary: 'How long it waits for an answer; as long as until the next question if left out.',
    },
    fence: {
      type: 'keyword',
      choices: ['none', 'power'],
      optional: true,
      summary: 'What it does to the old primary before it promotes: cuts its power, or nothing, as if left out.',
    },
  },
  lasts: true,
}
