// The words that check: what must hold, and which invariants are switched on.

import { optionalSetting, type WordDefinition } from '../model/vocabulary.ts'
import { forbidden } from './forbid/index.ts'

export const expect: WordDefinition = {
  name: 'expect',
  summary: 'What must hold, at a moment, within a window, or in the whole run.',
  example: 'expect "it serves again" within 5s of crash that eventually primary.accepting',
  section: 'checks',
  lead: 'optional',
  about: { type: 'prose', optional: true, summary: 'What is expected, in words.' },
  parameters: {
    every: { type: 'duration', optional: true, summary: 'How often a `query` is asked.' },
    within: { type: 'duration', optional: true, summary: 'The length of the window.' },
    of: { type: 'moment', optional: true, summary: 'The moment at which the window opens.' },
    from: { type: 'moment', optional: true, summary: 'The moment at which the window opens; the start if left out.' },
    to: { type: 'moment', optional: true, summary: 'The moment at which it closes; the end if left out.' },
  },
  forms: [
    { needs: ['within', 'of'], lead: 'refused' },
    { needs: [], lead: 'needed' },
    { needs: [], takes: ['from', 'to'], lead: 'refused' },
  ],
  settings: { optional: optionalSetting },
  that: 'required',
}

export const forbid: WordDefinition = {
  name: 'forbid',
  summary: 'An invariant that must hold in the whole run.',
  example: 'forbid lost_commits',
  section: 'checks',
  lead: 'none',
  about: {
    type: 'keyword',
    choices: Object.keys(forbidden),
    also: ['dirty_reads', 'torn_pages', 'unserializable'],
    summary:
      'What may not happen: that an acknowledged commit is lost, or that a standby has other commits than its primary, or in another order.',
  },
  parameters: {
    of: { type: 'refers', things: ['client', 'node'], optional: true, summary: 'Whose; of all if left out.' },
  },
  settings: { optional: optionalSetting },
}

export const words: readonly WordDefinition[] = [expect, forbid]
