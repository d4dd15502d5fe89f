// The word `client`: played by clients/client.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'
import { connectionSettings } from './connection-settings.ts'

export const client: WordDefinition = {
  name: 'client',
  summary: 'A program that connects and runs transactions again and again.',
  example: `client teller times 8 on primary every 5ms { reconnect = 100ms } $$
  \\set id random(1, 1000)
  update account set balance = balance - 1 where id = :id;
$$`,
  section: 'clients',
  lead: 'none',
  about: { type: 'declares', thing: 'client', summary: 'The name; with `times` there are `name[0]`, `name[1]`, …' },
  parameters: {
    times: {
      type: 'number',
      min: 1,
      max: 10000,
      integer: true,
      optional: true,
      summary: 'How many of them; 1 if left out.',
    },
    on: {
      type: 'refers',
      things: ['node'],
      list: true,
      summary: 'The servers of its connection string, tried in this order.',
    },
    every: {
      type: 'duration',
      optional: true,
      summary: 'The time between the starts of two transactions; if left out, one follows the other.',
    },
    from: { type: 'moment', optional: true, summary: 'When it begins; at the start if left out.' },
    to: { type: 'moment', optional: true, summary: 'When it stops; at the end if left out.' },
  },
  settings: {
    ...connectionSettings,
    reconnect: {
      type: 'duration',
      optional: true,
      summary: 'How long to wait before connecting again; without it a lost connection ends the client.',
    },
    retries: {
      type: 'number',
      min: 0,
      integer: true,
      optional: true,
      summary: 'How often a transaction is tried again after a serialization failure or a deadlock.',
    },
    transactions: {
      type: 'number',
      min: 1,
      integer: true,
      optional: true,
      summary: 'After how many transactions each of them is done.',
    },
  },
  script: { language: 'pgbench', unless: { body: true } },
  body: ['workload'],
}
