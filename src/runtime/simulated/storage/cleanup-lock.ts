// The lock for moving a page's tuples: whoever has the page pinned may stand on one of them, so the cleaner waits until
// it is the only one. Mirrors LockBufferForCleanup of bufmgr.c. One who would rather not wait looks at `pins`, as
// ConditionalLockBufferForCleanup does; how replay waits is in locks/recovery-conflicts.ts.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { fail } from '../shared/error.ts'
import type { Buffer } from './buffer.ts'

/**
 * Returns when nobody but the caller, who has it pinned, has the page pinned; it holds until the caller next waits. Where
 * the wait fails the caller's pin is gone too.
 */
export function* lockForCleanup(
  me: Process,
  buffer: Buffer,
  wait: (me: Process, buffer: Buffer) => Coroutine = waitForUnpin,
): Coroutine {
  if (buffer.pins === 1) return
  try {
    if (buffer.cleaner) fail('XX000', 'multiple backends attempting to wait for pincount 1')
    buffer.cleaner = me
    while (buffer.pins > 1) yield* wait(me, buffer)
  } catch (error) {
    buffer.unpin()
    throw error
  } finally {
    if (buffer.cleaner === me) buffer.cleaner = undefined
  }
}

function* waitForUnpin(me: Process): Coroutine {
  yield* me.waitLatch({ waitEvent: 'BufferPin' })
  me.latch.reset()
  me.checkForInterrupts?.()
}
