// The loop of a WAL sender that streams: sends what is flushed, takes the standby's replies, and ends with the
// timeline, the server or the connection. Mirrors WalSndLoop, XLogSendPhysical and ProcessRepliesIfAny.

import { formatLsn } from '../../../../model/format.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { standbyFlushed } from '../../recovery/standby-flushed.ts'
import { nextTimeline, readHistory, switchPoint } from '../../recovery/timelines.ts'
import type { FrontendMessage } from '../../shared/protocol.ts'
import { precedes } from '../../transactions/transaction-id.ts'
import { setTitle } from '../auxiliary.ts'
import { send } from '../backend/report.ts'
import { flushedHere, readWal, type Sending, segmentEnd, walSenderTitle } from './sending.ts'

/** MAX_SEND_SIZE: sixteen pages. */
const largestMessage = 128 * 1024

type Outcome = 'over' | 'timeline ended'
type Feedback = Extract<FrontendMessage, { kind: 'hot standby feedback' }>

/** What is sent: WAL as it is, or what is decoded of it. */
export interface StreamSource {
  readonly waitEvent: string
  /** Whether there is anything to do for `send`: a reply wakes a WAL sender more often than WAL does. */
  readonly hasMore: () => boolean
  /** Sends all that is there; `timeline`: the timeline that was asked for is over. */
  readonly send: (takeReplies: () => void) => Coroutine<'caught up' | 'timeline'>
  /** The other end has all before `lsn` for good. */
  readonly confirmed: (lsn: number) => void
  /** Where the timeline goes on, if it may end. */
  readonly timeline: number
}

interface Stream {
  readonly sending: Sending
  readonly source: StreamSource
  /** The standby has left the copy mode. */
  copyDone: boolean
  terminated: boolean
  waitsForReply: boolean
  keepaliveAsked: boolean
}

/** Streams WAL of one timeline. */
export function streamWal(sending: Sending, timeline: number): Coroutine<Outcome> {
  return streamFrom(sending, {
    waitEvent: 'WalSenderMain',
    timeline,
    hasMore: () => hasMore(sending, timeline),
    send: takeReplies => sendWhatIsThere(sending, timeline, takeReplies),
    confirmed: lsn => {
      const { slot } = sending.sender
      if (slot && lsn > slot.restartLsn) sending.server.shared.slots.advance(slot, lsn, sending.me.cause)
    },
  })
}

export function* streamFrom(sending: Sending, source: StreamSource): Coroutine<Outcome> {
  const { me, server, client, sender } = sending
  const stream: Stream = {
    sending,
    source,
    copyDone: false,
    terminated: false,
    waitsForReply: false,
    keepaliveAsked: false,
  }
  const lookForReplies = () => takeReplies(stream)
  me.remember('USR2')
  sender.repliedAt = me.now()
  for (;;) {
    me.latch.reset()
    if (me.received('HUP')) {
      me.forget('HUP')
      sending.proc.sessionSettings!.refresh()
      server.shared.synchronousReplication.releaseWaiters(sender)
    }
    takeReplies(stream)
    if (stream.terminated) return 'over'
    if (stream.copyDone) return 'timeline ended'
    if (client.ending !== undefined) {
      reportLostStandby(sending)
      return 'over'
    }
    const end = source.hasMore() ? yield* source.send(lookForReplies) : 'caught up'
    if (end === 'caught up') caughtUp(stream)
    if (end === 'timeline') {
      yield* endTimeline(stream)
      return stream.terminated || client.ending !== undefined ? 'over' : 'timeline ended'
    }
    if (sender.isStopping) sender.phase = 'stopping'
    if (end === 'caught up' && finishes(stream)) return 'over'
    checkTimeout(stream)
    if (!me.latch.isSet) yield* me.waitLatch({ until: wakeAt(stream), waitEvent: source.waitEvent })
    while (me.mustYield()) yield
  }
}

/** WAL of the timeline that is sent, or news that it has ended. */
function hasMore({ server: { shared }, sender }: Sending, timeline: number): boolean {
  const { recovery, wal, walReceiver } = shared
  if (recovery.inRecovery) {
    return recovery.replayedTimeline !== timeline || sender.sent < standbyFlushed(recovery, walReceiver)
  }
  return wal.timeline !== timeline || sender.sent < wal.flushedLsn
}

function* sendWhatIsThere(
  sending: Sending,
  timeline: number,
  takeReplies: () => void,
): Coroutine<'caught up' | 'timeline'> {
  const { me, server, client, sender } = sending
  const { trace, pgWal } = server.environment
  for (;;) {
    const here = flushedHere(server)
    const history = here.timeline === timeline ? undefined : readHistory(pgWal, here.timeline)
    const limit = history ? (switchPoint(history, timeline) ?? 0) : here.flushed
    if (sender.sent >= limit) {
      return history ? 'timeline' : 'caught up'
    }
    sender.lag.sent(here.flushed, me.now())
    const start = sender.sent
    const end = Math.min(limit, start + largestMessage, segmentEnd(start))
    const timelines = history ? [nextTimeline(history, timeline) ?? timeline, timeline] : [timeline]
    const bytes = yield* readWal(sending, timelines, start, end)
    send(client, { kind: 'wal data', start, end: here.flushed, bytes, sentAt: me.now(), size: bytes.length + 30 })
    sender.sent = end
    setTitle(me, server, walSenderTitle(sending), `streaming ${formatLsn(end)}`)
    if (trace.wants('wal.sent')) trace.emit('wal.sent', me.place, { lsn: end, to: client.to }, me.cause)
    while (me.mustYield()) yield
    takeReplies()
  }
}

function caughtUp({ sending }: Stream): void {
  const { me, server, sender } = sending
  if (sender.phase !== 'catchup') return
  sender.phase = 'streaming'
  const { synchronousReplication, recovery } = server.shared
  if (!recovery.inRecovery) synchronousReplication.releaseWaiters(sender)
  const sync = synchronousReplication.stateOf(sender)
  const fields = { standby: sender.applicationName, state: 'streaming', sync }
  server.environment.trace.emit('replication.state', me.place, fields, me.cause)
}

// Replies

function takeReplies(stream: Stream): void {
  const { client, me, sender } = stream.sending
  for (let message = client.take(); message !== undefined; message = client.take()) {
    sender.repliedAt = me.now()
    stream.keepaliveAsked = false
    takeReply(stream, message as FrontendMessage)
  }
}

function takeReply(stream: Stream, message: FrontendMessage): void {
  const { me, server, sender } = stream.sending
  switch (message.kind) {
    case 'terminate':
      stream.terminated = true
      return
    case 'copy done':
      stream.copyDone = true
      return
    case 'hot standby feedback':
      takeFeedback(stream.sending, message)
      return
    case 'standby status': {
      sender.written = message.written
      sender.flushed = message.flushed
      sender.applied = message.applied
      sender.replySentAt = message.sentAt
      sender.lag.replied(message, sender.sent, me.now())
      stream.source.confirmed(message.flushed)
      const { trace } = server.environment
      if (trace.wants('replication.acknowledged')) {
        const { written, flushed, applied } = message
        const fields = { standby: sender.applicationName, written, flushed, replayed: applied }
        trace.emit('replication.acknowledged', me.place, fields, me.cause)
      }
      if (message.replyRequested) keepalive(stream, false)
      if (!server.shared.recovery.inRecovery) server.shared.synchronousReplication.releaseWaiters(sender)
      return
    }
    default:
      throw new Error(`a standby sent ${message.kind} while it streams`)
  }
}

/** ProcessStandbyHSFeedbackMessage. What a slot holds back never falls, unless the standby needs nothing any more. */
function takeFeedback({ server, sender, proc }: Sending, feedback: Feedback): void {
  const { slot } = sender
  const { transactions, slots } = server.shared
  if (!slot) {
    const { xmin, catalogXmin } = feedback
    proc.xmin = catalogXmin !== 0 && precedes(catalogXmin, xmin) ? catalogXmin : xmin
    return
  }
  for (const which of ['xmin', 'catalogXmin'] as const) {
    const isStep = slot[which] === 0 || feedback[which] === 0 || precedes(slot[which], feedback[which])
    if (!isStep) continue
    slot[which] = feedback[which]
    slot.isDirty = true
  }
  transactions.slotXmin = slots.requiredXmin()
  transactions.slotCatalogXmin = slots.requiredCatalogXmin()
}

function keepalive({ sending }: Stream, replyRequested: boolean): void {
  sendKeepalive(sending, replyRequested)
}

export function sendKeepalive({ me, client, sender }: Sending, replyRequested: boolean): void {
  send(client, { kind: 'keepalive', end: sender.sent, replyRequested, size: 23, sentAt: me.now() })
}

/** A standby that says nothing is asked at half the time, and given up at the whole. */
function checkTimeout(stream: Stream): void {
  const { me, server, sender, proc } = stream.sending
  const timeout = proc.settings.get('wal_sender_timeout')
  if (timeout <= 0) return
  const silence = me.now() - sender.repliedAt
  if (silence >= timeout) {
    server.environment.log.log(me, 'terminating walsender process due to replication timeout', {
      statement: proc.statement,
    })
    me.exit(0)
  }
  if (silence < timeout / 2 || stream.keepaliveAsked) return
  stream.keepaliveAsked = true
  keepalive(stream, true)
}

function wakeAt({ sending, keepaliveAsked }: Stream): number | undefined {
  const timeout = sending.proc.settings.get('wal_sender_timeout')
  if (timeout <= 0) return undefined
  return sending.sender.repliedAt + (keepaliveAsked ? timeout : Math.ceil(timeout / 2))
}

// Ends

/** The server goes down: when the standby has the shutdown checkpoint, it is told that there is no more. */
function finishes(stream: Stream): boolean {
  const { me, client, sender } = stream.sending
  if (!me.received('USR2')) return false
  const confirmed = sender.flushed > 0 ? sender.flushed : sender.written
  if (confirmed < sender.sent) {
    if (!stream.waitsForReply) keepalive(stream, true)
    stream.waitsForReply = true
    return false
  }
  send(client, { kind: 'command complete', tag: 'COPY 0', size: 12 })
  return true
}

/** The timeline that the standby asked for is history here: it is told where, and answers that it has understood. */
function* endTimeline(stream: Stream): Coroutine {
  const { me, server, client } = stream.sending
  const history = readHistory(server.environment.pgWal, flushedHere(server).timeline)
  const following = nextTimeline(history, stream.source.timeline)
  send(client, {
    kind: 'copy done',
    ...(following === undefined
      ? {}
      : { nextTimeline: following, switchPoint: switchPoint(history, stream.source.timeline) }),
    size: 20,
  })
  while (!stream.copyDone && !stream.terminated && client.ending === undefined) {
    yield* me.waitLatch({ waitEvent: 'WalSenderMain' })
    me.latch.reset()
    yield* me.pause()
    takeReplies(stream)
  }
}

function reportLostStandby({ me, server, proc, client }: Sending): void {
  const { log } = server.environment
  const statement = proc.statement
  if (client.ending === 'end of file') {
    log.log(me, 'unexpected EOF on standby connection', { sqlstate: '08P01', statement })
    return
  }
  const reason = client.ending === 'reset' ? 'Connection reset by peer' : 'Connection timed out'
  log.log(me, `could not receive data from client: ${reason}`, { sqlstate: '08006', statement })
  log.log(me, 'unexpected EOF on standby connection', { sqlstate: '08P01', statement })
}
