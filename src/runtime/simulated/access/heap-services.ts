// What all parts of the heap share: the rooms below, and how a page of a table is pinned.

import type { Coroutine } from '../kernel/task.ts'
import type { LockManager } from '../locks/lock-manager.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import type { Buffer } from '../storage/buffer.ts'
import type { BufferPool } from '../storage/buffer-pool.ts'
import type { BufferRing } from '../storage/buffer-ring.ts'
import type { FreeSpaceMap } from '../storage/free-space-map.ts'
import { lineState, type Page, pageFlag } from '../storage/page.ts'
import type { RelationStorage } from '../storage/relation-storage.ts'
import { type VisibilityMap, visibility } from '../storage/visibility-map.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import type { Transactions } from '../transactions/transactions.ts'
import { forks } from '../wal/record.ts'
import type { Wal } from '../wal/wal.ts'
import { HeapTuple } from './heap-tuple.ts'
import type { Relation } from './relation.ts'
import { makeTid } from './tid.ts'
import { VacuumCycles } from './vacuum-cycles.ts'
import { Visibility } from './visibility.ts'

export interface AccessServices {
  readonly wal: Wal
  readonly buffers: BufferPool
  readonly transactions: Transactions
  readonly locks: LockManager
  readonly freeSpaceMap: FreeSpaceMap
  readonly visibilityMap: VisibilityMap
  readonly storage: RelationStorage
}

/** What work with tuples costs, in nanoseconds of CPU. */
export const cost = { page: 400, tuple: 40, change: 900 } as const

export class HeapServices {
  readonly environment: ServerEnvironment
  readonly wal: Wal
  readonly buffers: BufferPool
  readonly transactions: Transactions
  readonly locks: LockManager
  readonly freeSpaceMap: FreeSpaceMap
  readonly visibilityMap: VisibilityMap
  readonly storage: RelationStorage
  readonly visibility: Visibility
  /** The page that each backend inserted into last, by relation. */
  readonly targetBlocks = new WeakMap<TransactionState, Map<number, number>>()
  readonly vacuumCycles = new VacuumCycles()

  constructor(environment: ServerEnvironment, services: AccessServices) {
    this.environment = environment
    this.wal = services.wal
    this.buffers = services.buffers
    this.transactions = services.transactions
    this.locks = services.locks
    this.freeSpaceMap = services.freeSpaceMap
    this.visibilityMap = services.visibilityMap
    this.storage = services.storage
    this.visibility = new Visibility(services.transactions, services.buffers)
  }

  tryPin(me: Process, relation: Relation, block: number, ring?: BufferRing): Buffer | undefined {
    return this.buffers.tryPin(me, relation.locator, forks.main, block, ring)
  }

  *pin(me: Process, relation: Relation, block: number, ring?: BufferRing): Coroutine<Buffer> {
    const { locator } = relation
    return (
      this.buffers.tryPin(me, locator, forks.main, block, ring) ??
      (yield* this.buffers.pin(me, locator, forks.main, block, ring))
    )
  }

  blockCount(relation: Relation): number {
    return this.buffers.blockCount(relation.locator, forks.main)
  }

  /**
   * Before a page whose tuples are visible to everyone is changed: pins the map's page that says so; undefined if the
   * page does not claim it. May wait, so the caller looks at its page again.
   */
  *pinMap(me: Process, relation: Relation, buffer: Buffer): Coroutine<Buffer | undefined> {
    if (!isAllVisible(buffer.page)) return undefined
    const { locator } = relation
    return (
      this.visibilityMap.tryPin(me, locator, buffer.block) ?? (yield* this.visibilityMap.pin(me, locator, buffer.block))
    )
  }

  /** Takes the claim back, of the page and in the map: true if there was one. */
  clearAllVisible(buffer: Buffer, map: Buffer | undefined): boolean {
    const { page } = buffer
    if (!isAllVisible(page)) return false
    if (!map) throw new Error(`block ${buffer.block} became all-visible unseen`)
    page.flags &= ~pageFlag.allVisible
    this.visibilityMap.clear(map, buffer.block, visibility.allVisible | visibility.allFrozen)
    return true
  }
}

export function isAllVisible(page: Page): boolean {
  return (page.flags & pageFlag.allVisible) !== 0
}

/** The tuple at a line of the page; undefined if none stands there. */
export function tupleAt(buffer: Buffer, offset: number): HeapTuple | undefined {
  const { page } = buffer
  if (offset < 1 || offset > page.lineCount) return undefined
  const line = page.line(offset)
  if (((line >>> 15) & 3) !== lineState.normal) return undefined
  return new HeapTuple(page, line & 0x7fff, line >>> 17, makeTid(buffer.block, offset))
}
