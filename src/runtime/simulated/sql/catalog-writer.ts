// Changes the catalogs: rows in, rows out, rows replaced, each as any row of a table, so that DDL is rolled back,
// recovered and replicated as everything else is.

import type { Relation } from '../access/relation.ts'
import type { Datum } from '../access/tuple-descriptor.ts'
import { systemTablesOf } from '../catalog/image.ts'
import type { CatalogTableDefinition } from '../catalog/tables.ts'
import type { Coroutine } from '../kernel/task.ts'
import { fail } from '../shared/error.ts'
import { defaultTablespace, type RelationLocator } from '../wal/record.ts'
import type { SessionContext } from './context.ts'

/** A row as it was read, with its columns by name. */
export class CatalogRow {
  readonly definition: CatalogTableDefinition
  readonly values: readonly Datum[]

  constructor(definition: CatalogTableDefinition, values: readonly Datum[]) {
    this.definition = definition
    this.values = values
  }

  get<T = number>(column: string): T {
    return this.values[this.definition.at(column)] as T
  }

  /** Scans leave it behind the columns. */
  get tid(): number {
    return this.values[this.definition.columns.length] as number
  }
}

export class CatalogWriter {
  private readonly session: SessionContext

  constructor(session: SessionContext) {
    this.session = session
  }

  private tableOf(definition: CatalogTableDefinition): Relation {
    const { databaseId, databaseTablespace } = this.session.proc
    return systemTablesOf(databaseId, databaseTablespace).get(definition)!
  }

  newOid(): number {
    return this.session.server.oids.assign(this.session.me)
  }

  *insert(definition: CatalogTableDefinition, fields: Readonly<Record<string, Datum>>): Coroutine {
    yield* this.insertRow(definition, definition.row(fields))
  }

  *insertRow(definition: CatalogTableDefinition, row: readonly Datum[]): Coroutine {
    yield* this.session.server.heap.insert(this.session.transaction, this.tableOf(definition), row)
  }

  *find(definition: CatalogTableDefinition, matches: (row: CatalogRow) => boolean): Coroutine<CatalogRow[]> {
    const rows = yield* this.session.server.catalog.scan(this.session.transaction, definition)
    return rows.map(values => new CatalogRow(definition, values)).filter(matches)
  }

  *delete(definition: CatalogTableDefinition, matches: (row: CatalogRow) => boolean): Coroutine {
    const { server, transaction } = this.session
    for (const row of yield* this.find(definition, matches)) {
      const result = yield* server.heap.delete(transaction, this.tableOf(definition), row.tid)
      if (result.status !== 'ok') fail('XX000', 'tuple concurrently deleted')
    }
  }

  *update(
    definition: CatalogTableDefinition,
    matches: (row: CatalogRow) => boolean,
    fields: Readonly<Record<string, Datum>>,
  ): Coroutine {
    const { server, transaction } = this.session
    for (const row of yield* this.find(definition, matches)) {
      const values = row.values.slice(0, definition.columns.length)
      for (const [column, value] of Object.entries(fields)) values[definition.at(column)] = value
      const result = yield* server.heap.update(transaction, this.tableOf(definition), row.tid, values)
      if (result.status !== 'ok') fail('XX000', 'tuple concurrently updated')
    }
  }

  /** `tablespace`: as pg_class has it, 0 for that of the database. */
  locatorOf(relation: number, tablespace: number): RelationLocator {
    const { databaseId: database, databaseTablespace } = this.session.proc
    return { tablespace: tablespace || databaseTablespace || defaultTablespace, database, relation }
  }

  /** A new empty file, which goes again if the transaction is rolled back. `tablespace`: 0 for that of the database. */
  createFile(relation: number, { isUnlogged = false, tablespace = 0 } = {}): RelationLocator {
    const { server, transaction, me } = this.session
    const locator = this.locatorOf(relation, tablespace)
    server.storage.create(me, locator, transaction.xid(), isUnlogged)
    transaction.removeFiles(locator, 'abort')
    if (server.wal.isMinimal && !isUnlogged) transaction.pendingSyncs.add(locator)
    return locator
  }

  /** The relation's file goes when the transaction commits. */
  removeFile(relation: Relation): void {
    this.session.transaction.removeFiles(relation.locator, 'commit')
  }

  /** Everybody, this session first, must look at the relation anew. */
  changed(relation: number): void {
    const { transaction, proc } = this.session
    transaction.invalidate({ id: -2, database: proc.databaseId, value: relation })
    transaction.forceSynchronousCommit()
    transaction.commandCounterIncrement()
  }
}
