// Tables, indexes and sequences as the rest of the server uses them: what the catalogs' rows say, put together.

import type { Node } from '@pgsql/types'
import type { Index, IndexColumn, Relation, ReplicaIdentity } from '../access/relation.ts'
import type { Datum, TupleDescriptor } from '../access/tuple-descriptor.ts'
import { type LockTag, relationTag } from '../locks/lock-tag.ts'
import { defaultTablespace, globalTablespace, type RelationLocator } from '../wal/record.ts'
import { quoteIdentifier } from './identifiers.ts'
import { type CatalogTableDefinition, catalogNamespace } from './tables.ts'
import type { Type, Value } from './types/type.ts'

export interface Column {
  readonly name: string
  readonly type: Type
  readonly modifier: number
  readonly notNull: boolean
  /** The default's syntax tree; undefined if there is none. */
  readonly defaultTree: Node | undefined
  readonly identity: '' | 'a' | 'd'
  /** Of rows from before it was added. */
  readonly missing?: Datum
}

export interface CheckConstraint {
  readonly name: string
  readonly tree: Node
}

/** pg_class.relreplident: default (the primary key), full, an index, nothing. */
export type ReplicaIdentityKind = 'd' | 'f' | 'i' | 'n'

export interface RelationSize {
  readonly pages: number
  /** -1: nobody has counted yet. */
  readonly tuples: number
}

export interface Names {
  /** OID of its database; 0 for a shared catalog. */
  readonly database: number
  readonly id: number
  readonly name: string
  readonly namespace: number
  readonly fileNode: number
  /** 0 or missing: pg_default. */
  readonly tablespace?: number
  readonly isUnlogged?: boolean
}

abstract class CatalogRelation {
  readonly id: number
  readonly name: string
  readonly namespace: number
  readonly database: number
  readonly locator: RelationLocator
  readonly lockTag: LockTag
  readonly isCatalog: boolean
  readonly isUnlogged: boolean

  constructor(names: Names) {
    this.id = names.id
    this.name = names.name
    this.namespace = names.namespace
    const { database } = names
    this.database = database
    const tablespace = database === 0 ? globalTablespace : names.tablespace || defaultTablespace
    this.locator = { tablespace, database, relation: names.fileNode }
    this.lockTag = relationTag(database, names.id)
    this.isCatalog = names.namespace === catalogNamespace
    this.isUnlogged = names.isUnlogged ?? false
  }
}

export class Table extends CatalogRelation implements Relation {
  readonly kind = 'table'
  readonly columns: readonly Column[]
  readonly checks: readonly CheckConstraint[]
  readonly descriptor: TupleDescriptor
  readonly fillFactor: number
  readonly replicaIdentityKind: ReplicaIdentityKind
  /** As the table's storage parameter says. */
  readonly parallelWorkers: number | undefined
  /** relpages and reltuples: what vacuum or analyze has counted last. */
  readonly counted: RelationSize
  /** By oid. */
  readonly indexes: TableIndex[] = []

  constructor(
    names: Names,
    columns: readonly Column[],
    more: {
      readonly checks?: readonly CheckConstraint[]
      readonly fillFactor?: number
      readonly replicaIdentityKind?: ReplicaIdentityKind
      readonly parallelWorkers?: number
      readonly counted?: RelationSize
    } = {},
  ) {
    super(names)
    this.columns = columns
    this.checks = more.checks ?? []
    this.fillFactor = more.fillFactor ?? 100
    this.replicaIdentityKind = more.replicaIdentityKind ?? 'n'
    this.parallelWorkers = more.parallelWorkers
    this.counted = more.counted ?? { pages: 0, tuples: -1 }
    this.descriptor = {
      attributes: columns.map(({ name, type, missing }) => ({
        name,
        typeId: type.oid,
        type,
        ...(missing === undefined ? {} : { missing }),
      })),
    }
  }

  /** The index that names its rows to subscribers. */
  get identityIndex(): TableIndex | undefined {
    const { replicaIdentityKind: kind } = this
    if (kind === 'd') return this.indexes.find(index => index.isPrimary)
    return kind === 'i' ? this.indexes.find(index => index.isReplicaIdentity) : undefined
  }

  get replicaIdentity(): ReplicaIdentity {
    return { isFull: this.replicaIdentityKind === 'f', attributes: this.identityIndex?.usedAttributes ?? [] }
  }
}

/** One key column of an index. */
export interface KeyColumn {
  /** 0-based. */
  readonly attribute: number
  readonly descending: boolean
  readonly nullsFirst: boolean
}

export class TableIndex extends CatalogRelation implements Index {
  readonly kind = 'index'
  readonly table: Table
  readonly isUnique: boolean
  readonly isPrimary: boolean
  readonly nullsNotDistinct: boolean
  readonly isKey: boolean
  readonly isReplicaIdentity: boolean
  readonly columns: readonly IndexColumn[]
  readonly usedAttributes: readonly number[]
  readonly descriptor: TupleDescriptor
  readonly fillFactor: number
  readonly indexes: readonly TableIndex[] = []
  /** The constraint that it serves, if any. */
  readonly constraint: string | undefined

  constructor(
    names: Names,
    table: Table,
    keys: readonly KeyColumn[],
    more: {
      readonly isUnique: boolean
      readonly isPrimary: boolean
      readonly nullsNotDistinct: boolean
      readonly isReplicaIdentity?: boolean
      readonly fillFactor?: number
      readonly constraint?: string
    },
  ) {
    super(names)
    this.table = table
    this.isUnique = more.isUnique
    this.isPrimary = more.isPrimary
    this.nullsNotDistinct = more.nullsNotDistinct
    this.isKey = more.isUnique
    this.isReplicaIdentity = more.isReplicaIdentity ?? false
    this.fillFactor = more.fillFactor ?? 90
    this.constraint = more.constraint
    this.columns = keys.map(key => ({ ...key, compare: table.columns[key.attribute].type.compare! }))
    this.usedAttributes = keys.map(key => key.attribute)
    this.descriptor = { attributes: keys.map(key => table.descriptor.attributes[key.attribute]) }
  }

  describeKey(key: readonly Datum[]): string {
    const types = this.usedAttributes.map(attribute => this.table.columns[attribute].type)
    const names = this.usedAttributes.map(attribute => quoteIdentifier(this.table.columns[attribute].name))
    const values = key.map((value, index) => (value === null ? 'null' : types[index].output(value as Value)))
    return `(${names.join(', ')})=(${values.join(', ')})`
  }

  /** The key of a table's row. */
  keyOf(row: readonly Datum[]): Datum[] {
    return this.usedAttributes.map(attribute => row[attribute])
  }
}

export interface SequenceParameters {
  readonly type: Type
  readonly start: bigint
  readonly increment: bigint
  readonly minimum: bigint
  readonly maximum: bigint
  readonly cache: bigint
  readonly cycle: boolean
}

export class Sequence extends CatalogRelation implements Relation {
  readonly kind = 'sequence'
  readonly fillFactor = 100
  readonly indexes: readonly TableIndex[] = []
  readonly descriptor: TupleDescriptor
  readonly options: SequenceParameters
  /** The column that it was made for and goes with: table oid and 1-based number. */
  readonly owner: { readonly table: number; readonly column: number } | undefined

  constructor(names: Names, descriptor: TupleDescriptor, options: SequenceParameters, owner: Sequence['owner']) {
    super(names)
    this.descriptor = descriptor
    this.options = options
    this.owner = owner
  }
}

/** Only extensions have one; its rows are computed. */
export class View extends CatalogRelation {
  readonly kind = 'view'
  readonly indexes: readonly TableIndex[] = []
}

/** Those that have a file. */
export type StoredRelation = Table | TableIndex | Sequence

export type AnyRelation = StoredRelation | View

/** A system catalog of a database, which is known before any is read; a shared one is the same in all of them. */
export function systemTable(definition: CatalogTableDefinition, database: number, tablespace: number): Table {
  const { oid, name, isShared } = definition
  const columns = definition.columns.map(column => ({
    ...column,
    modifier: -1,
    defaultTree: undefined,
    identity: '' as const,
  }))
  const place = { database: isShared ? 0 : database, tablespace }
  const names = { ...place, id: oid, name, namespace: catalogNamespace, fileNode: oid }
  return new Table(names, columns)
}
