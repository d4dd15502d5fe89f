// Messages that pg_logical_emit_message puts into the WAL for those who decode it. Mirrors message.c.

import type { Process } from '../machine/process.ts'
import { viewOf, type WalRecord } from '../wal/record.ts'
import { type ResourceManager, resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'

/** Database, whether it belongs to its transaction, sizes of prefix and content. */
const headerSize = 24

export interface LogicalMessage {
  readonly isTransactional: boolean
  readonly prefix: string
  readonly content: string
}

/** Gives the record's end. `xid`: of who emits it; 0: none. */
export function logMessage(me: Process, wal: Wal, database: number, xid: number, message: LogicalMessage): number {
  const record = wal.begin(resourceManagers.logicalMessage, 0, xid)
  const prefix = new TextEncoder().encode(`${message.prefix}\0`)
  const content = new TextEncoder().encode(message.content)
  record.data.u32(database)
  record.data.u32(message.isTransactional ? 1 : 0)
  record.data.u64(prefix.length)
  record.data.u64(content.length)
  record.data.append(prefix)
  record.data.append(content)
  return wal.insert(me, record)
}

export function readMessage({ data }: WalRecord): LogicalMessage {
  const view = viewOf(data)
  const end = headerSize + view.getUint32(8, true)
  const text = (from: number, to: number) => new TextDecoder().decode(data.subarray(from, to))
  return {
    isTransactional: view.getUint32(4, true) === 1,
    prefix: text(headerSize, end - 1),
    content: text(end, end + view.getUint32(16, true)),
  }
}

/** The database of who emitted it. */
export function messageDatabase({ data }: WalRecord): number {
  return viewOf(data).getUint32(0, true)
}

/** They change nothing. */
export const logicalMessageRedo: ResourceManager = {
  id: resourceManagers.logicalMessage,
  name: 'LogicalMessage',
  *redo() {},
}
