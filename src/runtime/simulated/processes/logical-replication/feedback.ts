// What a worker tells its publisher: how far it has received, applied, and has on its platter. Mirrors send_feedback and
// get_flush_position of worker.c.

import { ask } from '../../replication/primary-connection.ts'
import type { Applier } from './applier.ts'

export class Feedback {
  private readonly applier: Applier
  private sentAt = Number.NEGATIVE_INFINITY
  private last = { received: 0, written: 0, flushed: 0 }

  constructor(applier: Applier) {
    this.applier = applier
  }

  /** `isForced`: though nothing is new. */
  send(isForced: boolean, wantsReply: boolean): void {
    const { me, server, publisher } = this.applier
    const interval = server.environment.settings.get('wal_receiver_status_interval')
    if (!isForced && interval <= 0) return
    const { last } = this
    const received = Math.max(this.applier.received, last.received)
    const position = this.position(received)
    const written = Math.max(position.written, last.written)
    const flushed = Math.max(position.flushed, last.flushed)
    const isNew = written !== last.written || flushed !== last.flushed
    if (!isForced && !isNew && me.now() < this.sentAt + interval) return
    this.sentAt = me.now()
    this.last = { received, written, flushed }
    ask(publisher!.socket, {
      kind: 'standby status',
      written: received,
      flushed,
      applied: written,
      replyRequested: wantsReply,
      sentAt: me.now(),
      size: 39,
    })
  }

  /** Commits here that are flushed no longer count; with none left all that was received is for good. */
  private position(received: number): { readonly written: number; readonly flushed: number } {
    const { flushPositions, server } = this.applier
    const { flushedLsn } = server.shared.wal
    let flushed = 0
    while (flushPositions.length > 0 && flushPositions[0].localEnd <= flushedLsn) {
      flushed = flushPositions.shift()!.remoteEnd
    }
    const newest = flushPositions.at(-1)
    return newest ? { written: newest.remoteEnd, flushed } : { written: received, flushed: received }
  }
}
