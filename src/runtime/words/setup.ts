// The word `setup`: played by clients/setup.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'
import { databaseSetting } from './connection-settings.ts'

export const setup: WordDefinition = {
  name: 'setup',
  summary: 'What is done before the clock of the run starts: tables and their first rows.',
  example: 'setup on primary $$ create table account (id int primary key, balance int not null) $$',
  section: 'cluster',
  lead: 'none',
  parameters: { on: { type: 'refers', things: ['node'], summary: 'The server.' } },
  settings: {
    dbname: databaseSetting,
    builtin: {
      type: 'keyword',
      choices: ['pgbench'],
      optional: true,
      summary: "The tables that `pgbench -i` makes, instead of SQL of one's own.",
    },
    scale: { type: 'number', min: 1, max: 1000, integer: true, optional: true, summary: "pgbench's scale factor." },
  },
  script: { language: 'sql', unless: { setting: 'builtin' } },
}
