// How lower rooms ask the background processes for work without knowing them: flags and latches in shared memory.
// Mirrors CheckpointerShmem (checkpointer.c), the fsync request queue (sync.c) and the latches in ProcGlobal.

import type { Coroutine } from '../kernel/task.ts'
import type { Latch } from '../machine/latch.ts'
import type { Process } from '../machine/process.ts'
import { ConditionVariable } from './condition-variable.ts'
import { fail } from './error.ts'

/** What is asked of a checkpoint, as bits. */
export const checkpointFlags = {
  isShutdown: 0x01,
  endOfRecovery: 0x02,
  /** At full speed. */
  immediate: 0x04,
  /** Even if nothing has happened since the last. */
  force: 0x08,
  flushAll: 0x10,
  /** The requester waits for its end. */
  wait: 0x20,
  requested: 0x40,
  causeWal: 0x80,
  causeTime: 0x100,
} as const

class CheckpointerStatistics {
  timed = 0
  requested = 0
  done = 0
  restartpointsTimed = 0
  restartpointsRequested = 0
  restartpointsDone = 0
  writeTime = 0
  syncTime = 0
  slruWritten = 0
}

class CheckpointRequests {
  /** What was asked for since the last one began. */
  flags = 0
  started = 0
  done = 0
  failed = 0
  readonly startCondition = new ConditionVariable()
  readonly doneCondition = new ConditionVariable()
  /** For pg_stat_checkpointer; times in nanoseconds. */
  readonly statistics = new CheckpointerStatistics()
}

/** Files that were written and not flushed: the next checkpoint flushes them before it may be called complete. */
class FsyncRequests {
  private pending = new Set<string>()

  register(path: string): void {
    this.pending.add(path)
  }

  /** The file is gone. */
  forget(path: string): void {
    this.pending.delete(path)
  }

  /** A folder is gone, named with its slash. */
  forgetIn(folder: string): void {
    for (const path of this.pending) if (path.startsWith(folder)) this.pending.delete(path)
  }

  /** Takes all that is asked for now; what comes later is for the next checkpoint. */
  absorb(): string[] {
    const paths = [...this.pending]
    this.pending = new Set()
    return paths
  }
}

export class Requests {
  readonly checkpoint = new CheckpointRequests()
  readonly fsyncRequests = new FsyncRequests()
  checkpointerLatch: Latch | undefined
  walWriterLatch: Latch | undefined
  /** It hibernates: who leaves it asynchronous commits to flush must wake it. */
  walWriterSleeping = false
  backgroundWriterLatch: Latch | undefined
  walSummarizerLatch: Latch | undefined
  startupLatch: Latch | undefined
  /** The postmaster is to tell the logger to begin new files. */
  logRotation = false
  archiverLatch: Latch | undefined
  /** The archiver must look anew for what waits, and not go on with what it found before. */
  archiveDirectoryScan = false
  /** WAL senders wait here for more to send: those of standbys, and those of subscribers. */
  readonly physicalSenders = new Set<Latch>()
  readonly logicalSenders = new Set<Latch>()

  /** Asks for a checkpoint with these flags; who wants to wait calls `waitForCheckpoint` instead. */
  requestCheckpoint(flags: number, cause?: number): void {
    this.checkpoint.flags |= flags | checkpointFlags.requested
    this.checkpointerLatch?.set(cause)
  }

  /** RequestCheckpoint with CHECKPOINT_WAIT: returns when one that began after this call is done. */
  *waitForCheckpoint(me: Process, flags: number): Coroutine {
    const { checkpoint } = this
    const failedBefore = checkpoint.failed
    const startedBefore = checkpoint.started
    this.requestCheckpoint(flags | checkpointFlags.wait, me.cause)
    while (checkpoint.started === startedBefore) yield* checkpoint.startCondition.sleep(me, 'CheckpointStart')
    const mine = checkpoint.started
    while (checkpoint.done < mine) yield* checkpoint.doneCondition.sleep(me, 'CheckpointDone')
    if (checkpoint.failed !== failedBefore) {
      fail('XX000', 'checkpoint request failed', { hint: 'Consult recent messages in the server log for details.' })
    }
  }

  /** WAL is on the platter up to a new place: whoever sends it has work. */
  wakeWalSenders(cause?: number): void {
    this.wakePhysicalSenders(cause)
    this.wakeLogicalSenders(cause)
  }

  /** The same on a standby, where it was not replayed yet. */
  wakePhysicalSenders(cause?: number): void {
    for (const latch of this.physicalSenders) latch.set(cause)
  }

  /** WAL that was on the platter before is replayed: only then a standby decodes it. */
  wakeLogicalSenders(cause?: number): void {
    for (const latch of this.logicalSenders) latch.set(cause)
  }
}
