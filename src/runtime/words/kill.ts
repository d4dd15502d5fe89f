// The word `kill`: played by faults/kill.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const kill: WordDefinition = {
  name: 'kill',
  summary: 'Sends a signal to processes, found by their role.',
  example: 'at 5s kill backend of teller[0] with KILL as crash',
  section: 'timeline',
  lead: 'required',
  about: {
    type: 'keyword',
    list: true,
    choices: [
      'postmaster',
      'backend',
      'startup',
      'checkpointer',
      'bgwriter',
      'walwriter',
      'walsender',
      'walreceiver',
      'archiver',
      'logger',
      'autovacuum-launcher',
      'autovacuum-worker',
      'logical-replication-launcher',
      'logical-replication-worker',
      'slotsync-worker',
      'parallel-worker',
      'io-worker',
      'walsummarizer',
    ],
    summary: 'The role of the process.',
  },
  parameters: {
    of: {
      type: 'refers',
      things: ['node', 'client', 'session'],
      random: true,
      summary: 'The server, or the client whose backend it is.',
    },
    with: {
      type: 'keyword',
      choices: ['KILL', 'TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'USR2', 'STOP', 'CONT', 'ABRT', 'SEGV'],
      summary: 'The signal.',
    },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
}
