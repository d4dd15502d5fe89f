// Moves a slot on without handing anything out: the WAL is decoded for what the slot must know alone. Mirrors
// LogicalSlotAdvanceAndCheckSnapState.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { ReplicationSlot } from '../replication/slot.ts'
import { LogicalDecoder } from './decoder.ts'
import type { Decoding } from './services.ts'
import { confirmReceived } from './slots.ts'

/** Of a slot that is held; true if decoding could begin there. */
export function* advanceSlot(decoding: Decoding, slot: ReplicationSlot, to: number): Coroutine<boolean> {
  const { environment, me, proc } = decoding
  const { confirmedFlush } = slot.logical!
  environment.log.log(me, `starting logical decoding for slot "${slot.name}"`, {
    detail: `Streaming transactions committing after ${formatLsn(confirmedFlush)}, reading WAL from ${formatLsn(slot.restartLsn)}.`,
    statement: proc.statement,
  })
  const decoder = new LogicalDecoder(decoding, slot, undefined, confirmedFlush)
  while (decoder.position < to) if (!(yield* decoder.step())) yield* decoding.rest()
  yield* confirmReceived(decoding, slot, to)
  slot.isDirty = true
  return decoder.isConsistent
}
