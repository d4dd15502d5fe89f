// Who writes WAL records, and who replays them. Ids and names as in rmgrlist.h.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { WalRecord } from './record.ts'

export const resourceManagers = {
  xlog: 0,
  transaction: 1,
  storage: 2,
  commitLog: 3,
  database: 4,
  tablespace: 5,
  multiXact: 6,
  relationMap: 7,
  standby: 8,
  heap2: 9,
  heap: 10,
  btree: 11,
  hash: 12,
  gin: 13,
  gist: 14,
  sequence: 15,
  replicationOrigin: 19,
  logicalMessage: 21,
} as const

/** The last of PostgreSQL's own (LogicalMessage); a higher id in a record is garbage. */
export const lastResourceManager = 21

/** Each subsystem that writes records implements its redo beside it. */
export interface ResourceManager {
  readonly id: number
  /** As pg_waldump prints it. */
  readonly name: string
  /** Replays the record; gives what of that is left to wait for, if anything is. */
  redo(me: Process, record: WalRecord): Coroutine | undefined
}
