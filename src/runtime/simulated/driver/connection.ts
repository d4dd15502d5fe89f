// A client's connection to a simulated backend, from the client's side.

import type { Connection } from '../../engine.ts'
import type { Process } from '../machine/process.ts'
import type { Socket } from '../machine/socket.ts'
import type { Proc } from '../shared/proc.ts'
import type { BackendMessage } from '../shared/protocol.ts'

export class SimulatedConnection implements Connection {
  readonly socket: Socket
  readonly node: string
  readonly backend: number
  readonly inHotStandby: boolean
  readonly defaultTransactionReadOnly: boolean
  /** What the backend showed in shared memory: read when the connection is lost, to know what it was in. */
  readonly proc: Proc | undefined
  private user: Process | undefined

  constructor(
    socket: Socket,
    node: string,
    authenticated: Extract<BackendMessage, { kind: 'authenticated' }>,
    proc: Proc | undefined,
  ) {
    this.socket = socket
    this.node = node
    this.backend = authenticated.pid
    this.inHotStandby = authenticated.parameters.in_hot_standby === 'on'
    this.defaultTransactionReadOnly = authenticated.parameters.default_transaction_read_only === 'on'
    this.proc = proc
  }

  /** The process that waits for its answers now. */
  useBy(process: Process): void {
    if (this.user === process) return
    this.user = process
    this.socket.attach(process)
  }
}
