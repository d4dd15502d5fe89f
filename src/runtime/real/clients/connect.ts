// Opening a client's connection to a real server: the link's handshake, then PostgreSQL's start-up. Answers as libpq
// does for one host.

import { connectFailed, connectionEnded } from '../../clients/libpq-messages.ts'
import type { RequestOf, ServerMessage } from '../../engine.ts'
import type { Links } from '../links/index.ts'
import { RealConnection } from './connection.ts'
import { serverMessage } from './protocol.ts'
import { TransactionTracker } from './tracking.ts'
import { Wire } from './wire.ts'

/** Where a node can be reached. */
export interface NodeAddress {
  /** The real one, on the loopback interface. */
  readonly port: number
  /** The one that the scenario's settings say, for what clients are told. */
  readonly shownPort: number
}

type Answer = { readonly connection: RealConnection } | { readonly failure: ServerMessage }

export async function connect(request: RequestOf<'connect'>, links: Links, address: NodeAddress): Promise<Answer> {
  const { from, node, database, timeout, tcpUserTimeout, keepalive, applicationName, tracksCommits } = request
  const deadline = timeout === undefined ? undefined : performance.now() + timeout / 1e6
  const fail = (why: string): Answer => ({ failure: connectFailed(node, address.shownPort, why) })
  const stream = await links.connect(from, node, address.port, {
    keepalive,
    ...(deadline === undefined ? {} : { deadline }),
    ...(tcpUserTimeout === undefined ? {} : { tcpUserTimeout }),
  })
  if (typeof stream === 'string') return fail(stream)
  const wire = new Wire(stream)
  wire.startUp({ user: 'postgres', database, application_name: applicationName })
  const outcome = await startUp(wire, node, deadline, tracksCommits)
  if (outcome instanceof RealConnection) return { connection: outcome }
  wire.destroy()
  return typeof outcome === 'string' ? fail(outcome) : { failure: outcome }
}

/** Waits until the server is ready for the first query, or says why not. */
async function startUp(
  wire: Wire,
  node: string,
  deadline: number | undefined,
  tracksCommits: boolean,
): Promise<RealConnection | ServerMessage | string> {
  const parameters = new Map<string, string>()
  let backend = 0
  for (;;) {
    const message = await wire.next(deadline)
    if (message === 'too late') return 'timeout expired'
    if (message === undefined) return connectionEnded(wire.ending).message
    if (message.name === 'error') return serverMessage(message)
    if (message.name === 'parameterStatus') parameters.set(message.parameterName, message.parameterValue)
    if (message.name === 'backendKeyData') backend = message.processID
    if (message.name === 'readyForQuery') {
      return new RealConnection(node, backend, parameters, wire, tracksCommits ? new TransactionTracker() : undefined)
    }
  }
}
