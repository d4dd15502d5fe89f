// What update and delete have in common: whether the tuple may be changed, waiting for those who have it, and what
// stands in the way in the end. Mirrors the first half of heap_update and heap_delete.

import type { Coroutine } from '../kernel/task.ts'
import { fail } from '../shared/error.ts'
import type { Buffer } from '../storage/buffer.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { type HeapServices, isAllVisible, tupleAt } from './heap-services.ts'
import {
  ComboCommandId,
  type HeapTuple,
  isXmaxLockedOnly,
  LockMask,
  XmaxInvalid,
  XmaxIsMulti,
  XmaxKeyShareLock,
} from './heap-tuple.ts'
import { updaterOf } from './multixact-members.ts'
import type { Relation } from './relation.ts'
import type { Failure } from './results.ts'
import { type Tid, tidBlock, tidOffset } from './tid.ts'
import type { TupleLock } from './tuple-lock-modes.ts'
import {
  conflictsWithMulti,
  hasXmaxChanged,
  isOnlyLocked,
  type TupleTurn,
  waitContext,
  waitForMulti,
} from './tuple-wait.ts'
import { commandMax, commandMin } from './visibility.ts'

/** The page of the tuple, pinned, and its page of the visibility map if it claims to be all-visible. */
export class ChangingPage {
  private readonly heap: HeapServices
  private readonly tx: TransactionState
  readonly relation: Relation
  readonly tid: Tid
  readonly buffer: Buffer
  map: Buffer | undefined

  constructor(heap: HeapServices, tx: TransactionState, relation: Relation, tid: Tid, buffer: Buffer) {
    this.heap = heap
    this.tx = tx
    this.relation = relation
    this.tid = tid
    this.buffer = buffer
  }

  static *pin(heap: HeapServices, tx: TransactionState, relation: Relation, tid: Tid): Coroutine<ChangingPage> {
    const block = tidBlock(tid)
    const buffer = heap.tryPin(tx.me, relation, block) ?? (yield* heap.pin(tx.me, relation, block))
    const page = new ChangingPage(heap, tx, relation, tid, buffer)
    if (isAllVisible(buffer.page)) yield* page.pinMap()
    return page
  }

  /** After every wait: the page may have become all-visible meanwhile. */
  *pinMap(): Coroutine {
    this.map ??= yield* this.heap.pinMap(this.tx.me, this.relation, this.buffer)
  }

  /** The tuple where it stands now: pruning may have moved it while one waited. */
  tuple(): HeapTuple {
    const tuple = tupleAt(this.buffer, tidOffset(this.tid))
    if (!tuple) throw new Error(`no tuple at ${this.tid} of ${this.relation.name}`)
    return tuple
  }

  unpin(): void {
    this.heap.buffers.unpin(this.buffer)
    if (this.map) this.heap.buffers.unpin(this.map)
  }
}

/** The tuple may be changed; whether others who locked it were waited for, and whether some still hold it. */
export interface Clear {
  readonly status: 'clear'
  readonly checkedLockers: boolean
  readonly lockersRemain: boolean
}

const clear: Clear = { status: 'clear', checkedLockers: false, lockersRemain: false }

/** The common case: nobody has the tuple. */
export function tryClear(heap: HeapServices, tx: TransactionState, page: ChangingPage): Clear | undefined {
  const status = heap.visibility.forUpdate(tx, page.tuple(), tx.commandId(true), page.buffer)
  return status === 'ok' ? clear : undefined
}

/** Waits until the tuple can be changed, or until it is certain that it can't. `verb`: as the error says it. */
export function* waitToChange(
  heap: HeapServices,
  tx: TransactionState,
  page: ChangingPage,
  lock: TupleLock,
  turn: TupleTurn,
  verb: 'update' | 'delete',
): Coroutine<Clear | Failure> {
  const { relation, buffer, tid } = page
  const { visibility, transactions } = heap
  const context = waitContext(verb === 'update' ? 'updating' : 'deleting', tid, relation)
  const commandId = tx.commandId(true)
  const keepsKey = lock.mode === 'no key exclusive'
  for (;;) {
    const tuple = page.tuple()
    const status = visibility.forUpdate(tx, tuple, commandId, buffer)
    if (status === 'ok') return clear
    if (status === 'invisible') fail('55000', `attempted to ${verb} invisible tuple`)
    if (status !== 'being-modified') return failureOf(tx, tuple, status)
    const { mask, xmax } = tuple
    let lockersRemain = false
    let mayContinue = false
    if ((mask & XmaxIsMulti) !== 0) {
      const { conflict, isMember } = conflictsWithMulti(tx, xmax, lock)
      lockersRemain = true
      if (conflict) {
        // Whoever has a lock of the tuple already must not queue for its turn: it would wait for itself.
        if (!isMember) yield* turn.take('block')
        lockersRemain = (yield* waitForMulti(tx, xmax, lock, 'block', context))! > 0
        yield* page.pinMap()
        if (hasXmaxChanged(page.tuple(), mask, xmax)) continue
      }
      const updater = isXmaxLockedOnly(mask) ? 0 : updaterOf(transactions, xmax)
      mayContinue = updater === 0 || (!transactions.isInProgress(updater) && !transactions.didCommit(updater))
    } else if (tx.isCurrent(xmax) || (keepsKey && (mask & LockMask) === XmaxKeyShareLock)) {
      lockersRemain = true
      mayContinue = true
    } else {
      yield* turn.take('block')
      yield* transactions.waitFor(tx.proc, xmax, context)
      yield* page.pinMap()
      const now = page.tuple()
      if (hasXmaxChanged(now, mask, xmax)) continue
      visibility.noteXmaxEnded(tx, now, buffer)
      mayContinue = (now.mask & XmaxInvalid) !== 0 || isOnlyLocked(tx, now)
    }
    if (mayContinue) return { status: 'clear', checkedLockers: true, lockersRemain }
    const now = page.tuple()
    return failureOf(tx, now, now.next === tid ? 'deleted' : 'updated')
  }
}

/** TM_FailureData. */
export function failureOf(tx: TransactionState, tuple: HeapTuple, status: Failure['status']): Failure {
  const { mask } = tuple
  const isMulti = (mask & XmaxIsMulti) !== 0 && !isXmaxLockedOnly(mask)
  return {
    status,
    next: tuple.next,
    xmax: isMulti ? updaterOf(tx.transactions, tuple.xmax) : tuple.xmax,
    commandId: status === 'self-modified' ? commandMax(tx, tuple) : -1,
  }
}

/** SetCmax: this command changed it; if this transaction inserted it too, the field must tell both. */
export function setCommandMax(tx: TransactionState, tuple: HeapTuple, commandId: number): void {
  if (tx.isCurrent(tuple.xmin)) {
    const min = commandMin(tx, tuple)
    tuple.commandId = tx.comboCommandId(min, commandId)
    tuple.mask |= ComboCommandId
    return
  }
  tuple.commandId = commandId
  tuple.mask &= ~ComboCommandId
}
