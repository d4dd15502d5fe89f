// A backend: serves one client, from its startup packet to its end. Mirrors PostgresMain and BackendStartup. SQL is in
// sql/; a client that asks for replication gets a WAL sender.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Socket } from '../machine/socket.ts'
import type { Admission, Server } from '../server.ts'
import { PostgresError } from '../shared/error.ts'
import { titleOf } from './auxiliary.ts'
import { commandLoop } from './backend/command-loop.ts'
import { Interrupts } from './backend/interrupts.ts'
import { reportError } from './backend/report.ts'
import { address, initialise, readStartupPacket } from './backend/start-up.ts'

export function* backend(me: Process, server: Server, client: Socket, admission: Admission): Coroutine {
  me.setTitle(titleOf(server, 'initializing'))
  me.leavesWithParent = true
  // Before the session stands, every way to end is at once and without a word.
  me.on('QUIT', () => me.exitAtOnce(2))
  me.on('TERM', () => me.exitAtOnce(1))
  me.ignore('INT', 'USR1', 'USR2', 'HUP', 'CHLD')
  try {
    const packet = yield* readStartupPacket(me, server, client, admission)
    if (!packet) return
    const interrupts = new Interrupts(me, server, client)
    const proc = yield* initialise(me, server, client, packet)
    interrupts.attach(proc)
    traceConnection(me, server, client)
    if (packet.replication) {
      // A walsender that is told to quit says nothing: what it sends is a stream of WAL.
      me.on('QUIT', () => me.exitAtOnce(2))
      yield* server.types.walSender(me, server, client, proc)
    } else yield* me.loop(commandLoop({ me, server, client, proc, interrupts }))
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    // What is thrown out of the command loop ends the session: an ERROR while it begins is FATAL too.
    reportError(me, server, client, error.level === 'ERROR' ? asFatal(error) : error)
    if (error.level === 'PANIC') {
      me.signal('ABRT')
      yield
    }
    me.exit(1)
  }
}

function asFatal(error: PostgresError): PostgresError {
  return new PostgresError('FATAL', error.sqlstate, error.message, error)
}

function traceConnection(me: Process, server: Server, client: Socket): void {
  const { trace } = server.environment
  const opened = trace.emit('connection.opened', me.place, { backend: me.pid, from: client.to }, me.cause)
  me.atExit(() => trace.emit('connection.closed', me.place, { backend: me.pid }, opened || me.cause))
  me.setTitle(titleOf(server, address(me, client), 'authentication'))
}
