// The WAL receiver: connects to the primary, writes and flushes what it streams, and tells it how far the standby is.
// It lives for one connection; when that fails the startup process asks for another. Mirrors walreceiver.c.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Socket } from '../machine/socket.ts'
import { historyName, historyPath, writeHistoryContent } from '../recovery/timelines.ts'
import {
  ask,
  closedUnexpectedly,
  connect,
  failureOf,
  nextAnswer,
  noSocket,
  query,
} from '../replication/primary-connection.ts'
import type { Server } from '../server.ts'
import { fail, fatal } from '../shared/error.ts'
import type { BackendMessage } from '../shared/protocol.ts'
import { versionFacts } from '../shared/versions.ts'
import { beginAuxiliary, whole } from './auxiliary.ts'
import { Reception } from './walreceiver/reception.ts'

export function* walReceiver(me: Process, server: Server): Coroutine {
  yield* beginAuxiliary(me, server, 'walreceiver')
  const { walReceiver: state, requests } = server.shared
  if (state.phase !== 'starting') return
  state.process = me
  state.phase = 'streaming'
  me.on('TERM', () => {
    terminated = true
    me.latch.set()
  })
  let terminated = false
  me.checkForInterrupts = () => {
    if (terminated) fatal('57P01', 'terminating walreceiver process due to administrator command')
  }
  let socket: Socket | undefined
  me.atExit(() => {
    state.phase = 'stopped'
    state.process = undefined
    state.isConnected = false
    if (socket && !socket.ending) ask(socket, { kind: 'terminate', size: 5 })
    requests.startupLatch?.set(me.cause)
  })
  yield* whole(me, server, function* () {
    socket = yield* reach(me, server)
    state.isConnected = true
    yield* receive(me, server, socket)
  })
}

/** A standby is known by the name of its cluster, unless its connection string gives it another. */
function* reach(me: Process, { environment, shared }: Server): Coroutine<Socket> {
  const { settings, version } = environment
  const applicationName = settings.get('cluster_name') || 'walreceiver'
  const purpose = { applicationName, replication: 'physical' } as const
  const socket = yield* connect(me, environment, shared.walReceiver.conninfo, purpose)
  if ('failure' in socket) {
    const who = `streaming replication receiver "${applicationName}"`
    fatal('08006', versionFacts(version).cannotConnectToPrimary(who, socket.failure))
  }
  return socket
}

function* receive(me: Process, server: Server, socket: Socket): Coroutine {
  const { shared, environment } = server
  const { walReceiver: state } = shared
  for (let isFirst = true; ; isFirst = false) {
    const primary = yield* identify(me, server, socket)
    const { timeline, receiveStart: start } = state
    if (primary.timeline < timeline) {
      fail('XX000', `highest timeline ${primary.timeline} of the primary is behind recovery timeline ${timeline}`)
    }
    yield* fetchHistories(me, server, socket, timeline, primary.timeline)
    if (yield* startStreaming(me, server, socket)) {
      const verb = isFirst ? 'started streaming WAL from primary' : 'restarted WAL streaming'
      environment.log.log(me, `${verb} at ${formatLsn(start)} on timeline ${timeline}`)
      const reception = new Reception(me, server, socket, { start, timeline })
      const ending = yield* me.loop(reception.run())
      const end = formatLsn(reception.written)
      environment.log.log(me, 'replication terminated by primary server', {
        detail: `End of WAL reached on timeline ${timeline} at ${end}.`,
      })
      if (ending.kind === 'command complete') {
        yield* nextAnswer(me, socket)
        const noCopy = environment.version >= 18 ? noSocket : ''
        fatal(
          '08006',
          `could not send end-of-streaming message to primary: ${closedUnexpectedly}${noCopy}\n\tno COPY in progress`,
        )
      }
      ask(socket, { kind: 'copy done', size: 5 })
      yield* waitUntilReady(me, socket)
      yield* fetchHistories(me, server, socket, timeline, ending.nextTimeline ?? timeline)
    } else {
      environment.log.log(me, `primary server contains no more WAL on requested timeline ${timeline}`)
    }
    yield* waitForStartPosition(me, server)
  }
}

function* identify(
  me: Process,
  { shared }: Server,
  socket: Socket,
): Coroutine<Extract<BackendMessage, { kind: 'system identified' }>> {
  const failure = 'could not receive database system identifier and timeline ID from the primary server'
  const identified = yield* query(me, socket, { kind: 'identify system', size: 22 }, 'system identified', failure)
  const ours = String(shared.controlFile.data.systemIdentifier)
  if (identified.systemIdentifier !== ours) {
    fatal('XX000', 'database system identifier differs between the primary and standby', {
      detail: `The primary's identifier is ${identified.systemIdentifier}, the standby's identifier is ${ours}.`,
    })
  }
  return identified
}

/** History files of timelines that the primary knows and this server does not. */
function* fetchHistories(me: Process, server: Server, socket: Socket, from: number, to: number): Coroutine {
  const { pgWal, log } = server.environment
  for (let timeline = from; timeline <= to; timeline++) {
    if (timeline === 1 || pgWal.exists(historyPath(timeline))) continue
    log.log(me, `fetching timeline history file for timeline ${timeline} from primary server`)
    const failure = 'could not receive timeline history file from the primary server'
    const request = { kind: 'timeline history', timeline, size: 30 } as const
    const { content } = yield* query(me, socket, request, 'timeline history content', failure)
    yield* writeHistoryContent(me, pgWal, timeline, content)
    server.shared.wal.archiveStatus.received(me, historyName(timeline))
  }
}

/** False: the timeline ends where streaming was to begin. */
function* startStreaming(me: Process, server: Server, socket: Socket): Coroutine<boolean> {
  const { walReceiver: state } = server.shared
  const slot = state.slotName === '' ? undefined : state.slotName
  ask(socket, { kind: 'start replication', slot, start: state.receiveStart, timeline: state.timeline, size: 60 })
  for (;;) {
    const answer = yield* nextAnswer(me, socket)
    if (answer === undefined) return fatal('08006', `could not start WAL streaming: ${closedUnexpectedly}`)
    if (answer.kind === 'error') throw failureOf('could not start WAL streaming', answer)
    if (answer.kind === 'copy both') return true
    if (answer.kind === 'copy done') {
      yield* waitUntilReady(me, socket)
      return false
    }
  }
}

function* waitUntilReady(me: Process, socket: Socket): Coroutine {
  for (;;) {
    const answer = yield* nextAnswer(me, socket)
    if (answer === undefined || answer.kind === 'ready') return
  }
}

/** The timeline is over: the startup process decides where to go on, and from which timeline. */
function* waitForStartPosition(me: Process, { shared }: Server): Coroutine {
  const { walReceiver: state, requests } = shared
  if (state.phase === 'stopping') me.exit(1)
  state.phase = 'waiting'
  requests.startupLatch?.set(me.cause)
  while (state.phase === 'waiting') {
    yield* me.waitLatch({ waitEvent: 'WalReceiverWaitStart' })
    me.latch.reset()
    yield* me.pause()
  }
  state.phase = 'streaming'
}
