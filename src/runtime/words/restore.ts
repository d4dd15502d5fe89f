// The word `restore`: played by steps/restore.ts.

import { optionalSetting, type WordDefinition } from '../../model/vocabulary.ts'

export const restore: WordDefinition = {
  name: 'restore',
  summary:
    'Makes a server from the newest base backup in an archive, and starts it. It has the settings of the server that was backed up, a restore_command, and the settings given here; it is done when its recovery has ended.',
  example: 'at 60s restore rescued from vault as rescue { recovery_target_name = before_mistake }',
  section: 'timeline',
  lead: 'required',
  about: { type: 'declares', thing: 'node', summary: 'The name of the new server.' },
  parameters: {
    from: { type: 'refers', things: ['archive'], summary: 'The archive.' },
    on: { type: 'refers', things: ['host'], optional: true, summary: 'The machine; one of its own if left out.' },
    as: { type: 'declares', thing: 'label', optional: true, summary: 'The label of what happens.' },
  },
  settings: {
    optional: optionalSetting,
    recovery_target_time: { type: 'moment', optional: true, summary: 'The moment at which recovery is to stop.' },
    signal: {
      type: 'keyword',
      choices: ['recovery', 'standby', 'none'],
      optional: true,
      summary: 'The signal file: recover from the archive, be a standby, or neither; recovery if left out.',
    },
    backup_label: {
      type: 'boolean',
      optional: true,
      summary: 'Whether backup_label is where the backup had it; on if left out.',
    },
  },
  lasts: true,
  postgresSettings: true,
}
