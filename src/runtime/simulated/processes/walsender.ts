// A WAL sender: streams the WAL to one standby as it is flushed, hears how far the standby is, and releases commits
// that wait for it. Mirrors walsender.c. What it sends from is in walsender/, and what it does for a subscriber.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Socket } from '../machine/socket.ts'
import { historyPath, nextTimeline, readHistory, switchPoint, text } from '../recovery/timelines.ts'
import type { Server } from '../server.ts'
import { fail, fatal, PostgresError } from '../shared/error.ts'
import type { Proc } from '../shared/proc.ts'
import { type FrontendMessage, textSize } from '../shared/protocol.ts'
import { versionFacts } from '../shared/versions.ts'
import { setTitle } from './auxiliary.ts'
import { showActivity } from './backend/interrupts.ts'
import { reportError, send } from './backend/report.ts'
import { answerSubscriber } from './walsender/logical-commands.ts'
import { flushedHere, type Sending, walSenderTitle } from './walsender/sending.ts'
import { streamWal } from './walsender/stream.ts'

type StartReplication = Extract<FrontendMessage, { kind: 'start replication' }>

export function* walSender(me: Process, server: Server, client: Socket, proc: Proc): Coroutine {
  const { shared, environment } = server
  const sender = shared.walSenders.add(me, proc)
  me.atExit(() => {
    shared.walSenders.remove(sender)
    shared.requests.physicalSenders.delete(me.latch)
    shared.requests.logicalSenders.delete(me.latch)
  })
  send(client, {
    kind: 'authenticated',
    pid: me.pid,
    key: 0,
    parameters: {
      in_hot_standby: shared.recovery.inRecovery ? 'on' : 'off',
      default_transaction_read_only: 'off',
      server_version: versionFacts(environment.version).release,
      application_name: proc.applicationName,
    },
    size: 380,
  })
  const self: Sending = { me, server, client, proc, sender }
  for (;;) {
    send(client, { kind: 'ready', status: 'I', size: 6 })
    setTitle(me, server, walSenderTitle(self), 'idle')
    showActivity(proc, me.now(), 'idle')
    const message = yield* nextMessage(me, client)
    if (message === undefined || message.kind === 'terminate') return
    try {
      if (!(yield* answer(self, message))) return
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error
      releaseSlot(self)
      self.transaction?.abortAll()
      reportError(me, server, client, error, proc.statement)
      if (error.level !== 'ERROR') me.exit(1)
    }
  }
}

/** False: the connection is over. */
function* answer(self: Sending, message: FrontendMessage): Coroutine<boolean> {
  const { me, server, client, proc } = self
  const { pgWal } = server.environment
  switch (message.kind) {
    case 'identify system':
      showActivity(proc, me.now(), 'active', 'IDENTIFY_SYSTEM')
      send(client, {
        kind: 'system identified',
        systemIdentifier: String(server.shared.controlFile.data.systemIdentifier),
        ...flushedHere(server),
        size: 60,
      })
      return true
    case 'timeline history': {
      showActivity(proc, me.now(), 'active', `TIMELINE_HISTORY ${message.timeline}`)
      const path = historyPath(message.timeline)
      if (!pgWal.exists(path)) fail('58P01', `could not open file "${path}": No such file or directory`)
      const content = text(pgWal.peek(path))
      send(client, { kind: 'timeline history content', timeline: message.timeline, content, size: textSize(content) })
      return true
    }
    case 'start replication':
      return yield* startReplication(self, message)
    default:
      return (
        (yield* answerSubscriber(self, message)) ?? fatal('08P01', `invalid frontend message type: ${message.kind}`)
      )
  }
}

/** Streams until the standby leaves (false), or the timeline that it asked for ends (true). */
function* startReplication(self: Sending, message: StartReplication): Coroutine<boolean> {
  const { me, server, client, proc, sender } = self
  const { shared, environment } = server
  const slot = message.slot === undefined ? '' : `SLOT "${message.slot}" `
  const statement = `START_REPLICATION ${slot}${formatLsn(message.start)} TIMELINE ${message.timeline}`
  showActivity(proc, me.now(), 'active', statement)
  setTitle(me, server, walSenderTitle(self), 'START_REPLICATION')
  if (message.slot !== undefined) sender.slot = shared.slots.acquire(me, message.slot)
  const here = flushedHere(server)
  const history = readHistory(environment.pgWal, here.timeline)
  const end = switchPoint(history, message.timeline)
  if (end === undefined || message.start > end) {
    const place = `${formatLsn(message.start)} on timeline ${message.timeline}`
    fail('XX000', `requested starting point ${place} is not in this server's history`, {
      ...(end === undefined
        ? {}
        : { detail: `This server's history forked from timeline ${message.timeline} at ${formatLsn(end)}.` }),
    })
  }
  if (end === Number.POSITIVE_INFINITY && message.start > here.flushed) {
    const flushed = formatLsn(here.flushed)
    fail(
      'XX000',
      `requested starting point ${formatLsn(message.start)} is ahead of the WAL flush position of this server ${flushed}`,
    )
  }
  if (message.start === end) {
    releaseSlot(self)
    send(client, { kind: 'copy done', ...next(history, message.timeline), size: 20 })
    return true
  }
  send(client, { kind: 'copy both', size: 8 })
  sender.phase = 'catchup'
  sender.sent = message.start
  shared.requests.physicalSenders.add(me.latch)
  const outcome = yield* me.loop(streamWal(self, message.timeline))
  shared.requests.physicalSenders.delete(me.latch)
  if (outcome === 'over') return false
  releaseSlot(self)
  sender.phase = 'startup'
  return true
}

function releaseSlot({ me, server, sender }: Sending): void {
  if (sender.slot) server.shared.slots.release(me, sender.slot)
  sender.slot = undefined
}

function next(
  history: ReturnType<typeof readHistory>,
  timeline: number,
): { readonly nextTimeline?: number; readonly switchPoint?: number } {
  const following = nextTimeline(history, timeline)
  return following === undefined ? {} : { nextTimeline: following, switchPoint: switchPoint(history, timeline) }
}

function* nextMessage(me: Process, client: Socket): Coroutine<FrontendMessage | undefined> {
  let message = client.take()
  while (message === undefined && client.ending === undefined) {
    yield* me.waitLatch({ waitEvent: 'ClientRead' })
    me.latch.reset()
    yield* me.pause()
    message = client.take()
  }
  return message as FrontendMessage | undefined
}
