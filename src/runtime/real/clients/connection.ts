// A client's connection to a real backend.

import type { Connection } from '../../engine.ts'
import type { TransactionTracker } from './tracking.ts'
import type { Wire } from './wire.ts'

export class RealConnection implements Connection {
  readonly node: string
  readonly backend: number
  readonly inHotStandby: boolean
  readonly defaultTransactionReadOnly: boolean
  readonly wire: Wire
  /** Missing where nobody wants to know of its commits. */
  readonly tracker: TransactionTracker | undefined

  constructor(
    node: string,
    backend: number,
    parameters: ReadonlyMap<string, string>,
    wire: Wire,
    tracker: TransactionTracker | undefined,
  ) {
    this.node = node
    this.backend = backend
    this.inHotStandby = parameters.get('in_hot_standby') === 'on'
    this.defaultTransactionReadOnly = parameters.get('default_transaction_read_only') === 'on'
    this.wire = wire
    this.tracker = tracker
  }
}

/** Says goodbye to the server. */
export function close({ wire }: RealConnection): void {
  wire.end()
}
