// The archiver: copies finished WAL files to where archive_command puts them, oldest first, and tries again until it
// has. Mirrors pgarch.c and shell_archive.c. Which files are finished is told by wal/archive-status.ts.

import { minute, second } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { type ExitStatus, signals } from '../machine/signals.ts'
import type { Server } from '../server.ts'
import { fatal } from '../shared/error.ts'
import { versionFacts } from '../shared/versions.ts'
import { ReadyFiles } from './archiver/ready-files.ts'
import { beginAuxiliary, setTitle, whole } from './auxiliary.ts'

/** It looks for work so often even if nobody wakes it. */
const wakeInterval = minute
const mostTries = 3
const retryInterval = second
/** A shell's exit codes above this one tell of a signal, or of a command that does not exist. */
const lastHarmlessCode = 125

interface Archiver {
  readonly me: Process
  readonly server: Server
  readonly files: ReadyFiles
}

export function* archiver(me: Process, server: Server): Coroutine {
  yield* beginAuxiliary(me, server, 'archiver')
  me.remember('USR2')
  // Without a postmaster it finishes the command that runs, and begins no other.
  me.leavesWithParent = false
  const { requests, wal } = server.shared
  requests.archiverLatch = me.latch
  me.atExit(() => {
    requests.archiverLatch = undefined
  })
  const self: Archiver = { me, server, files: new ReadyFiles(wal.archiveStatus, requests) }
  yield* whole(me, server, () => mainLoop(self))
}

function* mainLoop(self: Archiver): Coroutine {
  const { me } = self
  let terminatedAt: number | undefined
  for (let isLast = false; !isLast; ) {
    me.latch.reset()
    isLast = me.received('USR2')
    me.forget('HUP')
    if (me.received('TERM')) {
      // A stray SIGTERM must not end archiving for good: the postmaster starts another archiver.
      terminatedAt ??= me.now()
      if (me.now() >= terminatedAt + minute) return
    }
    yield* archiveAll(self)
    const until = me.now() + wakeInterval
    if (!isLast) yield* me.waitLatch({ until, waitEvent: 'ArchiverMain' })
    if (!me.parent?.alive) isLast = true
    yield* me.pause()
  }
}

/** Archives what waits, until nothing does or one file fails too often. */
function* archiveAll(self: Archiver): Coroutine {
  const { me, server, files } = self
  files.clear()
  for (let name = files.next(); name !== undefined; name = files.next()) {
    for (let tries = 1; ; tries++) {
      if (me.received('TERM') || !me.parent?.alive) return
      if (!isConfigured(self)) return
      if (isOrphan(self, name)) break
      if (yield* archive(self, name)) {
        finish(self, name)
        break
      }
      if (tries >= mostTries) {
        server.environment.log.report(me, {
          level: 'WARNING',
          sqlstate: '01000',
          message: `archiving write-ahead log file "${name}" failed too many times, will try again later`,
        })
        return
      }
      yield* me.sleep(retryInterval, 'ArchiverRetry')
    }
  }
}

function isConfigured({ me, server: { environment } }: Archiver): boolean {
  if (environment.settings.get('archive_command') !== '') return true
  environment.log.report(me, {
    level: 'WARNING',
    sqlstate: '01000',
    ...versionFacts(environment.version).archivingIsNotConfigured,
  })
  return false
}

/** A crash can leave the word that a file waits which is gone. */
function isOrphan({ me, server: { environment, shared } }: Archiver, name: string): boolean {
  if (environment.pgWal.exists(`pg_wal/${name}`)) return false
  shared.wal.archiveStatus.forget(name)
  environment.log.report(me, {
    level: 'WARNING',
    sqlstate: '01000',
    message: `removed orphan archive status file "pg_wal/archive_status/${name}.ready"`,
  })
  return true
}

function* archive(self: Archiver, name: string): Coroutine<boolean> {
  const { me, server } = self
  const { environment, shared } = server
  setTitle(me, server, 'archiver', `archiving ${name}`)
  const path = `pg_wal/${name}`
  const command = environment.settings
    .get('archive_command')
    .replace(/%([pf%])/g, (_, what: string) => (what === 'p' ? path : what === 'f' ? name : '%'))
  const status = yield* runCommand(self, command)
  if ('code' in status && status.code === 0) {
    setTitle(me, server, 'archiver', `last was ${name}`)
    return true
  }
  const reason = complaint(status)
  const { archiveStatus } = shared.wal
  const { trace } = environment
  const detail = `The failed archive command was: ${command}`
  const isHard = 'signal' in status || status.code > lastHarmlessCode
  if (trace.wants('archive.failed')) {
    const ready = archiveStatus.waiting().length
    trace.emit('archive.failed', me.place, { segment: name, reason, ready }, me.cause)
  }
  if (isHard) fatal('XX000', reason, { detail })
  environment.log.log(me, reason, { detail })
  setTitle(me, server, 'archiver', `failed on ${name}`)
  shared.archiverStatistics.failed(name, me.now())
  return false
}

/** While a command runs, signals of a crash cycle end the command, and it is this that ends the archiver. */
function* runCommand({ me, server }: Archiver, command: string): Coroutine<ExitStatus> {
  let signal: 'QUIT' | undefined
  me.on('QUIT', () => {
    signal = 'QUIT'
    me.latch.set()
  })
  const status = yield* server.shell.run(me, command, {
    kind: 'archive_command',
    waitEvent: 'ArchiveCommand',
    interruptedBy: () => signal,
  })
  me.on('QUIT', () => me.exitAtOnce(2))
  return status
}

function complaint(status: ExitStatus): string {
  if ('code' in status) return `archive command failed with exit code ${status.code}`
  const { number, description } = signals[status.signal]
  return `archive command was terminated by signal ${number}: ${description}`
}

function finish({ me, server: { environment, shared } }: Archiver, name: string): void {
  const { archiveStatus } = shared.wal
  const { trace } = environment
  archiveStatus.markDone(name)
  shared.archiverStatistics.archived(name, me.now())
  if (trace.wants('archive.done')) {
    trace.emit('archive.done', me.place, { segment: name, ready: archiveStatus.waiting().length }, me.cause)
  }
}
