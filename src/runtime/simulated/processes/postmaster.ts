// The postmaster: starts the server's processes, forks a backend for every connection, reaps what ended, and leads the
// server up, down and through a crash. It touches shared memory only to make it. Mirrors postmaster.c.
//
// Its parts stand in postmaster/: who its children are, what it does about their end, in which order it all goes.

import { microsecond, minute, second } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Signal } from '../machine/signals.ts'
import type { Socket } from '../machine/socket.ts'
import type { Server } from '../server.ts'
import { destinationsOf } from '../shared/logging/log-formatter.ts'
import { settlePostmaster } from '../shared/process-memory.ts'
import { versionFacts } from '../shared/versions.ts'
import { removeTemporaryFiles } from '../storage/temporary-files.ts'
import { filesToArchive } from '../wal/archive-status.ts'
import { readControlFile } from '../wal/control-file.ts'
import { whole } from './auxiliary.ts'
import { currentLogFiles } from './logger/log-files.ts'
import { admit } from './postmaster/admission.ts'
import { checkSettings } from './postmaster/check-settings.ts'
import { Children } from './postmaster/children.ts'
import { listenOnPort, listenOnSocket } from './postmaster/listening.ts'
import type { Postmaster } from './postmaster/postmaster-context.ts'
import { reap } from './postmaster/reaper.ts'
import { reload } from './postmaster/reload.ts'
import { handleRequests } from './postmaster/requests.ts'
import { fastShutdown, immediateShutdown, smartShutdown } from './postmaster/shutdown.ts'
import { launcherIsMissing, startFirst, startMissing } from './postmaster/start-children.ts'
import { startSlotSyncWorker } from './postmaster/start-slotsync-worker.ts'
import { PostmasterState } from './postmaster/state.ts'
import { advance } from './postmaster/state-machine.ts'

/** From exec to the first line, and from one line to the next: reading settings, opening sockets. */
const startCost = 800 * microsecond
const reapCost = 600 * microsecond
/** How long children that were told to quit may take. */
const killAfter = 5 * second

export function* postmaster(me: Process, server: Server): Coroutine {
  me.setTitle(`${server.binDirectory}/postgres -D ${server.dataDirectory}`)
  me.remember('HUP', 'TERM', 'INT', 'QUIT', 'USR1', 'CHLD')
  me.ignore('USR2')
  me.charge(startCost)
  yield* me.pause()
  yield* whole(me, server, function* () {
    checkSettings(server.environment)
  })
  lock(me, server)
  yield* whole(me, server, function* () {
    settlePostmaster(me)
  })
  removeTemporaryFiles(server.environment.data)
  const connections: Socket[] = []
  const children = new Children(server, me)
  yield* open(me, server, children, connections)
  yield* whole(me, server, function* () {
    server.initialize(me, yield* readControlFile(me, server.environment))
  })
  yield* me.pause()
  const self = context(me, server, children)
  startFirst(self)
  for (;;) {
    yield* me.waitLatch({ until: wakeAt(self), waitEvent: 'PostmasterMain' })
    me.latch.reset()
    yield* takeSignals(self)
    for (let client = connections.shift(); client; client = connections.shift()) {
      self.children.forkBackend(client, admit(server, self.state, self.children))
    }
    startMissing(self)
    startSlotSyncWorker(self)
    killStragglers(self)
    yield* me.pause()
  }
}

/** postmaster.pid and the shared memory block: neither may belong to a server that still runs. */
function lock(me: Process, server: Server): void {
  const { log } = server.environment
  const others = server.processesAlive().filter(process => process !== me && process.type !== 'logger')
  if (others.length === 0) return
  const running = others.find(process => process.type === 'postmaster')
  const directory = server.dataDirectory
  // What it says goes to its own terminal: the collector is of those who run.
  const { collector } = log
  log.collector = undefined
  log.report(
    me,
    running
      ? {
          level: 'FATAL',
          sqlstate: 'F0001',
          message: 'lock file "postmaster.pid" already exists',
          hint: `Is another postmaster (PID ${running.pid}) running in data directory "${directory}"?`,
        }
      : {
          level: 'FATAL',
          sqlstate: 'F0001',
          message: `pre-existing shared memory block (key ${server.sharedMemoryKey}, ID ${server.sharedMemoryId}) is still in use`,
          hint: `Terminate any old server processes associated with data directory "${directory}".`,
        },
  )
  log.collector = collector
  me.exit(1)
}

function* open(me: Process, server: Server, children: Children, connections: Socket[]): Coroutine {
  const { log, version, trace } = server.environment
  server.postmaster = me
  server.isUp = true
  const release = versionFacts(version).release
  const ready = filesToArchive(server.environment.pgWal).length
  const fields = ready > 0 ? { version: release, archive_ready: ready } : { version: release }
  me.cause = trace.emit('node.starting', me.place, fields, me.cause) || me.cause
  collectLog(me, server, children)
  log.log(me, `starting PostgreSQL ${release} on x86_64-pc-linux-gnu, 64-bit`)
  me.charge(startCost)
  yield* me.pause()
  listenOnPort(me, server, connections)
  me.charge(startCost)
  yield* me.pause()
  listenOnSocket(me, server)
}

/** The logger comes before all others. What the log has told so far went to the terminal. */
function collectLog(me: Process, server: Server, children: Children): void {
  const { settings, log, data } = server.environment
  data.remove(currentLogFiles)
  if (!settings.get('logging_collector')) return
  const collector = server.makeLogCollector()
  children.forkLogger()
  const redirection = {
    level: 'LOG',
    message: 'redirecting log output to logging collector process',
    hint: `Future log output will appear in directory "${settings.get('log_directory')}".`,
  } as const
  log.report(me, redirection)
  // Its lines count as the postmaster's first.
  collector.formatter.format(me, 'stderr', redirection)
  log.collector = collector
  if (destinationsOf(settings).includes('stderr')) return
  const last = {
    level: 'LOG',
    message: 'ending log output to stderr',
    hint: `Future log output will go to log destination "${settings.get('log_destination')}".`,
  } as const
  collector.write(me, 'stderr', collector.formatter.format(me, 'stderr', last))
  log.report(me, last)
}

function context(me: Process, server: Server, children: Children): Postmaster {
  const { log, trace } = server.environment
  return {
    me,
    server,
    state: new PostmasterState(),
    children,
    exit(code, reason) {
      const last = log.log(me, 'database system is shut down')
      server.wentDown(reason, last || me.cause)
      return me.exit(code)
    },
    tellAccepting(writable, cause) {
      server.accepting = writable ? 'writes' : 'reads'
      trace.emit('node.accepting', me.place, { writable }, cause || me.cause)
    },
    tellRefusing(reason) {
      if (server.accepting === 'nothing') return
      server.accepting = 'nothing'
      trace.emit('node.refusing', me.place, { reason }, me.cause)
    },
  }
}

const shutdowns: readonly [Signal, (self: Postmaster) => void][] = [
  ['QUIT', immediateShutdown],
  ['INT', fastShutdown],
  ['TERM', smartShutdown],
  ['HUP', reload],
]

function* takeSignals(self: Postmaster): Coroutine {
  const { me } = self
  for (const [signal, handle] of shutdowns) {
    if (!me.received(signal)) continue
    me.forget(signal)
    handle(self)
    yield* me.pause()
  }
  me.forget('CHLD')
  for (let ended = me.exitedChildren.shift(); ended; ended = me.exitedChildren.shift()) {
    me.charge(reapCost)
    yield* me.pause()
    reap(self, ended.process, ended.status)
    advance(self)
    yield* me.pause()
  }
  if (me.received('USR1')) {
    me.forget('USR1')
    handleRequests(self)
    advance(self)
  }
}

function wakeAt({ state, me, children, server }: Postmaster): number {
  if (state.abortStartedAt > 0) return state.abortStartedAt + killAfter
  const launcherIsDue = state.phase === 'run' && launcherIsMissing(children, server)
  return launcherIsDue ? Math.min(state.launcherRestartAt, me.now() + minute) : me.now() + minute
}

function killStragglers({ state, me, server, children }: Postmaster): void {
  if (state.abortStartedAt === 0 || me.now() < state.abortStartedAt + killAfter) return
  if (!state.fatalError && state.shutdown !== 'immediate') return
  server.environment.log.log(me, 'issuing SIGKILL to recalcitrant children')
  children.signalAll('KILL')
  state.abortStartedAt = 0
}
