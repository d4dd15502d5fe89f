// Empty pages at the end of a table are given back, if they are many and nobody uses the table. Mirrors
// should_attempt_truncation, lazy_truncate_heap and count_nondeletable_pages.

import { millisecond } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import { AccessExclusiveLock } from '../locks/lock-mode.ts'
import { lineState } from '../storage/page.ts'
import type { VacuumState } from './vacuum-state.ts'

/** So many pages, or this part of the table, are worth it. */
const worthPages = 1000
const worthFraction = 16
/** The lock is tried again for five seconds. */
const retryInterval = 50 * millisecond
const retries = 100
/** While it has the lock it looks for others that wait for it every so many blocks, if that long has passed. */
const blocksPerLook = 32
const lookInterval = 20 * millisecond

/** `tell` hears of it in a verbose vacuum. */
export function* truncate(state: VacuumState, tell?: (message: string) => void): Coroutine {
  if (!state.request.truncates) return
  let blocks = state.blocks
  const free = blocks - state.nonEmpty
  if (free === 0 || (free < worthPages && free < blocks / worthFraction)) return
  const { heap, tx, relation, progress } = state
  progress.phase = 'truncating heap'
  progress.block = state.nonEmpty
  for (;;) {
    if (!(yield* lock(state))) {
      tell?.(`"${relation.name}": stopping truncate due to conflicting lock request`)
      return
    }
    let kept = blocks
    let isWanted = false
    try {
      if (heap.blockCount(relation) !== blocks) return
      const found = yield* lastUsed(state, blocks)
      kept = found.kept
      isWanted = found.isWanted
      progress.block = kept
      if (kept >= blocks) return
      yield* heap.storage.truncate(tx.me, relation.locator, kept, tx.xidIfAny())
    } finally {
      heap.locks.release(tx.proc, relation.lockTag, AccessExclusiveLock)
    }
    tell?.(`table "${relation.name}": truncated ${blocks} to ${kept} pages`)
    state.removedPages += blocks - kept
    blocks = kept
    if (kept <= state.nonEmpty || !isWanted) return
  }
}

/** Never waits in the queue: others would have to wait behind it. */
function* lock({ heap, tx, relation }: VacuumState): Coroutine<boolean> {
  tx.prepareAccessExclusiveLock()
  for (let attempt = 0; attempt <= retries; attempt++) {
    if (heap.locks.tryAcquire(tx.proc, relation.lockTag, AccessExclusiveLock)) {
      tx.tookAccessExclusiveLock(relation.lockTag)
      return true
    }
    yield* tx.me.pause()
    yield* tx.me.waitLatch({ until: tx.me.now() + retryInterval, waitEvent: 'VacuumTruncate' })
    tx.me.latch.reset()
  }
  return false
}

/** Counts from the end: rows may have come since they were looked at. Stops where somebody waits for the table. */
function* lastUsed(
  state: VacuumState,
  blocks: number,
): Coroutine<{ readonly kept: number; readonly isWanted: boolean }> {
  const { heap, tx, relation } = state
  let lookedAt = tx.me.now()
  for (let block = blocks - 1; block >= state.nonEmpty; block--) {
    if (block % blocksPerLook === 0 && tx.me.now() - lookedAt >= lookInterval) {
      if (heap.locks.hasWaiters(relation.lockTag)) return { kept: block + 1, isWanted: true }
      lookedAt = tx.me.now()
    }
    yield* tx.me.pause()
    const buffer = yield* heap.pin(tx.me, relation, block, state.ring)
    const { page } = buffer
    let used = false
    for (let offset = 1; offset <= page.lineCount && !used; offset++) used = page.itemState(offset) !== lineState.unused
    heap.buffers.unpin(buffer)
    if (used) return { kept: block + 1, isWanted: false }
  }
  return { kept: state.nonEmpty, isWanted: false }
}
