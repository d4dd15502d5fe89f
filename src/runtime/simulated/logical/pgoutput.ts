// The output plugin of subscriptions: hands out what the publications publish, with the shape of a table before its first
// change. A transaction with nothing in it is passed over. Mirrors pgoutput.c and proto.c; messages and origins are not
// passed on.

import { formatLsn } from '../../../model/format.ts'
import type { Datum } from '../access/tuple-descriptor.ts'
import { isPublished, type Publication, publishes } from '../catalog/publications.ts'
import type { Table } from '../catalog/relations.ts'
import { namespaceName } from '../catalog/tables.ts'
import type { Value } from '../catalog/types/type.ts'
import { PostgresError } from '../shared/error.ts'
import type { LogicalChange, LogicalRow } from '../shared/protocol.ts'
import type { HistoricCatalog } from './historic-catalog.ts'
import type { DecodedTransaction, OutputPlugin, RowChange, TableTruncation } from './output-plugin.ts'

/** A message, where what it is of stands in the WAL, and its size in bytes on the wire. */
export type SendChange = (change: LogicalChange, lsn: number, size: number) => void

/** Called where a publication is missing from 18 on, where that is no error any more. */
export type WarnOfMissing = (publication: string) => void

export interface PgoutputOptions {
  readonly slot: string
  readonly publications: readonly string[]
  readonly send: SendChange
  /** Undefined: a publication that is missing is an error. */
  readonly warn: WarnOfMissing | undefined
}

export class Pgoutput implements OutputPlugin {
  private readonly options: PgoutputOptions
  private unsent: DecodedTransaction | undefined
  /** The shape of each table as the subscriber knows it, by oid. */
  private readonly known = new Map<number, string>()
  private catalog: HistoricCatalog | undefined
  private publications: readonly Publication[] = []

  constructor(options: PgoutputOptions) {
    this.options = options
  }

  begin(transaction: DecodedTransaction): void {
    this.unsent = transaction
  }

  change(_transaction: DecodedTransaction, change: RowChange, catalog: HistoricCatalog): void {
    const { table, kind, lsn, next, old } = change
    const publications = this.publicationsIn(catalog, 'change', lsn)
    if (!publishes(publications, table, kind)) return
    // Nobody could find the row.
    if (kind === 'delete' && !old) return
    this.announce(table, lsn)
    const relation = table.id
    if (kind === 'insert') this.send({ kind, relation, next: texts(table, next!) }, lsn)
    else if (kind === 'delete') this.send({ kind, relation, old: texts(table, old!) }, lsn)
    else this.send({ kind, relation, old: old && texts(table, old), next: texts(table, next!) }, lsn)
  }

  truncate(_transaction: DecodedTransaction, truncation: TableTruncation, catalog: HistoricCatalog): void {
    const { lsn, tables, restartsSequences } = truncation
    const publications = this.publicationsIn(catalog, 'truncate', lsn)
    const published = tables.filter(table => publishes(publications, table, 'truncate'))
    if (published.length === 0) return
    for (const table of published) this.announce(table, lsn)
    this.send({ kind: 'truncate', relations: published.map(({ id }) => id), restartsSequences }, lsn)
  }

  commit({ commitLsn, endLsn, committedAt }: DecodedTransaction): void {
    const isEmpty = this.unsent !== undefined
    this.unsent = undefined
    if (!isEmpty) this.send({ kind: 'commit', commitLsn, endLsn, committedAt }, endLsn)
  }

  message(): void {}

  /** Those that the subscriber named, as they were then. */
  private publicationsIn(catalog: HistoricCatalog, callback: string, lsn: number): readonly Publication[] {
    if (this.catalog === catalog) return this.publications
    const found: Publication[] = []
    for (const name of this.options.publications) {
      const publication = catalog.image.publications.find(each => each.name === name)
      if (publication) found.push(publication)
      else if (this.options.warn) this.options.warn(name)
      else {
        throw new PostgresError('ERROR', '42704', `publication "${name}" does not exist`, {
          context: `slot "${this.options.slot}", output plugin "pgoutput", in the ${callback} callback, associated LSN ${formatLsn(lsn)}`,
        })
      }
    }
    this.catalog = catalog
    this.publications = found
    return found
  }

  /** Before the first change of a transaction its beginning, and before that of a table what the table looks like. */
  private announce(table: Table, lsn: number): void {
    if (this.unsent) {
      const { commitLsn: finalLsn, committedAt, xid } = this.unsent
      this.unsent = undefined
      this.send({ kind: 'begin', finalLsn, committedAt, xid }, lsn)
    }
    const { attributes, isFull } = table.replicaIdentity
    const relation = {
      kind: 'relation',
      relation: table.id,
      schema: namespaceName(table.namespace),
      table: table.name,
      identity: table.replicaIdentityKind,
      columns: table.columns.map(({ name }, index) => ({ name, isKey: isFull || attributes.includes(index) })),
    } as const
    const shape = JSON.stringify(relation)
    if (this.known.get(table.id) === shape) return
    this.known.set(table.id, shape)
    this.send(relation, 0)
  }

  private send(change: LogicalChange, lsn: number): void {
    this.options.send(change, lsn, sizeOf(change))
  }
}

/** A row's values as texts. */
export function texts(table: Table, row: readonly Datum[]): LogicalRow {
  return table.columns.map(({ type }, index) => {
    const value = row[index]
    return value === null ? null : type.output(value as Value)
  })
}

/** Of a tuple: each value with its kind and length. */
function rowSize(row: LogicalRow | undefined): number {
  if (!row) return 0
  return row.reduce((size, value) => size + (value === null ? 1 : 5 + value.length), 3)
}

function sizeOf(change: LogicalChange): number {
  switch (change.kind) {
    case 'begin':
      return 21
    case 'commit':
      return 26
    case 'relation':
      return change.columns.reduce((size, { name }) => size + name.length + 10, 10 + change.table.length)
    case 'insert':
      return 5 + rowSize(change.next)
    case 'update':
      return 5 + rowSize(change.old) + rowSize(change.next)
    case 'delete':
      return 5 + rowSize(change.old)
    case 'truncate':
      return 6 + 4 * change.relations.length
  }
}

/** Of the tables that there are now those that one of the publications names. */
export function publishedTables(tables: readonly Table[], publications: readonly Publication[]): Table[] {
  return tables.filter(table => publications.some(each => isPublished(each, table)))
}
