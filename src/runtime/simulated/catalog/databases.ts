// The databases of a cluster, as pg_database has them. Mirrors get_database_oid, get_database_name and GetDatabaseTuple.
// Whoever looks need not be in a database, nor in a transaction, and pays nothing: it is a page that everybody reads when
// a session begins, and its cost is part of that.

import { isCurrentVersion } from '../access/current-version.ts'
import type { HeapServices } from '../access/heap-services.ts'
import { HeapTuple } from '../access/heap-tuple.ts'
import type { Tid } from '../access/tid.ts'
import { deformTuple } from '../access/tuple.ts'
import type { Datum } from '../access/tuple-descriptor.ts'
import { lineState, Page, pageSize } from '../storage/page.ts'
import { defaultTablespace, forks } from '../wal/record.ts'
import { systemTablesOf } from './image.ts'
import { bootstrapRole, pgDatabase } from './tables.ts'

/** OIDs of those that initdb makes, as they are from 15 on. */
export const templateDatabase = 1
export const pristineDatabase = 4
export const postgresDatabase = 5

/**
 * The file that stands for all catalogs and indexes of a database that nobody reads here (it is pg_statistic's): they take
 * up room, and go where the database goes.
 */
export const unreadCatalogs = 2619

/** Its length: a copy of the database writes as much WAL as on a real server. */
export const unreadBlocks = { 15: 518, 16: 520, 17: 518, 18: 530 } as const

/** datconnlimit: any number of sessions. */
export const unlimited = -1
/** datconnlimit of a database that was being dropped: what is left of it can only be dropped. */
export const invalidLimit = -2

export interface Database {
  readonly oid: number
  readonly name: string
  readonly isTemplate: boolean
  readonly allowsConnections: boolean
  /** How many sessions of others than superusers may be in it; or `unlimited`, or `invalidLimit`. */
  readonly connectionLimit: number
  /** None is older that a row in it may bear unfrozen. */
  readonly frozenXid: number
  readonly tablespace: number
  /** Its row in pg_database, and where that is. */
  readonly row: readonly Datum[]
  readonly tid: Tid
}

export function isInvalid({ connectionLimit }: Database): boolean {
  return connectionLimit === invalidLimit
}

export class Databases {
  private readonly heap: HeapServices

  constructor(heap: HeapServices) {
    this.heap = heap
  }

  byName(name: string): Database | undefined {
    return this.all().find(each => each.name === name)
  }

  byOid(oid: number): Database | undefined {
    return this.all().find(each => each.oid === oid)
  }

  /** As they stand in pg_database, by what has committed. */
  all(): Database[] {
    const { transactions } = this.heap
    const had = (xid: number) => !transactions.isInProgress(xid) && transactions.didCommit(xid)
    const found: Database[] = []
    const table = systemTablesOf(0).get(pgDatabase)!
    const { environment, buffers } = this.heap
    const path = buffers.files.path(table.locator, forks.main)
    for (let block = 0; block < this.heap.blockCount(table); block++) {
      const page = buffers.pageAt(table.locator, forks.main, block) ?? pageOf(environment.data.peek(path), block)
      for (let line = 1; line <= page.lineCount; line++) {
        if (page.itemState(line) !== lineState.normal) continue
        const tuple = new HeapTuple(page, 0, 0, 0)
        tuple.moveTo(page, page.itemOffset(line), page.itemLength(line), block, line)
        if (isCurrentVersion(transactions, tuple, had)) found.push(databaseOf(tuple))
      }
    }
    return found
  }
}

function pageOf(file: Uint8Array, block: number): Page {
  const page = new Page()
  page.bytes.set(file.subarray(block * pageSize, (block + 1) * pageSize))
  return page
}

function databaseOf(tuple: HeapTuple): Database {
  const row: Datum[] = []
  deformTuple(tuple, pgDatabase.descriptor, row, pgDatabase.columns.length)
  const get = <T>(column: string) => row[pgDatabase.at(column)] as T
  return {
    oid: get<number>('oid'),
    name: get<string>('datname'),
    isTemplate: get<boolean>('datistemplate'),
    allowsConnections: get<boolean>('datallowconn'),
    connectionLimit: get<number>('datconnlimit'),
    frozenXid: get<number>('datfrozenxid'),
    tablespace: get<number>('dattablespace'),
    row,
    tid: tuple.tid,
  }
}

export type NewDatabase = Omit<Database, 'row' | 'tid'>

export function databaseRow(database: NewDatabase): Datum[] {
  return pgDatabase.row({
    oid: database.oid,
    datname: database.name,
    datdba: bootstrapRole,
    encoding: utf8,
    datlocprovider: 'c',
    datistemplate: database.isTemplate,
    datallowconn: database.allowsConnections,
    datconnlimit: database.connectionLimit,
    datfrozenxid: database.frozenXid,
    datminmxid: 1,
    dattablespace: database.tablespace,
    datcollate: 'C',
    datctype: 'C',
  })
}

/** PG_UTF8 */
const utf8 = 6

/** As initdb leaves them, in the order in which they stand. */
export function initialDatabases(frozenXid: number): readonly NewDatabase[] {
  const common = { allowsConnections: true, connectionLimit: unlimited, frozenXid, tablespace: defaultTablespace }
  return [
    { ...common, oid: postgresDatabase, name: 'postgres', isTemplate: false },
    { ...common, oid: templateDatabase, name: 'template1', isTemplate: true },
    { ...common, oid: pristineDatabase, name: 'template0', isTemplate: true, allowsConnections: false },
  ]
}
