// One stretch of streaming: what comes is written, flushed when no more is there, and confirmed. Mirrors the inner loop
// of WalReceiverMain, XLogWalRcvWrite, XLogWalRcvFlush and XLogWalRcvSendReply.

import { formatLsn } from '../../../../model/format.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { Process } from '../../machine/process.ts'
import type { Socket } from '../../machine/socket.ts'
import { ask, closedUnexpectedly, failureOf } from '../../replication/primary-connection.ts'
import type { Server } from '../../server.ts'
import { fatal } from '../../shared/error.ts'
import { fileAccessError, syncFile } from '../../shared/file-access.ts'
import type { BackendMessage } from '../../shared/protocol.ts'
import { couldNotSync } from '../../wal/log-writer.ts'
import { segmentName, segmentOf, segmentOffset, segmentSize, walFilePath } from '../../wal/lsn.ts'
import { setTitle } from '../auxiliary.ts'

/** How the stream ended: the primary goes down, or the timeline is over. */
export type Ending = Extract<BackendMessage, { kind: 'command complete' | 'copy done' }>

export class Reception {
  written: number
  private flushed: number
  private readonly me: Process
  private readonly server: Server
  private readonly socket: Socket
  private readonly timeline: number
  /** Paths of segments; seldom more than one. */
  private toFlush: string[] = []
  /** Segments that have been received whole, and not flushed yet. */
  private complete: number[] = []
  private hasWritten = false
  private receivedAt: number
  private repliedAt = Number.NEGATIVE_INFINITY
  private replied = { written: 0, flushed: 0 }
  private feedbackAt = Number.NEGATIVE_INFINITY
  private primaryHasXmin = true
  private pinged = false
  private ending: Ending | undefined

  constructor(
    me: Process,
    server: Server,
    socket: Socket,
    from: { readonly start: number; readonly timeline: number },
  ) {
    this.me = me
    this.server = server
    this.socket = socket
    this.timeline = from.timeline
    this.written = from.start
    this.flushed = from.start
    this.receivedAt = me.now()
  }

  *run(): Coroutine<Ending> {
    const { me, server } = this
    for (;;) {
      me.latch.reset()
      if (me.received('HUP')) {
        me.forget('HUP')
        this.sendFeedback(true)
        // Since 16 the interval begins anew with new settings.
        if (server.environment.version >= 16) this.feedbackAt = me.now()
      }
      yield* this.takeAll()
      yield* this.flush()
      if (this.ending) return this.finish(this.ending)
      const { walReceiver } = server.shared
      const force = walReceiver.wantsReply
      walReceiver.wantsReply = false
      this.reply(force, false)
      this.sendFeedback(false)
      this.checkTimeout()
      if (!me.latch.isSet) yield* me.waitLatch({ until: this.wakeAt(), waitEvent: 'WalReceiverMain' })
      while (me.mustYield()) yield
    }
  }

  /** The timeline is over, in the middle of a segment perhaps: nobody will write to it again. */
  private finish(ending: Ending): Ending {
    if (segmentOffset(this.written) > 0 && this.hasWritten) this.segmentReceived(segmentOf(this.written))
    return ending
  }

  private segmentReceived(segment: number): void {
    this.server.shared.wal.archiveStatus.received(this.me, segmentName(this.timeline, segment))
  }

  private *takeAll(): Coroutine {
    const { me, socket } = this
    for (let message = socket.take(); message !== undefined; message = socket.take()) {
      this.receivedAt = me.now()
      this.pinged = false
      this.takeOne(message as BackendMessage)
      if (this.ending) return
      while (me.mustYield()) yield
    }
    if (socket.ending === undefined) return
    const reason =
      socket.ending === 'timed out' ? 'could not receive data from server: Connection timed out' : closedUnexpectedly
    fatal('08006', `could not receive data from WAL stream: ${reason}`)
  }

  private takeOne(message: BackendMessage): void {
    switch (message.kind) {
      case 'wal data':
        this.write(message.start, message.bytes)
        this.noteEnd(message)
        return
      case 'keepalive':
        this.noteEnd(message)
        if (message.replyRequested) this.reply(true, false)
        return
      case 'copy done':
      case 'command complete':
        this.ending = message
        return
      case 'error':
        throw failureOf('could not receive data from WAL stream', message)
      default:
        throw new Error(`a WAL stream has brought ${message.kind}`)
    }
  }

  /** ProcessWalSndrMessage */
  private noteEnd({ end, sentAt }: { readonly end: number; readonly sentAt: number }): void {
    const { walReceiver } = this.server.shared
    if (end > walReceiver.latestEnd) walReceiver.latestEndAt = sentAt
    walReceiver.latestEnd = end
    walReceiver.lastMessageSentAt = sentAt
    walReceiver.lastMessageAt = this.me.now()
  }

  private write(start: number, bytes: Uint8Array): void {
    const { environment, shared } = this.server
    for (let done = 0; done < bytes.length; ) {
      const at = start + done
      const segment = segmentOf(at)
      const path = walFilePath(this.timeline, segment)
      if (!environment.pgWal.exists(path)) shared.wal.segments.createNow(this.me, this.timeline, segment, 'ERROR')
      const count = Math.min(bytes.length - done, segmentSize - segmentOffset(at))
      try {
        const part = count === bytes.length ? bytes : bytes.subarray(done, done + count)
        environment.pgWal.write(this.me, path, segmentOffset(at), part)
      } catch (error) {
        const file = segmentName(this.timeline, segment)
        const place = `at offset ${segmentOffset(at)}, length ${count}`
        throw fileAccessError(error, 'PANIC', `could not write to WAL segment ${file} ${place}`)
      }
      if (!this.toFlush.includes(path)) this.toFlush.push(path)
      done += count
      if (segmentOffset(start + done) === 0) this.complete.push(segment)
    }
    this.hasWritten = true
    this.written = start + bytes.length
    shared.walReceiver.written = this.written
    this.reply(false, false)
  }

  private *flush(): Coroutine {
    if (this.written <= this.flushed) return
    const { me, server } = this
    const { environment, shared } = server
    const { settings, pgWal } = environment
    const to = this.written
    const paths = this.toFlush
    this.toFlush = []
    for (const path of paths) {
      try {
        yield* syncFile(me, { settings, volume: pgWal }, path, 'WALSync')
      } catch (error) {
        throw fileAccessError(error, 'PANIC', couldNotSync(path.slice('pg_wal/'.length)))
      }
    }
    this.flushed = to
    for (let segment = this.complete.shift(); segment !== undefined; segment = this.complete.shift()) {
      this.segmentReceived(segment)
    }
    const { walReceiver, requests } = shared
    // A new stream begins at a segment's start: what was flushed before is not less by that.
    if (walReceiver.flushed < to) {
      walReceiver.chunkStart = walReceiver.flushed
      walReceiver.flushed = to
      walReceiver.flushedTimeline = this.timeline
    }
    const { trace } = environment
    if (trace.wants('wal.received')) trace.emit('wal.received', me.place, { lsn: to }, me.cause)
    requests.startupLatch?.set(me.cause)
    requests.wakePhysicalSenders(me.cause)
    setTitle(me, server, 'walreceiver', `streaming ${formatLsn(to)}`)
    this.reply(false, false)
  }

  /** Tells the primary how far we are, if that is new, long ago, or asked for. */
  private reply(force: boolean, replyRequested: boolean): void {
    const { me, server, replied, written, flushed } = this
    const interval = server.environment.settings.get('wal_receiver_status_interval')
    if (!force && interval === 0) return
    const isNew = replied.written !== written || replied.flushed !== flushed
    if (!force && !isNew && me.now() < this.repliedAt + interval) return
    this.replied = { written, flushed }
    this.repliedAt = me.now()
    const applied = server.shared.recovery.replayedEnd
    const sentAt = this.repliedAt
    ask(this.socket, { kind: 'standby status', written, flushed, applied, replyRequested, sentAt, size: 39 })
  }

  /**
   * XLogWalRcvSendHSFeedback: which rows are still needed here, and which of catalogs; once nothing, when that is not to
   * be told any more.
   */
  private sendFeedback(isImmediate: boolean): void {
    const { me, server } = this
    const { recovery, transactions } = server.shared
    const isWanted = this.wantsFeedback
    if (!isWanted && !this.primaryHasXmin) return
    if (!isImmediate) {
      if (me.now() < this.feedbackAt + server.environment.settings.get('wal_receiver_status_interval')) return
      this.feedbackAt = me.now()
    }
    if (!recovery.hotStandbyActive) return
    const xmin = isWanted ? transactions.oldestNonRemovable(0) : 0
    const catalogXmin = isWanted ? transactions.slotCatalogXmin : 0
    this.primaryHasXmin = xmin !== 0 || catalogXmin !== 0
    ask(this.socket, { kind: 'hot standby feedback', xmin, catalogXmin, size: 25 })
  }

  private get wantsFeedback(): boolean {
    const { settings } = this.server.environment
    return settings.get('hot_standby_feedback') && settings.get('wal_receiver_status_interval') > 0
  }

  private checkTimeout(): void {
    const { me, server } = this
    const timeout = server.environment.settings.get('wal_receiver_timeout')
    if (timeout <= 0) return
    if (me.now() >= this.receivedAt + timeout) fatal('08006', 'terminating walreceiver due to timeout')
    if (this.pinged || me.now() < this.receivedAt + timeout / 2) return
    this.pinged = true
    this.reply(true, true)
  }

  private wakeAt(): number {
    const { settings } = this.server.environment
    const interval = settings.get('wal_receiver_status_interval')
    const timeout = settings.get('wal_receiver_timeout')
    const status = interval > 0 ? this.repliedAt + interval : Number.POSITIVE_INFINITY
    const silence = timeout > 0 ? this.receivedAt + (this.pinged ? timeout : Math.ceil(timeout / 2)) : status
    const feedback = this.wantsFeedback ? this.feedbackAt + interval : Number.POSITIVE_INFINITY
    return Math.min(status, silence, feedback)
  }
}
