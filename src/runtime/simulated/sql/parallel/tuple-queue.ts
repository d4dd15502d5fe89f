// The queue through which a parallel worker hands its rows to the leader: so many bytes of shared memory. The leader
// sees rows when a quarter of the queue has come, or the last one. Mirrors tqueue.c and shm_mq.c.

import type { Coroutine } from '../../kernel/task.ts'
import type { Process } from '../../machine/process.ts'
import type { Row } from '../expressions/execution.ts'

export const queueSize = 64 * 1024
/** Length word of a message. */
const messageHeader = 8

export class TupleQueue {
  private readonly receiver: Process
  private sender: Process | undefined
  private rows: Row[] = []
  private pending: Row[] = []
  private pendingBytes = 0
  private used = 0
  /** Nothing more will come. */
  isFinished = false
  /** Nobody wants more. */
  private isDetached = false

  constructor(receiver: Process) {
    this.receiver = receiver
  }

  /** Waits for room; false: nobody wants any more. */
  *send(me: Process, row: Row, size: number): Coroutine<boolean> {
    const bytes = Math.min(size + messageHeader, queueSize)
    while (this.used + bytes > queueSize) {
      if (this.isDetached) return false
      this.flush(me)
      this.sender = me
      yield* me.waitLatch({ waitEvent: 'MessageQueueSend' })
      me.latch.reset()
      yield* me.pause()
    }
    this.pending.push(row)
    this.pendingBytes += bytes
    this.used += bytes
    if (this.pendingBytes > queueSize / 4) this.flush(me)
    return !this.isDetached
  }

  finish(me: Process): void {
    this.isFinished = true
    this.flush(me)
  }

  private flush(me: Process): void {
    if (this.pending.length > 0) this.rows.push(...this.pending)
    this.pending = []
    this.pendingBytes = 0
    this.receiver.latch.set(me.cause)
  }

  /** The leader: what has come since. */
  take(): Row[] {
    const { rows } = this
    if (rows.length === 0) return rows
    this.rows = []
    this.used = this.pendingBytes
    this.wakeSender()
    return rows
  }

  /** The leader wants no more. */
  detach(): void {
    this.isDetached = true
    this.wakeSender()
  }

  private wakeSender(): void {
    this.sender?.latch.set(this.receiver.cause)
    this.sender = undefined
  }
}
