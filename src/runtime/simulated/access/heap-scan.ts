// A scan of a table, a page at a time: all visible tuples of a page are found at once. Mirrors heapgetpage.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Buffer } from '../storage/buffer.ts'
import type { BufferRing } from '../storage/buffer-ring.ts'
import type { HeldPins, ScanPin } from '../storage/held-pins.ts'
import { lineState, pageSize } from '../storage/page.ts'
import type { Snapshot } from '../transactions/snapshot.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { checkConflictOut } from './heap-serializable.ts'
import { cost, type HeapServices, isAllVisible } from './heap-services.ts'
import { HeapTuple } from './heap-tuple.ts'
import type { ScanShare } from './parallel-scan.ts'
import { pruneIfWorthwhile } from './prune.ts'
import type { Relation } from './relation.ts'
import type { ByteArea } from './tuple-descriptor.ts'

export interface HeapScanOptions {
  /** Its part of a scan that others take part in. */
  readonly share?: ScanShare
  /** The scan keeps the page that it stands on pinned, and this is where the pin is noted. */
  readonly pins?: HeldPins
}

export class HeapScan {
  private readonly heap: HeapServices
  private readonly tx: TransactionState
  private readonly relation: Relation
  private snapshot: Snapshot
  private block = 0
  private blocks: number
  private readonly ring: BufferRing | undefined
  /** The page as it was when it was looked at: nobody else can change it. */
  private readonly area: ByteArea
  private readonly pool: HeapTuple[] = []
  private readonly found: HeapTuple[] = []
  private readonly probe: HeapTuple
  private readonly share: ScanShare | undefined
  private readonly pin: ScanPin | undefined

  constructor(
    heap: HeapServices,
    tx: TransactionState,
    relation: Relation,
    snapshot: Snapshot,
    { share, pins }: HeapScanOptions,
  ) {
    this.heap = heap
    this.tx = tx
    this.relation = relation
    this.snapshot = snapshot
    this.share = share
    this.pin = pins?.place()
    this.blocks = heap.blockCount(relation)
    // What would push a quarter of the pool out goes through a ring.
    if (this.blocks > heap.buffers.size / 4) this.ring = heap.buffers.ring('bulk read')
    const bytes = new Uint8Array(pageSize)
    this.area = { bytes, view: new DataView(bytes.buffer) }
    this.probe = new HeapTuple(this.area, 0, 0, 0)
    heap.transactions.serializable.readRelation(tx, relation)
  }

  /**
   * The visible tuples of the next page that has some; undefined at the end. They stand in a copy of the page that
   * lasts until the next call, whatever the caller waits for; array and tuples are used again by the next call.
   */
  *nextPage(me: Process): Coroutine<readonly HeapTuple[] | undefined> {
    for (let block = this.nextBlock(); block >= 0; block = this.nextBlock()) {
      this.pin?.drop()
      const buffer =
        this.heap.tryPin(me, this.relation, block, this.ring) ??
        (yield* this.heap.pin(me, this.relation, block, this.ring))
      pruneIfWorthwhile(this.heap, this.tx, this.relation, buffer)
      let stays = false
      try {
        this.collect(buffer)
        stays = this.pin !== undefined && this.found.length > 0
      } finally {
        if (stays) this.pin!.keep(buffer)
        else this.heap.buffers.unpin(buffer)
      }
      me.charge(cost.page + this.found.length * cost.tuple)
      yield* me.pause()
      if (this.found.length > 0) return this.found
    }
    this.pin?.drop()
    return undefined
  }

  private nextBlock(): number {
    if (this.share) return this.share.next()
    return this.block < this.blocks ? this.block++ : -1
  }

  private collect(buffer: Buffer): void {
    const { page } = buffer
    const { found, pool, probe, snapshot, tx } = this
    const { visibility } = this.heap
    const count = page.lineCount
    // On a standby the claim may come from before its snapshots' horizon: there every tuple is looked at.
    const trusts = isAllVisible(page) && !snapshot.takenInRecovery
    const checks = this.heap.transactions.serializable.checksReads(tx, this.relation)
    found.length = 0
    for (let offset = 1; offset <= count; offset++) {
      const line = page.line(offset)
      if (((line >>> 15) & 3) !== lineState.normal) continue
      if (!trusts) {
        probe.moveTo(page, line & 0x7fff, line >>> 17, buffer.block, offset)
        const isVisible = visibility.inSnapshot(tx, probe, snapshot, buffer)
        if (checks) checkConflictOut(this.heap, tx, this.relation, probe, buffer, isVisible)
        if (!isVisible) continue
      }
      const index = found.length
      if (index === pool.length) pool.push(new HeapTuple(this.area, 0, 0, 0))
      const tuple = pool[index]
      tuple.moveTo(this.area, line & 0x7fff, line >>> 17, buffer.block, offset)
      found.push(tuple)
    }
    if (found.length > 0) this.area.bytes.set(page.bytes)
  }
}
