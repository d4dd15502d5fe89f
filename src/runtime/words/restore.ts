// The word `restore`: known, and refused by name.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const restore: WordDefinition = {
  name: 'restore',
  summary: 'Makes a server from a base backup and the archive.',
  example: 'at 60s restore rescued from vault as rescue { recovery_target_name = before_mistake }',
  section: 'timeline',
  lead: 'required',
  notModelled: 'base backups are not played yet',
  about: { type: 'declares', thing: 'node', summary: 'The name of the new server.' },
  parameters: {
    from: { type: 'refers', things: ['archive'], summary: 'The archive.' },
    on: { type: 'refers', things: ['host'], optional: true, summary: 'The machine; one of its own if left out.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: { optional: optionalSetting },
  lasts: true,
  postgresSettings: true,
}
