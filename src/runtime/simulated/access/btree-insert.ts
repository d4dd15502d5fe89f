// A new entry in a btree, and first, if the index is unique, whether another row has the key already. Mirrors
// _bt_doinsert, _bt_check_unique and _bt_findinsertloc.

import type { Coroutine } from '../kernel/task.ts'
import { fail } from '../shared/error.ts'
import type { Buffer } from '../storage/buffer.ts'
import { align8, lineState } from '../storage/page.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { removeDeadEntries } from './btree-delete.ts'
import { newPage } from './btree-free-pages.ts'
import { compareLine, type SearchKey, searchPage } from './btree-key.ts'
import {
  btreeFlag,
  flagsOf,
  hasEqualImage,
  highKeyLine,
  initializeMeta,
  initializeNode,
  isIgnored,
  isRightmost,
  metaBlock,
  noBlock,
  readMeta,
  rightOf,
  rootedAt,
  setFlags,
} from './btree-page.ts'
import { appendMeta, btreeInfo } from './btree-records.ts'
import type { BTreeSearch } from './btree-search.ts'
import type { BTreeSplit, Changer } from './btree-split.ts'
import { fetchDirty } from './heap-fetch.ts'
import { formIndexTuple, type IndexTuple, indexTupleAt, sizeOf, tidOf } from './index-tuple.ts'
import type { Index } from './relation.ts'
import { formatTid, type Tid } from './tid.ts'
import type { Datum } from './tuple-descriptor.ts'
import type { InProgress } from './visibility.ts'

/** A third of a page, so that at least three fit. */
const maxEntrySize = 2704

/** 'partial': inserts all the same, and answers whether there may be a conflict. */
export type UniqueCheck = 'no' | 'yes' | 'partial'

export class BTreeInsert {
  private readonly search: BTreeSearch
  private readonly splitting: BTreeSplit

  constructor(search: BTreeSearch, splitting: BTreeSplit) {
    this.search = search
    this.splitting = splitting
  }

  /** False only for 'partial', if there may be a conflict. */
  *insert(
    tx: TransactionState,
    index: Index,
    key: readonly Datum[],
    tid: Tid,
    unique: UniqueCheck,
  ): Coroutine<boolean> {
    const tuple = formIndexTuple(index.descriptor, key, tid)
    const changer: Changer = { me: tx.me, xid: tx.xid(), wrote: lsn => tx.wrote(lsn) }
    checkSize(index, tuple)
    const checks = unique !== 'no' && (index.nullsNotDistinct || !key.includes(null))
    const isUnique = checks ? yield* this.checkUnique(tx, changer, index, key, tuple, unique) : true
    const target: SearchKey = { values: key, tid, next: false }
    if (tx.serializable) yield* this.checkReaders(tx, changer, index, target)
    for (;;) {
      const leaf = yield* this.leafFor(changer, index, target)
      if (this.tryInsert(tx, changer, index, leaf, target, tuple)) {
        this.search.unpin(leaf)
        return isUnique
      }
      yield* this.splitting.split(changer, index, leaf, tuple, searchPage(index, target, leaf.page))
      if (yield* this.contains(tx, index, target)) return isUnique
    }
  }

  /** Who has read the page where the key belongs has not seen what comes there now. */
  private *checkReaders(tx: TransactionState, changer: Changer, index: Index, key: SearchKey): Coroutine {
    const leaf = yield* this.leafFor(changer, index, key)
    this.search.unpin(leaf)
    tx.transactions.serializable.checkConflictIn(tx, index, leaf.block)
  }

  private tryInsert(
    tx: TransactionState,
    changer: Changer,
    index: Index,
    leaf: Buffer,
    target: SearchKey,
    tuple: IndexTuple,
  ): boolean {
    const { page } = leaf
    if (page.freeSpace < align8(sizeOf(tuple)) && (flagsOf(page) & btreeFlag.hasGarbage) !== 0) {
      removeDeadEntries(this.search.services, changer, index, leaf)
    }
    tx.me.charge(600)
    return this.splitting.tryInsert(changer, leaf, tuple, searchPage(index, target, page))
  }

  /** Whether the entry is there: a split puts it in place, unless the page changed meanwhile. */
  private *contains(tx: TransactionState, index: Index, target: SearchKey): Coroutine<boolean> {
    const leaf = yield* this.search.descend(tx.me, index, target, 0)
    if (!leaf) return false
    const line = searchPage(index, target, leaf.page)
    const found = line <= leaf.page.lineCount && compareLine(index, target, leaf.page, line) === 0
    this.search.unpin(leaf)
    return found
  }

  /** The leaf where the key belongs, pinned; the first insert makes it. */
  private *leafFor(changer: Changer, index: Index, key: SearchKey): Coroutine<Buffer> {
    const finish = (buffer: Buffer) => this.splitting.insertParent(changer, index, buffer)
    for (;;) {
      const leaf = yield* this.search.descend(changer.me, index, key, 0, finish)
      if (leaf) return leaf
      yield* this.makeRoot(changer, index)
    }
  }

  private *makeRoot(changer: Changer, index: Index): Coroutine {
    const { buffers, wal } = this.search.services
    const { me } = changer
    const root = yield* newPage(this.search.services, me, index)
    const meta = yield* this.search.pin(me, index, metaBlock)
    if (readMeta(meta.page).root === noBlock) {
      initializeNode(root.page, btreeFlag.leaf | btreeFlag.root, 0, noBlock, noBlock)
      const content = rootedAt(root.block, 0, 0)
      const equalImage = hasEqualImage(meta.page)
      initializeMeta(meta.page, content, equalImage)
      const record = wal.begin(resourceManagers.btree, btreeInfo.newRoot, changer.xid)
      record.data.u32(root.block)
      record.data.u32(0)
      record.block(0, root, registerFlag.willInit)
      appendMeta(record.block(2, meta, registerFlag.willInit | registerFlag.standard), content, equalImage)
      const lsn = wal.insert(me, record)
      for (const buffer of [root, meta]) {
        buffer.page.lsn = lsn
        buffers.markDirty(buffer)
      }
      changer.wrote(lsn)
    }
    buffers.unpin(root)
    buffers.unpin(meta)
  }

  /** Waits for whoever has the same key and has not ended, and looks again; fails if one has it for good. */
  private *checkUnique(
    tx: TransactionState,
    changer: Changer,
    index: Index,
    key: readonly Datum[],
    tuple: IndexTuple,
    unique: UniqueCheck,
  ): Coroutine<boolean> {
    for (;;) {
      const found = yield* this.findConflict(tx, changer, index, key, tidOf(tuple))
      if (found === undefined) return true
      if (unique === 'partial') return false
      if (found === 0) {
        // It would not have been tried in any serial order: that is the better reason to fail.
        if (tx.serializable) yield* this.checkReaders(tx, changer, index, { values: key, next: false })
        fail('23505', `duplicate key value violates unique constraint "${index.name}"`, {
          detail: `Key ${index.describeKey(key)} already exists.`,
        })
      }
      const context = () => `while inserting index tuple ${formatTid(tidOf(tuple))} in relation "${index.name}"`
      yield* tx.transactions.waitFor(tx.proc, found, context)
    }
  }

  /** Who stands in the way: a transaction that has not ended; 0 if it is certain; undefined if nobody does. */
  private *findConflict(
    tx: TransactionState,
    changer: Changer,
    index: Index,
    key: readonly Datum[],
    own: Tid,
  ): Coroutine<number | undefined> {
    const search: SearchKey = { values: key, next: false }
    const inProgress: InProgress = { xmin: 0, xmax: 0 }
    let leaf = yield* this.leafFor(changer, index, search)
    for (;;) {
      const { page } = leaf
      const lsn = page.lsn
      for (let line = searchPage(index, search, page); line <= page.lineCount; line++) {
        if (compareLine(index, search, page, line) !== 0) {
          this.search.unpin(leaf)
          return undefined
        }
        const tid = tidOf(indexTupleAt(page, line))
        if (page.itemState(line) === lineState.dead || tid === own) continue
        const { tuple, allDead } = yield* fetchDirty(this.search.services, tx, index.table, tid, inProgress)
        if (tuple) {
          this.search.unpin(leaf)
          return inProgress.xmin || inProgress.xmax
        }
        if (page.lsn !== lsn) {
          // Entries moved while the table was looked at.
          this.search.unpin(leaf)
          return yield* this.findConflict(tx, changer, index, key, own)
        }
        if (allDead) this.markDead(tx, leaf, line)
      }
      // Equal keys may go on to the right, if the high key is no greater.
      const goesOn = !isRightmost(page) && compareLine(index, search, page, highKeyLine) >= 0
      let right = rightOf(page)
      this.search.unpin(leaf)
      if (!goesOn) return undefined
      leaf = yield* this.search.pin(tx.me, index, right)
      while (isIgnored(leaf.page)) {
        right = rightOf(leaf.page)
        this.search.unpin(leaf)
        leaf = yield* this.search.pin(tx.me, index, right)
      }
    }
  }

  private markDead(tx: TransactionState, leaf: Buffer, line: number): void {
    const { page } = leaf
    page.setLine(line, page.itemOffset(line), lineState.dead, page.itemLength(line))
    setFlags(page, flagsOf(page) | btreeFlag.hasGarbage)
    this.search.services.buffers.markDirtyHint(tx.me, leaf)
  }
}

export function checkSize(index: Index, tuple: IndexTuple): void {
  const size = sizeOf(tuple)
  if (size <= maxEntrySize) return
  fail('54000', `index row size ${size} exceeds btree version 4 maximum ${maxEntrySize} for index "${index.name}"`, {
    detail: `Index row references tuple ${formatTid(tidOf(tuple))} in relation "${index.table.name}".`,
    hint: 'Values larger than 1/3 of a buffer page cannot be indexed.\nConsider a function index of an MD5 hash of the value, or use full text indexing.',
  })
}
