// What decoding needs of its server, and of who decodes.

import { millisecond } from '../../../model/units.ts'
import type { Heap } from '../access/heap.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { RecoveryState } from '../recovery/recovery-state.ts'
import { logRunningTransactions } from '../recovery/running-transactions.ts'
import type { ReplicationSlots } from '../replication/slots.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import type { Proc } from '../shared/proc.ts'
import type { ProcArray } from '../shared/proc-array.ts'
import type { Transactions } from '../transactions/transactions.ts'
import type { ControlFile } from '../wal/control-file.ts'
import type { Wal } from '../wal/wal.ts'

export interface DecodingServices {
  readonly wal: Wal
  readonly transactions: Transactions
  readonly procArray: ProcArray
  readonly recovery: RecoveryState
  readonly heap: Heap
  readonly slots: ReplicationSlots
  readonly controlFile: ControlFile
}

/** One process that decodes. */
export class Decoding {
  readonly environment: ServerEnvironment
  readonly services: DecodingServices
  readonly me: Process
  readonly proc: Proc

  constructor(environment: ServerEnvironment, services: DecodingServices, me: Process, proc: Proc) {
    this.environment = environment
    this.services = services
    this.me = me
    this.proc = proc
  }

  /**
   * SnapBuildWaitSnapshot: then who runs is logged anew, so that decoding learns of it at once. A standby can't do that,
   * and has no locks of the primary's transactions.
   */
  *waitForEnd(xids: readonly number[]): Coroutine {
    const { transactions, recovery } = this.services
    if (recovery.inRecovery) {
      for (const xid of xids) while (transactions.knownAssigned.has(xid)) yield* this.rest()
      return
    }
    for (const xid of xids) if (xid !== this.proc.xid) yield* transactions.waitFor(this.proc, xid)
    logRunningTransactions(this.me, this.services)
  }
  /** A moment, until there may be more WAL. */
  *rest(): Coroutine {
    this.me.checkForInterrupts?.()
    yield* this.me.sleep(millisecond, 'WalSenderWaitForWAL')
  }
}
