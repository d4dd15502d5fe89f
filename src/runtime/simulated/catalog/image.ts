// The catalogs of one moment, read from their tables and put together. Sessions share an image as long as nothing
// committed that changes it; one that has changed the catalogs itself reads an image of its own. Sql keeps with an
// image the statements that it compiled against it.

import type { Node } from '@pgsql/types'
import type { Datum } from '../access/tuple-descriptor.ts'
import { defaultTablespace } from '../wal/record.ts'
import { makePublications, type Publication } from './publications.ts'
import {
  type AnyRelation,
  type Column,
  type KeyColumn,
  type Names,
  type ReplicaIdentityKind,
  Sequence,
  systemTable,
  Table,
  TableIndex,
  View,
} from './relations.ts'
import { makeSubscription, type Subscription } from './subscriptions.ts'
import {
  type CatalogTableDefinition,
  catalogNamespace,
  catalogTables,
  pgAttrdef,
  pgAttribute,
  pgClass,
  pgConstraint,
  pgDepend,
  pgIndex,
  pgPublication,
  pgPublicationRel,
  pgSequence,
  pgSubscription,
  publicNamespace,
} from './tables.ts'
import { booleanType } from './types/boolean.ts'
import { int8Type } from './types/integer.ts'
import { typeByOid } from './types/types.ts'

type SystemTables = ReadonlyMap<CatalogTableDefinition, Table>

/** By tablespace and database. */
const systemTables = new Map<number, Map<number, SystemTables>>()

/** The system catalogs of a database as relations: the same objects in every image. `tablespace`: its own; 0: pg_default. */
export function systemTablesOf(database: number, tablespace = 0): SystemTables {
  let databases = systemTables.get(tablespace || defaultTablespace)
  if (!databases) {
    databases = new Map()
    systemTables.set(tablespace || defaultTablespace, databases)
  }
  let tables = databases.get(database)
  if (!tables) {
    tables = new Map(catalogTables.map(definition => [definition, systemTable(definition, database, tablespace)]))
    databases.set(database, tables)
  }
  return tables
}

/** The catalogs that an image is made of. */
export const imageTables = [
  pgClass,
  pgAttribute,
  pgAttrdef,
  pgIndex,
  pgConstraint,
  pgSequence,
  pgDepend,
  pgPublication,
  pgPublicationRel,
  pgSubscription,
] as const

export type CatalogRows = ReadonlyMap<CatalogTableDefinition, readonly (readonly Datum[])[]>

const sequenceDescriptor = {
  attributes: [
    { name: 'last_value', typeId: int8Type.oid, type: int8Type },
    { name: 'log_cnt', typeId: int8Type.oid, type: int8Type },
    { name: 'is_called', typeId: booleanType.oid, type: booleanType },
  ],
}

/** A catalog row with its columns by name. */
class Row {
  private readonly table: CatalogTableDefinition
  private readonly values: readonly Datum[]
  constructor(table: CatalogTableDefinition, values: readonly Datum[]) {
    this.table = table
    this.values = values
  }
  get<T = number>(column: string): T {
    return this.values[this.table.at(column)] as T
  }
}

export class CatalogImage {
  readonly database: number
  readonly tablespace: number
  readonly publications: readonly Publication[]
  readonly subscriptions: readonly Subscription[]
  private readonly relations = new Map<number, AnyRelation>()
  private readonly names = new Map<string, AnyRelation>()

  /**
   * `database`: whose catalogs they are; 0: of none, and then there are the shared ones alone. `tablespace`: of the
   * database; 0: pg_default.
   */
  constructor(database: number, catalogs: CatalogRows, tablespace = 0) {
    this.database = database
    this.tablespace = tablespace
    this.subscriptions = (catalogs.get(pgSubscription) ?? [])
      .map(makeSubscription)
      .filter(each => each.database === database)
    this.publications = makePublications(catalogs.get(pgPublication) ?? [], catalogs.get(pgPublicationRel) ?? [])
    for (const table of systemTablesOf(database, tablespace).values()) this.add(table)
    const rows = (table: CatalogTableDefinition) => (catalogs.get(table) ?? []).map(values => new Row(table, values))
    const classes = rows(pgClass).filter(row => row.get('relnamespace') !== catalogNamespace)
    classes.sort((a, b) => a.get('oid') - b.get('oid'))
    const attributes = groupBy(rows(pgAttribute), 'attrelid')
    const defaults = groupBy(rows(pgAttrdef), 'adrelid')
    const constraints = groupBy(rows(pgConstraint), 'conrelid')
    for (const row of classes.filter(each => each.get<string>('relkind') === 'r')) {
      const id = row.get('oid')
      this.add(
        makeTable(this.namesOf(row), row, attributes.get(id) ?? [], defaults.get(id) ?? [], constraints.get(id) ?? []),
      )
    }
    for (const row of classes.filter(each => each.get<string>('relkind') === 'v')) this.add(new View(this.namesOf(row)))
    const classOf = new Map<number, Row>(classes.map(row => [row.get('oid'), row]))
    const indexes = rows(pgIndex).sort((a, b) => a.get('indexrelid') - b.get('indexrelid'))
    for (const row of indexes) this.addIndex(row, classOf, constraints)
    const dependencies = groupBy(rows(pgDepend), 'objid')
    for (const row of rows(pgSequence)) {
      const relation = classOf.get(row.get('seqrelid'))
      if (relation) this.add(makeSequence(this.namesOf(relation), row, dependencies.get(row.get('seqrelid')) ?? []))
    }
  }

  byOid(oid: number): AnyRelation | undefined {
    return this.relations.get(oid)
  }

  /** By name, in this schema or along the search path: pg_catalog, public. */
  byName(name: string, schema?: string): AnyRelation | undefined {
    if (schema !== undefined) return this.names.get(`${namespaceOid(schema)}.${name}`)
    return this.names.get(`${catalogNamespace}.${name}`) ?? this.names.get(`${publicNamespace}.${name}`)
  }

  /** In order of their oids. */
  all(): readonly AnyRelation[] {
    return [...this.relations.values()].sort((a, b) => a.id - b.id)
  }

  private add(relation: AnyRelation): void {
    this.relations.set(relation.id, relation)
    this.names.set(`${relation.namespace}.${relation.name}`, relation)
  }

  private namesOf(row: Row): Names {
    return {
      database: this.database,
      id: row.get('oid'),
      name: row.get<string>('relname'),
      namespace: row.get('relnamespace'),
      fileNode: row.get('relfilenode'),
      tablespace: row.get<number>('reltablespace') || this.tablespace,
      isUnlogged: row.get<string>('relpersistence') === 'u',
    }
  }

  private addIndex(row: Row, classOf: ReadonlyMap<number, Row>, constraints: ReadonlyMap<number, Row[]>): void {
    const id = row.get('indexrelid')
    const relation = classOf.get(id)
    const table = this.relations.get(row.get('indrelid'))
    if (!relation || !(table instanceof Table)) return
    const options = row.get<number[]>('indoption')
    const keys = row.get<number[]>('indkey').map(
      (number, index): KeyColumn => ({
        attribute: number - 1,
        descending: (options[index] & 1) !== 0,
        nullsFirst: (options[index] & 2) !== 0,
      }),
    )
    const constraint = constraints.get(table.id)?.find(each => each.get('conindid') === id)
    const index = new TableIndex(this.namesOf(relation), table, keys, {
      isUnique: row.get<boolean>('indisunique'),
      isPrimary: row.get<boolean>('indisprimary'),
      nullsNotDistinct: row.get<boolean>('indnullsnotdistinct'),
      isReplicaIdentity: row.get<boolean>('indisreplident'),
      fillFactor: optionOf(relation, 'fillfactor'),
      constraint: constraint?.get<string>('conname'),
    })
    table.indexes.push(index)
    this.add(index)
  }
}

/** Of the schemas there are; -1 for another. */
export function namespaceOid(schema: string): number {
  return schema === 'public' ? publicNamespace : schema === 'pg_catalog' ? catalogNamespace : -1
}

function groupBy(rows: readonly Row[], column: string): Map<number, Row[]> {
  const groups = new Map<number, Row[]>()
  for (const row of rows) {
    const group = groups.get(row.get(column))
    if (group) group.push(row)
    else groups.set(row.get(column), [row])
  }
  return groups
}

function optionOf(row: Row, name: string): number | undefined {
  const option = (row.get<string[] | null>('reloptions') ?? []).find(each => each.startsWith(`${name}=`))
  return option === undefined ? undefined : Number(option.slice(name.length + 1))
}

function makeTable(names: Names, row: Row, attributes: Row[], defaults: Row[], constraints: Row[]): Table {
  const columns = attributes
    .sort((a, b) => a.get('attnum') - b.get('attnum'))
    .map((attribute): Column => {
      const type = typeByOid(attribute.get('atttypid'))!
      const stored = defaults.find(each => each.get('adnum') === attribute.get('attnum'))
      const missing = attribute.get<string[] | null>('attmissingval')
      return {
        name: attribute.get<string>('attname'),
        type,
        modifier: attribute.get('atttypmod'),
        notNull: attribute.get<boolean>('attnotnull'),
        defaultTree: stored && (JSON.parse(stored.get<string>('adbin')) as Node),
        identity: attribute.get<'' | 'a' | 'd'>('attidentity'),
        ...(missing ? { missing: type.input(missing[0]) } : {}),
      }
    })
  const checks = constraints
    .filter(each => each.get<string>('contype') === 'c')
    .map(each => ({ name: each.get<string>('conname'), tree: JSON.parse(each.get<string>('conbin')) as Node }))
    // PostgreSQL checks them in the order of their names.
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return new Table(names, columns, {
    checks,
    fillFactor: optionOf(row, 'fillfactor'),
    replicaIdentityKind: row.get<ReplicaIdentityKind>('relreplident'),
    parallelWorkers: optionOf(row, 'parallel_workers'),
    counted: { pages: row.get('relpages'), tuples: row.get('reltuples') },
  })
}

function makeSequence(names: Names, row: Row, dependencies: Row[]): Sequence {
  const owner = dependencies.find(each => each.get('refclassid') === pgClass.oid && each.get('refobjsubid') > 0)
  return new Sequence(
    names,
    sequenceDescriptor,
    {
      type: typeByOid(row.get('seqtypid'))!,
      start: BigInt(row.get('seqstart')),
      increment: BigInt(row.get('seqincrement')),
      minimum: BigInt(row.get('seqmin')),
      maximum: BigInt(row.get('seqmax')),
      cache: BigInt(row.get('seqcache')),
      cycle: row.get<boolean>('seqcycle'),
    },
    owner && { table: owner.get('refobjid'), column: owner.get('refobjsubid') },
  )
}
