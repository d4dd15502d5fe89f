// The word `receive`: played by steps/receive.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'
import { databaseSetting } from './connection-settings.ts'

export const receive: WordDefinition = {
  name: 'receive',
  summary: 'Has the changes of a logical slot streamed, as pg_recvlogical does; each line of them is an event.',
  example: 'at 5s receive reader from primary for 2s with "include-xids=0"',
  section: 'timeline',
  lead: 'required',
  about: { type: 'name', summary: 'The slot.' },
  parameters: {
    from: { type: 'refers', things: ['node'], summary: 'The server.' },
    for: {
      type: 'duration',
      optional: true,
      summary:
        'After how long it is interrupted, as by Ctrl-C; if left out, it reads up to the LSN that the SQL gives.',
    },
    with: {
      type: 'text',
      list: true,
      optional: true,
      summary: 'Options of the output plugin: "name=value", or "name".',
    },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: {
    dbname: databaseSetting,
    create: {
      type: 'keyword',
      choices: ['test_decoding'],
      also: ['pgoutput'],
      optional: true,
      summary: 'Makes the slot before, with this output plugin.',
    },
    optional: optionalSetting,
  },
  script: { language: 'sql', unless: { parameter: 'for' } },
  lasts: true,
}
