// What one backend tells the others that it changed in the catalogs, when it commits. Stands for sinvaladt.c, whose queue
// says what has changed: here it is enough to know that something has, because the catalogs are then read anew. Standbys
// hear of it from the commit record, or from a record of its own where there is no commit: xl_invalidations.

import type { Process } from '../machine/process.ts'
import { defaultTablespace, type WalRecord } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'
import { standbyInfo } from './standby-info.ts'

/** 16 bytes in a record. What the numbers mean is between the catalog and itself. */
export interface InvalidationMessage {
  /** The catalog cache's id (0 and up), or -1 catalog, -2 relation, -3 file, -4 relation map, -5 snapshot. */
  readonly id: number
  /** 0: shared. */
  readonly database: number
  /** The relation's OID, or the hash of a catalog row. */
  readonly value: number
}

/** DATABASEOID among the caches: nobody keeps anything of pg_database. */
export const databaseCache = 21

export class Invalidations {
  /** By database; those of shared catalogs under 0. */
  private readonly sent = new Map<number, number>()

  send(messages: readonly InvalidationMessage[]): void {
    for (const { id, database } of messages) {
      if (id !== databaseCache) this.sent.set(database, this.countOf(database) + 1)
    }
  }

  /** How many concern a database: who has kept something of its catalogs compares it with what it was then. */
  sentTo(database: number): number {
    return this.countOf(0) + (database === 0 ? 0 : this.countOf(database))
  }

  private countOf(database: number): number {
    return this.sent.get(database) ?? 0
  }
}

interface Words {
  u32(value: number): void
}

export function writeMessage(out: Words, { id, database, value }: InvalidationMessage): void {
  out.u32(id >>> 0)
  out.u32(database)
  out.u32(value >>> 0)
  out.u32(0)
}

/** `next`: gives the next word. */
export function readMessage(next: () => number): InvalidationMessage {
  const message = { id: next() | 0, database: next(), value: next() }
  next()
  return message
}

/** LogStandbyInvalidations: database, tablespace, whether the relation cache's file goes, how many, the messages. */
export function logInvalidations(
  me: Process,
  wal: Wal,
  database: number,
  messages: readonly InvalidationMessage[],
): number {
  const record = wal.begin(resourceManagers.standby, standbyInfo.invalidations, 0)
  record.data.u32(database)
  record.data.u32(defaultTablespace)
  record.data.u32(0)
  record.data.u32(messages.length)
  for (const message of messages) writeMessage(record.data, message)
  return wal.insert(me, record)
}

export function readInvalidations({ data }: WalRecord): InvalidationMessage[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  let at = 16
  const next = () => {
    at += 4
    return view.getUint32(at - 4, true)
  }
  return Array.from({ length: view.getUint32(12, true) }, () => readMessage(next))
}
