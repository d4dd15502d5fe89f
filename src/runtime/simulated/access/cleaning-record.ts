// The records of what pruning and vacuum do to the lines and tuples of a page: one kind each for pruning, freezing and
// dead lines that become free until 16, one form for all since 17. Mirrors xl_heap_prune, xl_heap_vacuum,
// xl_heap_freeze_page and log_heap_prune_and_freeze.

import type { Process } from '../machine/process.ts'
import type { Buffer } from '../storage/buffer.ts'
import { u16, viewOf, type WalBlock, type WalRecord } from '../wal/record.ts'
import { type Bytes, registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { heap2Info, heapInfo } from './heap-records.ts'
import type { HeapServices } from './heap-services.ts'

/** Who cleans: somebody who comes by; vacuum's first pass; its second, when no index leads to the dead lines any more. */
export type Cleaner = 'on access' | 'vacuum scan' | 'vacuum cleanup'

/** What becomes of the headers of tuples that are frozen alike. */
export interface FreezePlan {
  readonly xmax: number
  readonly mask: number
  readonly mask2: number
  readonly offsets: readonly number[]
}

export interface Cleaning {
  /** The last transaction whose rows go, or whose id is forgotten; 0: nobody can need what goes. */
  readonly horizon: number
  /** Of a catalog, under wal_level logical: then a logical slot on a standby can need the rows. */
  readonly isCatalog: boolean
  /** Pairs: from, to. */
  readonly redirected: readonly number[]
  readonly dead: readonly number[]
  readonly unused: readonly number[]
  readonly plans: readonly FreezePlan[]
}

const none: readonly number[] = []
const nothing: Omit<Cleaning, 'horizon'> = {
  isCatalog: false,
  redirected: none,
  dead: none,
  unused: none,
  plans: [],
}

/** Of 17's record. */
const flag = {
  isCatalog: 0x02,
  cleanupLock: 0x04,
  hasHorizon: 0x08,
  hasPlans: 0x10,
  hasRedirected: 0x20,
  hasDead: 0x40,
  hasUnused: 0x80,
} as const
const infoOf = {
  'on access': heap2Info.pruneOnAccess,
  'vacuum scan': heap2Info.pruneVacuumScan,
  'vacuum cleanup': heap2Info.pruneVacuumCleanup,
} as const
const planSize = 12

/** Until 16 it has either plans or lines. Gives the page its LSN, and gives it. */
export function logCleaning(
  heap: HeapServices,
  me: Process,
  buffer: Buffer,
  cleaner: Cleaner,
  cleaning: Partial<Cleaning>,
): number {
  const { version } = heap.environment
  const isCatalog = heap.wal.isLogical && cleaning.isCatalog === true
  const whole = { horizon: 0, ...nothing, ...cleaning, isCatalog }
  const info = version >= 17 ? infoOf[cleaner] : infoUntil16(cleaner, whole)
  const record = heap.wal.begin(resourceManagers.heap2, info, 0)
  if (version >= 17) appendMain(record.data, cleaner, whole)
  else appendMainUntil16(record.data, info, version, whole)
  const data = record.block(0, buffer, registerFlag.standard)
  if (version >= 17) appendParts(data, whole)
  else {
    const { redirected, dead, unused, plans } = whole
    for (const plan of plans) appendPlan(data, plan, version)
    if (version >= 16) for (const { offsets } of plans) appendOffsets(data, offsets)
    for (const offsets of [redirected, dead, unused]) appendOffsets(data, offsets)
  }
  buffer.page.lsn = heap.wal.insert(me, record)
  return buffer.page.lsn
}

function infoUntil16(cleaner: Cleaner, { plans }: Cleaning): number {
  if (plans.length > 0) return heap2Info.freezePage
  return cleaner === 'vacuum cleanup' ? heap2Info.vacuum : heap2Info.prune
}

function appendMainUntil16(data: Bytes, info: number, version: number, cleaning: Cleaning): void {
  const { horizon, isCatalog, redirected, dead, unused, plans } = cleaning
  if (info === heap2Info.vacuum) return data.u16(unused.length)
  data.u32(horizon)
  if (info === heap2Info.prune) {
    data.u16(redirected.length / 2)
    data.u16(dead.length)
  } else data.u16(plans.length)
  if (version >= 16) data.u8(isCatalog ? 1 : 0)
}

function appendMain(data: Bytes, cleaner: Cleaner, cleaning: Cleaning): void {
  const { horizon, isCatalog, redirected, dead, unused, plans } = cleaning
  data.u8(0)
  data.u8(
    (isCatalog ? flag.isCatalog : 0) |
      (cleaner === 'vacuum cleanup' ? 0 : flag.cleanupLock) |
      (horizon === 0 ? 0 : flag.hasHorizon) |
      (plans.length === 0 ? 0 : flag.hasPlans) |
      (redirected.length === 0 ? 0 : flag.hasRedirected) |
      (dead.length === 0 ? 0 : flag.hasDead) |
      (unused.length === 0 ? 0 : flag.hasUnused),
  )
  if (horizon !== 0) data.u32(horizon)
}

/** Each list has its length before it; the offsets of tuples that are frozen come last. */
function appendParts(data: Bytes, { redirected, dead, unused, plans }: Cleaning): void {
  if (plans.length > 0) {
    data.u16(plans.length)
    data.u16(0)
    for (const plan of plans) appendPlan(data, plan, 17)
  }
  for (const [offsets, per] of [[redirected, 2] as const, [dead, 1] as const, [unused, 1] as const]) {
    if (offsets.length === 0) continue
    data.u16(offsets.length / per)
    appendOffsets(data, offsets)
  }
  for (const { offsets } of plans) appendOffsets(data, offsets)
}

/** Until 15 a plan is of one tuple and has its offset, since 16 it has their number. */
function appendPlan(data: Bytes, { xmax, mask, mask2, offsets }: FreezePlan, version: number): void {
  data.u32(xmax)
  if (version < 16) data.u16(offsets[0])
  data.u16(mask2)
  data.u16(mask)
  data.u16(0)
  if (version >= 16) data.u16(offsets.length)
}

function appendOffsets(data: Bytes, offsets: readonly number[]): void {
  for (const offset of offsets) data.u16(offset)
}

/** As a record tells of it. */
export interface CleaningRecord extends Cleaning {
  readonly cleaner: Cleaner
  /** Tuples move: nobody may stand on one of them. */
  readonly needsCleanupLock: boolean
}

/** Undefined: the record is of another kind. The lists are empty where the record has an image of the page instead. */
export function readCleaning(record: WalRecord, version: number): CleaningRecord | undefined {
  if (record.resourceManager !== resourceManagers.heap2) return undefined
  const info = record.info & heapInfo.operationMask
  const main = viewOf(record.data)
  const { data } = record.blocks[0] ?? {}
  if (version >= 17) {
    const cleaner = (Object.keys(infoOf) as Cleaner[]).find(each => infoOf[each] === info)
    const needsCleanupLock = (record.data[1] & flag.cleanupLock) !== 0
    return cleaner && { ...readSince17(record.data, main, data), cleaner, needsCleanupLock }
  }
  switch (info) {
    case heap2Info.prune: {
      const offsets = data ? readOffsets(data, 0, data.length / 2) : []
      const pairs = main.getUint16(4, true) * 2
      const free = pairs + main.getUint16(6, true)
      const [redirected, dead, unused] = [offsets.slice(0, pairs), offsets.slice(pairs, free), offsets.slice(free)]
      return {
        ...nothing,
        horizon: main.getUint32(0, true),
        isCatalog: version >= 16 && record.data[8] !== 0,
        redirected,
        dead,
        unused,
        cleaner: 'on access',
        needsCleanupLock: true,
      }
    }
    case heap2Info.vacuum: {
      const unused = data ? readOffsets(data, 0, main.getUint16(0, true)) : []
      return { ...nothing, horizon: 0, unused, cleaner: 'vacuum cleanup', needsCleanupLock: false }
    }
    case heap2Info.freezePage: {
      const plans = data ? readPlans(data, 0, main.getUint16(4, true), version) : []
      const isCatalog = version >= 16 && record.data[6] !== 0
      const horizon = main.getUint32(0, true)
      return { ...nothing, horizon, isCatalog, plans, cleaner: 'vacuum scan', needsCleanupLock: false }
    }
  }
  return undefined
}

function readSince17(main: Uint8Array, view: DataView, data: WalBlock['data']): Cleaning {
  const flags = main[1]
  const head = {
    horizon: (flags & flag.hasHorizon) === 0 ? 0 : view.getUint32(2, true),
    isCatalog: (flags & flag.isCatalog) !== 0,
  }
  if (!data) return { ...nothing, ...head }
  const planCount = (flags & flag.hasPlans) === 0 ? 0 : u16(data, 0)
  let at = planCount === 0 ? 0 : 4 + planCount * planSize
  const readList = (isThere: boolean, per: number): readonly number[] => {
    if (!isThere) return none
    const count = u16(data, at) * per
    at += 2 + count * 2
    return readOffsets(data, at - count * 2, count)
  }
  const redirected = readList((flags & flag.hasRedirected) !== 0, 2)
  const dead = readList((flags & flag.hasDead) !== 0, 1)
  const unused = readList((flags & flag.hasUnused) !== 0, 1)
  return { ...head, redirected, dead, unused, plans: readPlans(data, 4, planCount, 17, at) }
}

/** `offsetsAt`: where the offsets of their tuples begin, since 16. */
function readPlans(
  data: Uint8Array,
  at: number,
  count: number,
  version: number,
  offsetsAt = at + count * planSize,
): FreezePlan[] {
  const view = viewOf(data)
  let next = offsetsAt
  return Array.from({ length: count }, (_, index) => {
    const from = at + index * planSize
    const masks = version < 16 ? from + 6 : from + 4
    const tuples = version < 16 ? 1 : view.getUint16(from + 10, true)
    const offsets = version < 16 ? [view.getUint16(from + 4, true)] : readOffsets(data, next, tuples)
    next += tuples * 2
    const [mask2, mask] = [view.getUint16(masks, true), view.getUint16(masks + 2, true)]
    return { xmax: view.getUint32(from, true), mask, mask2, offsets }
  })
}

/** `count` offsets from the byte `at` on. */
export function readOffsets(data: Uint8Array, at: number, count: number): number[] {
  const offsets: number[] = []
  for (let index = 0; index < count; index++) offsets.push(u16(data, at + index * 2))
  return offsets
}
