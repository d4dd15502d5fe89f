// The startup process: recovers the server, or replays for ever on a standby. What it does is in recovery/; here are
// its signals. Mirrors startup.c.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { RecoveryContext } from '../recovery/context.ts'
import { startUp } from '../recovery/start-up.ts'
import type { Server } from '../server.ts'
import { versionFacts } from '../shared/versions.ts'
import { beginAuxiliary, setTitle, whole } from './auxiliary.ts'

export function* startup(me: Process, server: Server): Coroutine {
  const proc = yield* beginAuxiliary(me, server, 'startup')
  me.remember('USR2')
  const { shared } = server
  shared.transactions.standbyLocks.owner = proc
  shared.requests.startupLatch = me.latch
  yield* whole(me, server, () => startUp(me, contextOf(me, server)))
}

function contextOf(me: Process, server: Server): RecoveryContext {
  const { environment, shared } = server
  let conninfo = environment.settings.get('primary_conninfo')
  let slotName = environment.settings.get('primary_slot_name')
  return {
    environment,
    services: shared,
    signalPostmaster: reason => server.signalPostmaster(reason, me.cause),
    wasConsistent: server.wasConsistent && versionFacts(environment.version).remembersConsistency,
    run: (command, what) => {
      const interruptedBy = () => (me.received('TERM') ? ('TERM' as const) : undefined)
      return server.shell.run(me, command, { ...what, interruptedBy })
    },
    show: activity => setTitle(me, server, 'startup', activity),
    checkForInterrupts() {
      if (me.received('TERM')) me.exit(1)
    },
    isPromoteRequested() {
      const { recovery } = shared
      if (recovery.promoteTriggered) return true
      if (!me.received('USR2') || !server.promoteFileExists) return false
      me.forget('USR2')
      environment.log.log(me, 'received promote request')
      environment.data.remove('promote')
      recovery.promoteTriggered = true
      return true
    },
    takeStreamRestart() {
      if (!me.received('HUP')) return false
      me.forget('HUP')
      const { settings, log } = environment
      const before = `${conninfo} ${slotName}`
      conninfo = settings.get('primary_conninfo')
      slotName = settings.get('primary_slot_name')
      if (before === `${conninfo} ${slotName}`) return false
      if (shared.walReceiver.isRunning) log.log(me, 'WAL receiver process shutdown requested')
      return true
    },
  }
}
