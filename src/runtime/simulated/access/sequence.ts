// Sequences: one row on one page, changed in place. Mirrors sequence.c: 32 values are logged ahead, so that most calls
// write no WAL, and a crash skips up to so many.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { fail } from '../shared/error.ts'
import type { Buffer } from '../storage/buffer.ts'
import type { RedoPages } from '../storage/redo-pages.ts'
import { FrozenXid } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { appendLocator } from '../wal/assemble.ts'
import { forks, type WalRecord } from '../wal/record.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { type ResourceManager, resourceManagers } from '../wal/resource-managers.ts'
import { type HeapServices, tupleAt } from './heap-services.ts'
import { HeapTuple, XmaxInvalid, XminFrozen } from './heap-tuple.ts'
import type { Relation } from './relation.ts'

export interface SequenceOptions {
  readonly increment: bigint
  readonly minimum: bigint
  readonly maximum: bigint
  /** How many values a session takes at once. */
  readonly cache: bigint
  readonly cycle: boolean
}

/** The sequence's own row. */
export interface SequenceRow {
  readonly lastValue: bigint
  readonly logCount: bigint
  readonly isCalled: boolean
}

const magic = 0x1717
const logAhead = 32n
/** Header 24, two int8, a bool. */
const tupleSize = 41

export class Sequences {
  private readonly services: HeapServices

  constructor(services: HeapServices) {
    this.services = services
  }

  /** The first page of a new sequence, whose file is there and empty; of its init fork too, if it has one. */
  *create(
    tx: TransactionState,
    relation: Relation,
    { lastValue, isCalled }: { readonly lastValue: bigint; readonly isCalled: boolean },
  ): Coroutine {
    const { buffers } = this.services
    for (const fork of relation.isUnlogged ? [forks.main, forks.init] : [forks.main]) {
      const buffer = yield* buffers.extend(tx.me, relation.locator, fork)
      initializePage(buffer)
      this.change(tx, relation, buffer, { lastValue, logCount: 0n, isCalled })
      if (relation.isUnlogged) yield* buffers.flush(tx.me, buffer)
      buffers.unpin(buffer)
    }
  }

  *read(tx: TransactionState, relation: Relation): Coroutine<SequenceRow> {
    const buffer = yield* this.pin(tx, relation)
    const row = readRow(rowTuple(buffer))
    this.services.buffers.unpin(buffer)
    return row
  }

  /**
   * Takes the next `cache` values: gives the first and the last of them. Fails with 2200H at the limit of a sequence that
   * does not cycle.
   */
  *nextval(
    tx: TransactionState,
    relation: Relation,
    options: SequenceOptions,
  ): Coroutine<{ readonly first: bigint; readonly last: bigint }> {
    const { wal } = this.services
    const buffer = yield* this.pin(tx, relation)
    try {
      const row = readRow(rowTuple(buffer))
      const mustLog = row.logCount < options.cache || !row.isCalled || buffer.page.lsn <= wal.redoLsn
      let next = row.lastValue
      const taken: bigint[] = row.isCalled ? [] : [next]
      let fetch = options.cache - BigInt(taken.length)
      let log = row.logCount
      if (mustLog) {
        fetch += logAhead
        log = fetch
      }
      for (; fetch > 0n; fetch--) {
        const following = step(next, options)
        if (following === undefined) {
          // What is only logged ahead may end at the limit.
          if (taken.length > 0) break
          failAtLimit(relation, options)
        }
        next = following
        if (BigInt(taken.length) < options.cache) {
          log--
          taken.push(next)
        }
      }
      log -= fetch
      const logged = mustLog ? { lastValue: next, logCount: 0n, isCalled: true } : undefined
      if (logged) this.change(tx, relation, buffer, logged)
      const tuple = rowTuple(buffer)
      const last = taken[taken.length - 1]
      writeRow(tuple, { lastValue: last, logCount: log, isCalled: true })
      this.services.buffers.markDirty(buffer)
      return { first: taken[0], last }
    } finally {
      this.services.buffers.unpin(buffer)
    }
  }

  /** Fails with 22003 out of bounds. */
  *setval(
    tx: TransactionState,
    relation: Relation,
    options: SequenceOptions,
    value: bigint,
    isCalled: boolean,
  ): Coroutine {
    const { minimum, maximum } = options
    if (value < minimum || value > maximum) {
      fail('22003', `setval: value ${value} is out of bounds for sequence "${relation.name}" (${minimum}..${maximum})`)
    }
    const buffer = yield* this.pin(tx, relation)
    this.change(tx, relation, buffer, { lastValue: value, logCount: 0n, isCalled })
    this.services.buffers.unpin(buffer)
  }

  /**
   * Redo does not write an init fork out, where one of an index is, so that an unlogged sequence which was made while a
   * standby streamed is a page of zeros once that is promoted (15.18, 16.14, 17.10, 18.4).
   */
  private *pin(tx: TransactionState, relation: Relation): Coroutine<Buffer> {
    const buffer = yield* this.services.pin(tx.me, relation, 0)
    const { page } = buffer
    const found = page.isNew ? 0 : page.view.getUint32(page.special, true)
    if (found === magic) return buffer
    this.services.buffers.unpin(buffer)
    fail(
      'XX000',
      `bad magic number in sequence "${relation.name}": ${found.toString(16).padStart(8, '0').toUpperCase()}`,
    )
  }

  private change(tx: TransactionState, relation: Relation, buffer: Buffer, row: SequenceRow): void {
    const { wal, buffers } = this.services
    const xid = relation.isUnlogged ? tx.xidIfAny() : tx.xid()
    const tuple = rowTuple(buffer)
    writeRow(tuple, row)
    buffers.markDirty(buffer)
    const record = wal.begin(resourceManagers.sequence, 0, xid)
    record.block(0, buffer, registerFlag.willInit)
    appendLocator(record.data, relation.locator)
    record.data.append(tuple.bytes, tuple.at, tuple.at + tuple.length)
    buffer.page.lsn = wal.insert(tx.me, record)
    tx.wrote(buffer.page.lsn)
  }
}

export class SequenceRedo implements ResourceManager {
  readonly id = resourceManagers.sequence
  readonly name = 'Sequence'
  private readonly services: HeapServices
  private readonly redoPages: RedoPages

  constructor(services: HeapServices, redoPages: RedoPages) {
    this.services = services
    this.redoPages = redoPages
  }

  *redo(me: Process, record: WalRecord): Coroutine {
    const { buffer } = yield* this.redoPages.read(me, record, 0)
    if (!buffer) return
    initializePage(buffer)
    const tuple = rowTuple(buffer)
    tuple.bytes.set(record.data.subarray(12), tuple.at)
    buffer.page.lsn = record.end
    this.services.buffers.markDirty(buffer)
    this.services.buffers.unpin(buffer)
  }
}

function initializePage({ page }: Buffer): void {
  page.initialize(4)
  page.view.setUint32(page.special, magic, true)
  page.addItem(tupleSize, 1)
  const tuple = new HeapTuple(page, page.itemOffset(1), tupleSize, 1)
  tuple.xmin = FrozenXid
  tuple.next = 1
  tuple.mask = XmaxInvalid | XminFrozen
  tuple.mask2 = 3
  tuple.bytes[tuple.at + 22] = 24
}

function rowTuple(buffer: Buffer): HeapTuple {
  const tuple = tupleAt(buffer, 1)
  if (!tuple) throw new Error('a sequence without its row')
  return tuple
}

function readRow(tuple: HeapTuple): SequenceRow {
  const at = tuple.at + 24
  return {
    lastValue: tuple.view.getBigInt64(at, true),
    logCount: tuple.view.getBigInt64(at + 8, true),
    isCalled: tuple.bytes[at + 16] === 1,
  }
}

function writeRow(tuple: HeapTuple, row: SequenceRow): void {
  const at = tuple.at + 24
  tuple.view.setBigInt64(at, row.lastValue, true)
  tuple.view.setBigInt64(at + 8, row.logCount, true)
  tuple.bytes[at + 16] = row.isCalled ? 1 : 0
}

/** Undefined at the limit of a sequence that does not cycle. */
function step(value: bigint, options: SequenceOptions): bigint | undefined {
  const { increment, minimum, maximum, cycle } = options
  const next = value + increment
  if (next <= maximum && next >= minimum) return next
  if (!cycle) return undefined
  return increment > 0n ? minimum : maximum
}

function failAtLimit(relation: Relation, { increment, minimum, maximum }: SequenceOptions): never {
  const limit =
    increment > 0n
      ? `maximum value of sequence "${relation.name}" (${maximum})`
      : `minimum value of sequence "${relation.name}" (${minimum})`
  fail('2200H', `nextval: reached ${limit}`)
}
