// The client's side of opening a connection: TCP's handshake with its retries, then PostgreSQL's start-up. Mirrors what
// libpq and the Linux kernel under it do for one host.
//
// | fault | what the client is told |
// |---|---|
// | nobody listens | Connection refused, after a round trip |
// | the host is down | No route to host, when nobody answered for three seconds who has its address |
// | the link is cut | Connection timed out, after the last of six retries; or timeout expired, after connect_timeout |

import { second } from '../../../model/units.ts'
import { connectFailed, connectionEnded } from '../../clients/libpq-messages.ts'
import type { RequestOf, ResponseOf, ServerMessage } from '../../engine.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Network } from '../machine/link.ts'
import type { Process } from '../machine/process.ts'
import type { Socket } from '../machine/socket.ts'
import type { Server } from '../server.ts'
import type { BackendMessage } from '../shared/protocol.ts'
import { textSize } from '../shared/protocol.ts'
import { SimulatedConnection } from './connection.ts'
import { nextMessage, serverMessage } from './messages.ts'

/** When Linux sends SYN again, and when it gives up (tcp_syn_retries = 6). */
const retries = [1, 3, 7, 15, 31, 63].map(seconds => seconds * second)
const handshakeLimit = 127 * second
/** Three ARP probes a second apart. */
const neighbourLimit = 3 * second

type Answer = ResponseOf<'connect'>

export function* connect(
  me: Process,
  request: RequestOf<'connect'>,
  server: Server,
  network: Network,
  replication?: 'logical',
): Coroutine<Answer> {
  const { from, node, timeout } = request
  const port = server.environment.settings.get('port')
  const deadline = timeout === undefined ? Number.POSITIVE_INFINITY : me.now() + timeout
  const fail = (message: string): Answer => ({ failure: connectFailed(node, port, message) })
  const opened = yield* handshake(me, from, node, port, deadline, network)
  if (typeof opened === 'string') return fail(opened)
  const socket = opened
  if (request.tcpUserTimeout !== undefined) socket.userTimeout = request.tcpUserTimeout
  socket.keepAlive(request.keepalive)
  socket.attach(me)
  const { database, applicationName } = request
  socket.send({
    kind: 'startup',
    user: 'postgres',
    database,
    applicationName,
    ...(replication ? { replication } : {}),
    options: {},
    size: 21 + textSize(database, applicationName),
  } as never)
  const outcome = yield* startUp(me, socket, node, server, deadline)
  if (outcome instanceof SimulatedConnection) return { connection: outcome }
  socket.close()
  return typeof outcome === 'string' ? fail(outcome) : { failure: outcome }
}

/** Gives the socket, or what the system says of why there is none. */
function* handshake(
  me: Process,
  from: string,
  node: string,
  port: number,
  deadline: number,
  network: Network,
): Coroutine<Socket | string> {
  const begun = me.now()
  for (const retry of [...retries, handshakeLimit]) {
    const socket = network.connect(from, node, port)
    if (socket !== undefined) {
      yield* me.sleep(2 * network.link(from, node).delay(0), 'Connect')
      return socket === 'refused' ? 'Connection refused' : socket
    }
    const link = network.link(from, node)
    const isDown = network.hostOf(node)?.isUp === false && !link.isCut(from) && !link.isCut(node)
    const until = begun + (isDown ? Math.min(retry, neighbourLimit) : retry)
    if (until >= deadline) {
      yield* me.sleep(deadline - me.now(), 'Connect')
      return 'timeout expired'
    }
    yield* me.sleep(until - me.now(), 'Connect')
    if (isDown && until - begun >= neighbourLimit) return 'No route to host'
  }
  return 'Connection timed out'
}

/** Waits until the server is ready for the first query, or says why not. */
function* startUp(
  me: Process,
  socket: Socket,
  node: string,
  server: Server,
  deadline: number,
): Coroutine<SimulatedConnection | ServerMessage | string> {
  let authenticated: Extract<BackendMessage, { kind: 'authenticated' }> | undefined
  for (;;) {
    const message = yield* nextMessage(me, socket, deadline)
    if (message === 'too late') return 'timeout expired'
    if (message === undefined) return connectionEnded(socket.ending ?? 'end of file').message
    if (message.kind === 'error') return message.isBare ? message.message : serverMessage(message)
    if (message.kind === 'authenticated') authenticated = message
    if (message.kind === 'ready' && authenticated) {
      const proc = server.shared.procArray.byPid(authenticated.pid)
      return new SimulatedConnection(socket, node, authenticated, proc)
    }
  }
}
