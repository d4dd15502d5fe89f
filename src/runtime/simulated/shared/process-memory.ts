// How much memory PostgreSQL's processes have, and what a failed malloc becomes. Measured on a real server of 15, which
// others are near: the resident sizes of /proc/PID/status and smaps_rollup.

import type { SharedSegment } from '../machine/memory.ts'
import type { Process } from '../machine/process.ts'
import { fail } from './error.ts'

const kilobyte = 1024
/** What a memory context asks the system for. */
const blockSize = 8 * kilobyte

interface Footprint {
  /** What it has of its own once it serves, beyond what it has from the postmaster: catalog caches, buffers, stack. */
  readonly own: number
  /** Of the program and its libraries. */
  readonly mapped: number
  /** Of shared memory, besides pages of the buffer pool. */
  readonly shared: number
}

const footprints = {
  auxiliary: { own: 270 * kilobyte, mapped: 3300 * kilobyte, shared: 360 * kilobyte },
  autovacuum: { own: 550 * kilobyte, mapped: 5400 * kilobyte, shared: 1000 * kilobyte },
  backend: { own: 1050 * kilobyte, mapped: 7700 * kilobyte, shared: 2000 * kilobyte },
} as const satisfies Readonly<Record<string, Footprint>>

const postmasterOwn = 2300 * kilobyte
const postmasterMapped = 16_200 * kilobyte
/** Of the shared memory that the postmaster writes to when it makes it: a part that is always there, one by buffer. */
const fixedShared = 4120 * kilobyte
const sharedPerBuffer = 418

/** A process that the postmaster has forked begins its work. */
export function settleIn(me: Process, segment: SharedSegment, kind: keyof typeof footprints): void {
  const { own, mapped, shared } = footprints[kind]
  const { memory } = me.host
  allocate(me, own, 'CacheMemoryContext', blockSize)
  memory.map(me, mapped)
  memory.touch(me, segment, shared, false)
}

/** The postmaster reads its settings and opens its sockets. */
export function settlePostmaster(me: Process): void {
  allocate(me, postmasterOwn, 'Postmaster', blockSize)
  me.host.memory.map(me, postmasterMapped)
}

/** The postmaster makes shared memory. */
export function makeShared(me: Process, segment: SharedSegment, buffers: number): void {
  me.host.memory.touch(me, segment, fixedShared + buffers * sharedPerBuffer, true)
}

/**
 * Memory for a context; fails with "out of memory" where the system promises no more than it has. `request`: what the
 * context was asked for, where that is not all.
 */
export function allocate(me: Process, bytes: number, context: string, request = bytes): void {
  if (me.host.memory.take(me, bytes)) return
  fail('53200', 'out of memory', { detail: `Failed on request of size ${request} in memory context "${context}".` })
}
