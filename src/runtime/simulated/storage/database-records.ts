// What the WAL says of databases: that one was made, empty or by copying the files of another, and that one went. Mirrors
// dbcommands_xlog.h.

import type { Process } from '../machine/process.ts'
import { resourceManagerInfoMask, viewOf, type WalRecord } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'

const info = { createFileCopy: 0x00, createWalLog: 0x10, drop: 0x20 } as const

/** The record is about files that it names no blocks of. */
const specialRelationUpdate = 0x01

/** A database's folder in a tablespace. */
export interface DatabasePlace {
  readonly tablespace: number
  readonly database: number
}

export type DatabaseChange =
  | { readonly kind: 'copied'; readonly place: DatabasePlace; readonly from: DatabasePlace }
  | { readonly kind: 'created'; readonly place: DatabasePlace }
  | { readonly kind: 'dropped'; readonly database: number; readonly places: readonly DatabasePlace[] }

export function logDatabaseChange(me: Process, wal: Wal, xid: number, change: DatabaseChange): number {
  const flag = change.kind === 'created' ? info.createWalLog : specialRelationUpdate
  const kind = change.kind === 'dropped' ? info.drop : info.createFileCopy
  const record = wal.begin(resourceManagers.database, flag | kind, xid)
  for (const word of wordsOf(change)) record.data.u32(word)
  return wal.insert(me, record)
}

function wordsOf(change: DatabaseChange): number[] {
  if (change.kind === 'dropped') {
    return [change.database, change.places.length, ...change.places.map(({ tablespace }) => tablespace)]
  }
  const { place } = change
  if (change.kind === 'created') return [place.database, place.tablespace]
  return [place.database, place.tablespace, change.from.database, change.from.tablespace]
}

export function readDatabaseChange(record: WalRecord): DatabaseChange {
  const view = viewOf(record.data)
  const word = (index: number) => view.getUint32(4 * index, true)
  const kind = record.info & resourceManagerInfoMask
  const database = word(0)
  if (kind === info.drop) {
    const places = Array.from({ length: word(1) }, (_, at) => ({ tablespace: word(2 + at), database }))
    return { kind: 'dropped', database, places }
  }
  const place = { tablespace: word(1), database }
  if (kind === info.createWalLog) return { kind: 'created', place }
  return { kind: 'copied', place, from: { database: word(2), tablespace: word(3) } }
}
