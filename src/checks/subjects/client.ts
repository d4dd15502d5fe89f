// What a client has been told and what became of it: acknowledged, lost and ghost commits, RPO and RTO.

import type { TraceEvent } from '../../model/trace.ts'
import type { Dimension, PropertyDefinition } from '../../model/vocabulary.ts'
import type { Scalar } from '../monitor.ts'
import { Strikes } from '../strikes.ts'
import { ofClient } from './presence.ts'
import {
  type EventSetSubject,
  following,
  type PropertySubject,
  type Reducer,
  type Steps,
  type Target,
} from './subject.ts'

function counter(name: string, summary: string, steps: Steps, ledger: boolean): PropertySubject {
  return following({ of: 'client', name, dimension: 'number', summary }, ofClient, steps, { initial: 0, ledger })
}

function computed(
  definition: { name: string; dimension: Dimension; summary: string },
  kinds: PropertySubject['kinds'],
  ledger: boolean,
  reducer: (target: Target) => Reducer,
): PropertySubject {
  return { definition: { of: 'client', ...definition }, kinds, ledger, reducer }
}

const plus = (value: Scalar) => (value as number) + 1

/** From the first lost commit's acknowledgement to the fault that took it. */
class RecoveryPoint implements Reducer {
  private readonly target: Target
  private readonly strikes = new Strikes()
  private longest = 0

  constructor(target: Target) {
    this.target = target
  }

  feed(event: TraceEvent): void {
    if (event.kind === 'commit.lost' && ofClient(event, this.target)) {
      const struck = this.strikes.timeOf(event)
      if (struck !== undefined) this.longest = Math.max(this.longest, struck - event.acknowledged)
    } else this.strikes.feed(event)
  }

  value(): number {
    return this.longest
  }
}

/** The longest stretch without an acknowledgement, from the first one on; what has not ended yet counts too. */
class RecoveryTime implements Reducer {
  private readonly target: Target
  private last: number | undefined
  private longest = 0
  private readonly running = new Set<number>()

  constructor(target: Target) {
    this.target = target
  }

  feed(event: TraceEvent): void {
    if (!ofClient(event, this.target)) return
    if (event.kind === 'client.connected') this.running.add(event.index)
    else if (event.kind === 'client.acknowledged') this.reach(event.time)
    else if (event.kind === 'client.finished') {
      this.running.delete(event.index)
      if (this.running.size === 0 && this.last !== undefined) this.reach(event.time)
    }
  }

  value(now: number): number | null {
    if (this.last === undefined) return null
    return this.running.size === 0 ? this.longest : Math.max(this.longest, now - this.last)
  }

  private reach(time: number): void {
    if (this.last !== undefined) this.longest = Math.max(this.longest, time - this.last)
    this.last = time
  }
}

export const clientProperties: readonly PropertySubject[] = [
  counter(
    'acknowledged',
    'commits that it was told of',
    { 'client.acknowledged': (_event, value) => plus(value) },
    false,
  ),
  counter('lost', 'acknowledged commits that are not there', { 'commit.lost': (_event, value) => plus(value) }, true),
  counter(
    'ghosts',
    'commits that are there, and that it was never told of',
    {
      'commit.ghost': (_event, value) => plus(value),
    },
    true,
  ),
  counter(
    'holes',
    'lost commits of which a later one survived',
    {
      'commit.lost': (event, value) => (event.hole ? plus(value) : value),
    },
    true,
  ),
  computed(
    {
      name: 'rpo',
      dimension: 'duration',
      summary:
        'the time from the first lost acknowledged commit to the fault, or else to the end of its server; 0s if none is lost',
    },
    ['fault.injected', 'node.down', 'commit.lost'],
    true,
    target => new RecoveryPoint(target),
  ),
  computed(
    { name: 'rto', dimension: 'duration', summary: 'the longest stretch without an acknowledgement' },
    ['client.connected', 'client.acknowledged', 'client.finished'],
    false,
    target => new RecoveryTime(target),
  ),
  following(
    {
      of: 'client',
      name: 'latency',
      dimension: 'duration',
      summary: 'how long its last commit took, from its begin to the answer',
    },
    ofClient,
    { 'client.acknowledged': event => event.latency },
  ),
]

const commitFields = {
  time: 'moment',
  node: 'thing',
  index: 'number',
  xid: 'number',
  lsn: 'lsn',
  latency: 'duration',
} satisfies PropertyDefinition['fields']

const errorFields = {
  time: 'moment',
  node: 'thing',
  index: 'number',
  level: 'text',
  sqlstate: 'text',
  message: 'text',
  detail: 'text',
  hint: 'text',
} satisfies PropertyDefinition['fields']

export const clientSets: readonly EventSetSubject[] = [
  {
    definition: {
      of: 'client',
      name: 'commits',
      summary: 'its acknowledged commits',
      dimension: 'set',
      fields: commitFields,
    },
    kinds: ['client.acknowledged'],
    contains: ofClient,
  },
  {
    definition: {
      of: 'client',
      name: 'errors',
      summary: 'errors and warnings that it received',
      dimension: 'set',
      fields: errorFields,
    },
    kinds: ['client.error'],
    contains: ofClient,
  },
]
