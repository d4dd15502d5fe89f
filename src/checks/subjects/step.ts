// What can be said of a step: whether it waited and for whom, what it took, and what it answered.

import type { Dimension } from '../../model/vocabulary.ts'
import { ofStep } from './presence.ts'
import { type EventSetSubject, following, type PropertySubject, type Steps } from './subject.ts'

function property(name: string, dimension: Dimension, summary: string, steps: Steps): PropertySubject {
  return following({ of: 'step', name, dimension, summary }, ofStep, steps)
}

export const stepProperties: readonly PropertySubject[] = [
  property('waited', 'boolean', 'whether it had to wait', { 'step.started': () => false, 'step.waited': () => true }),
  property('blocker', 'thing', 'the session that it waited for', {
    'step.started': () => null,
    'step.waited': event => event.blocker ?? null,
  }),
  property('took', 'duration', 'from its start to its end', {
    'step.started': () => null,
    'step.finished': event => event.took,
  }),
  property('sqlstate', 'text', "the error's SQLSTATE; 00000 if it succeeded", {
    'step.started': () => null,
    'step.finished': event => event.sqlstate ?? '00000',
  }),
  property('rows', 'number', 'rows returned or changed', {
    'step.started': () => null,
    'step.finished': event => event.rows,
  }),
  property('value', 'any', 'the first column of the first row', {
    'step.started': () => null,
    'step.finished': event => event.value ?? null,
  }),
]

export const stepSets: readonly EventSetSubject[] = [
  {
    definition: {
      of: 'step',
      name: 'notices',
      summary: 'notices and warnings that it received',
      dimension: 'set',
      fields: { time: 'moment', level: 'text', message: 'text' },
    },
    kinds: ['step.notice'],
    contains: ofStep,
  },
  {
    definition: {
      of: 'step',
      name: 'notifications',
      summary: 'what NOTIFY sent to its session since the step before',
      dimension: 'set',
      fields: { time: 'moment', channel: 'text', payload: 'text', sender: 'text' },
    },
    kinds: ['step.notified'],
    contains: ofStep,
  },
]
