// How a process of a standby reaches its primary, and what libpq says when it can't. Mirrors libpqwalreceiver.c and the
// parts of fe-connect.c that can be seen in the log. Names in queries mean what they say here: the search path, which a
// real one empties first, is left as it is.

import { second } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Socket } from '../machine/socket.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { PostgresError } from '../shared/error.ts'
import { type BackendMessage, type FrontendMessage, textSize } from '../shared/protocol.ts'
import { parseConninfo } from './conninfo.ts'

export const closedUnexpectedly =
  'server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.'

/** What 18 adds where it goes on to ask. */
export const noSocket = '\n\tinvalid socket'

/** When TCP sends its SYN again, and when it gives up. */
const synRetries = [1, 3, 7, 15, 31, 63, 127].map(seconds => seconds * second)
/** How long the neighbour of a host that is down asks for it in vain. */
const noRoute = 3 * second

/** Who connects, and what for: to be sent the WAL, or to ask the database that the connection string names. */
export interface Purpose {
  /** It is known by this name unless the connection string gives it another. */
  readonly applicationName: string
  readonly replication?: 'physical' | 'logical'
}

/** Connects and logs in; otherwise gives what libpq says, as the primary or the network has it. */
export function* connect(
  me: Process,
  environment: ServerEnvironment,
  conninfo: string,
  { applicationName, replication }: Purpose,
): Coroutine<Socket | { readonly failure: string }> {
  const options = parseConninfo(conninfo)
  const host = options.get('host') ?? 'localhost'
  const port = Number(options.get('port') ?? 5432)
  const where = `connection to server at "${host}", port ${port} failed: `
  const timeout = Number(options.get('connect_timeout') ?? 0) * second
  const socket = yield* open(me, environment, { host, port, timeout })
  if (typeof socket === 'string') return { failure: `${where}${socket}` }
  socket.attach(me)
  ask(socket, {
    kind: 'startup',
    user: options.get('user') ?? 'postgres',
    database: replication === 'physical' ? 'replication' : (options.get('dbname') ?? options.get('user') ?? 'postgres'),
    applicationName: options.get('application_name') ?? applicationName,
    ...(replication ? { replication } : {}),
    options: {},
    size: 120,
  })
  for (;;) {
    const message = yield* nextAnswer(me, socket)
    if (message === undefined) return { failure: `${where}${closedUnexpectedly}` }
    if (message.kind === 'error') {
      const detail = message.detail === undefined ? '' : `\n\tDETAIL:  ${message.detail}`
      return { failure: `${where}${message.level}:  ${message.message}${detail}` }
    }
    if (message.kind === 'ready') return socket
  }
}

/** By what this server's processes are known to others, unless it has a name. */
export function nameBefore({ settings }: ServerEnvironment, name: string): string {
  const cluster = settings.get('cluster_name')
  return cluster === '' ? name : `${cluster}_${name}`
}

function* open(
  me: Process,
  { network, name }: ServerEnvironment,
  to: { readonly host: string; readonly port: number; readonly timeout: number },
): Coroutine<Socket | string> {
  const began = me.now()
  const link = network.link(name, to.host)
  if (!network.hostOf(to.host))
    return `could not translate host name "${to.host}" to address: Name or service not known`
  for (const retry of synRetries) {
    yield* me.sleep(link.delay(0) + link.delay(0), 'LibPQWalReceiverConnect')
    const socket = network.connect(name, to.host, to.port)
    if (socket === 'refused') {
      return 'Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?'
    }
    if (socket) return socket
    const isDown = !network.hostOf(to.host)?.isUp
    const until = Math.min(began + (isDown ? noRoute : retry), to.timeout > 0 ? began + to.timeout : began + retry)
    yield* waitUntil(me, until)
    if (isDown && me.now() >= began + noRoute) {
      return 'No route to host\n\tIs the server running on that host and accepting TCP/IP connections?'
    }
    if (to.timeout > 0 && me.now() >= began + to.timeout) return 'timeout expired'
  }
  return 'Connection timed out\n\tIs the server running on that host and accepting TCP/IP connections?'
}

function* waitUntil(me: Process, until: number): Coroutine {
  while (me.now() < until) {
    yield* me.waitLatch({ until, waitEvent: 'LibPQWalReceiverConnect' })
    me.latch.reset()
    yield* me.pause()
  }
}

export function ask(socket: Socket, message: FrontendMessage): void {
  socket.send(message)
}

/** The next message; undefined: the connection is over. */
export function* nextAnswer(me: Process, socket: Socket): Coroutine<BackendMessage | undefined> {
  for (;;) {
    const message = socket.take() as BackendMessage | undefined
    if (message !== undefined) return message
    if (socket.ending !== undefined) return undefined
    yield* me.waitLatch({ waitEvent: 'LibPQWalReceiverReceive' })
    me.latch.reset()
    yield* me.pause()
  }
}

/** Asks, and takes the answer of one kind; `failure` begins the message if there is another. */
export function* query<K extends BackendMessage['kind']>(
  me: Process,
  socket: Socket,
  message: FrontendMessage,
  kind: K,
  failure: string,
): Coroutine<Extract<BackendMessage, { kind: K }>> {
  ask(socket, message)
  let found: Extract<BackendMessage, { kind: K }> | undefined
  for (;;) {
    const answer = yield* nextAnswer(me, socket)
    if (answer === undefined) throw new PostgresError('FATAL', '08006', `${failure}: ${closedUnexpectedly}`)
    if (answer.kind === 'error') throw failureOf(failure, answer)
    if (answer.kind === kind) found = answer as Extract<BackendMessage, { kind: K }>
    if (answer.kind === 'ready' && found) return found
  }
}

export function failureOf(
  failure: string,
  answer: Extract<BackendMessage, { kind: 'error' | 'notice' }>,
): PostgresError {
  const detail = answer.detail === undefined ? '' : `\nDETAIL:  ${answer.detail}`
  return new PostgresError('FATAL', '08P01', `${failure}: ${answer.level}:  ${answer.message}${detail}`)
}

/** libpqrcv_exec: rows as text, or what went wrong. */
export function* rowsOf(
  me: Process,
  { version }: ServerEnvironment,
  socket: Socket,
  text: string,
): Coroutine<readonly (readonly (string | null)[])[] | { readonly failure: string }> {
  ask(socket, { kind: 'query', template: text, values: [], size: textSize(text) })
  let rows: readonly (readonly (string | null)[])[] = []
  let failure: string | undefined
  for (;;) {
    const answer = yield* nextAnswer(me, socket)
    if (answer === undefined)
      return { failure: version >= 18 ? `${closedUnexpectedly}${noSocket}` : closedUnexpectedly }
    if (answer.kind === 'error') failure = `${answer.level}:  ${answer.message}`
    if (answer.kind === 'rows') rows = answer.rows
    if (answer.kind === 'ready') return failure === undefined ? rows : { failure }
  }
}
