// The loop of a worker: takes what has come, applies it, tells how far it is, and waits. Mirrors LogicalRepApplyLoop.

import { second } from '../../../../model/units.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { closedUnexpectedly } from '../../replication/primary-connection.ts'
import { fail } from '../../shared/error.ts'
import type { BackendMessage } from '../../shared/protocol.ts'
import { showActivity } from '../backend/interrupts.ts'
import { type Applier, say } from './applier.ts'
import { applyChange } from './apply.ts'
import { Feedback } from './feedback.ts'
import { rereadSubscription } from './subscription-changes.ts'
import { synchronizeTables } from './synchronize.ts'

/** How long it waits at most. */
const napTime = second

export function* applyLoop(applier: Applier): Coroutine {
  const { me, server, session, publisher } = applier
  const { settings } = server.environment
  const feedback = new Feedback(applier)
  let heardAt = me.now()
  let isAsked = false
  showActivity(session.proc, me.now(), 'idle')
  for (;;) {
    let hasEnded = false
    for (let message = next(applier); message !== undefined; message = next(applier)) {
      heardAt = me.now()
      isAsked = false
      hasEnded = yield* take(applier, feedback, message)
      if (hasEnded) break
      yield* me.pause()
    }
    feedback.send(false, false)
    if (!applier.transaction) {
      yield* rereadSubscription(applier)
      yield* synchronizeTables(applier, applier.received)
    }
    if (hasEnded) break
    const wait = applier.flushPositions.length > 0 ? settings.get('wal_writer_delay') : napTime
    const isWoken = publisher!.socket.isReadable
      ? true
      : yield* me.waitLatch({ until: me.now() + wait, waitEvent: 'LogicalApplyMain' })
    me.latch.reset()
    yield* me.pause()
    if (me.received('HUP')) {
      me.forget('HUP')
      session.settings.refresh()
    }
    if (isWoken) continue
    const timeout = settings.get('wal_receiver_timeout')
    if (timeout > 0 && me.now() >= heardAt + timeout) {
      fail('08006', 'terminating logical replication worker due to timeout')
    }
    const asks = timeout > 0 && !isAsked && me.now() >= heardAt + timeout / 2
    if (asks) isAsked = true
    feedback.send(asks, asks)
    session.transaction.statistics.report(me.now(), true)
  }
  yield* publisher!.endStreaming()
}

function next({ publisher }: Applier): BackendMessage | undefined {
  const { socket } = publisher!
  const message = socket.take() as BackendMessage | undefined
  if (message === undefined && socket.ending !== undefined) {
    fail('08006', `could not receive data from WAL stream: ${closedUnexpectedly}`)
  }
  return message
}

/** True: the publisher has ended the stream. */
function* take(applier: Applier, feedback: Feedback, message: BackendMessage): Coroutine<boolean> {
  const { worker, me } = applier
  switch (message.kind) {
    case 'logical change':
      applier.received = Math.max(applier.received, message.start, message.end)
      worker.receivedLsn = applier.received
      worker.lastSentAt = message.sentAt
      worker.lastReceivedAt = me.now()
      yield* applyChange(applier, message.change)
      return false
    case 'keepalive':
      applier.received = Math.max(applier.received, message.end)
      feedback.send(message.replyRequested, false)
      worker.receivedLsn = applier.received
      worker.lastSentAt = message.sentAt
      worker.lastReceivedAt = me.now()
      worker.latestEndLsn = applier.received
      worker.latestEndAt = message.sentAt
      return false
    case 'command complete':
    case 'copy done':
      say(applier, 'data stream from publisher has ended')
      return true
    case 'error':
      return fail('08P01', `could not receive data from WAL stream: ${message.level}:  ${message.message}`)
    default:
      return false
  }
}
