// Looks into the servers now and then and tells what it sees: what no event tells, because it changes too often. It has
// no place in the clock's queue, so that a run is the same whether anybody looks or not: it looks between two steps of
// the kernel, at the first one that comes after its time.

import { type EventKind, eventKinds, type TraceEvent } from '../../../model/trace.ts'
import { microsecond, millisecond } from '../../../model/units.ts'
import type { Trace } from '../../trace.ts'
import type { Cluster } from '../cluster.ts'
import { bufferSamples } from './samples/buffers.ts'
import { lockSamples } from './samples/locks.ts'
import { pageSamples } from './samples/pages.ts'
import { replicationSamples } from './samples/replication.ts'
import type { Sample, SampleKind } from './samples/sample.ts'
import { sessionSamples } from './samples/sessions.ts'
import { walSamples } from './samples/wal.ts'

const kinds: readonly SampleKind[] = [
  walSamples,
  replicationSamples,
  sessionSamples,
  lockSamples,
  bufferSamples,
  pageSamples,
]

/** Between two looks at first. After so many looks it is twice as long: a long run has no more looks than it can bear. */
const firstInterval = millisecond
const looksPerInterval = 512

/** After one of these there is a look soon. */
const telling: ReadonlySet<EventKind> = new Set([
  'fault.injected',
  'order.given',
  'client.error',
  'lock.waited',
  'lock.acquired',
  'checkpoint.started',
  'checkpoint.completed',
  'vacuum.started',
  'vacuum.finished',
  'node.accepting',
  'recovery.redo_done',
  'step.started',
  'step.waited',
  'step.finished',
])
const soon = 100 * microsecond

export class Sampler {
  private readonly cluster: Cluster
  private readonly nodes = new Map<string, readonly { readonly kind: SampleKind; readonly sample: Sample }[]>()
  private interval = firstInterval
  private looks = 0
  private nextAt = 0
  private lastAt = Number.NEGATIVE_INFINITY
  private isUrgent = false

  private constructor(cluster: Cluster, trace: Trace, wanted: readonly SampleKind[]) {
    this.cluster = cluster
    for (const { name } of cluster.all) {
      this.nodes.set(
        name,
        wanted.map(kind => ({ kind, sample: kind.of(trace) })),
      )
    }
  }

  /** Undefined if nobody wants a look. */
  static of(cluster: Cluster, trace: Trace, wants: ReadonlySet<EventKind>): Sampler | undefined {
    const wanted = kinds.filter(({ kind }) => wants.has(kind))
    return wanted.length > 0 ? new Sampler(cluster, trace, wanted) : undefined
  }

  /** Gets every event of the run. */
  take({ kind }: TraceEvent): void {
    if (eventKinds[kind].level !== 'samples' && telling.has(kind)) this.isUrgent = true
  }

  /** Looks, if it is time to. */
  pass(now: number): void {
    if (now < this.nextAt && !(this.isUrgent && now >= this.lastAt + soon)) return
    if (++this.looks % looksPerInterval === 0) this.interval *= 2
    this.nextAt = now + this.interval
    this.lastAt = now
    for (const { name, server } of this.cluster.all) {
      if (!server.isUp || server.sharedMemoryId === 0) continue
      for (const { kind, sample } of this.nodes.get(name)!) {
        if (this.isUrgent || this.looks % kind.every === 0) sample(server)
      }
    }
    this.isUrgent = false
  }
}
