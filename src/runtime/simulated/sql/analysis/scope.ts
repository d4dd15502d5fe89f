// What names mean at one place of a query: the entries of its FROM, and the scopes of the queries around it.
// Mirrors the range table and namespace of parse_relation.c.

import type { Node, SelectStmt } from '@pgsql/types'
import { distance } from 'fastest-levenshtein'
import type { CatalogImage } from '../../catalog/image.ts'
import type { AnyRelation, Table } from '../../catalog/relations.ts'
import { cidType, oidType, tidType, xidType } from '../../catalog/types/identifiers.ts'
import type { Type } from '../../catalog/types/type.ts'
import type { LockMode } from '../../locks/lock-mode.ts'
import type { ColumnReference, Expression } from '../expressions/expression.ts'
import type { FunctionRegistry } from '../functions/registry.ts'
import type { PlanNode } from '../plan/node.ts'
import { failAt } from '../source.ts'
import type { SystemView } from '../system-view.ts'
import type { Query } from './query.ts'

/** Expressions hold queries and queries expressions: each side is handed to the other here. */
export interface Analyzer {
  readonly expression: (scope: Scope, node: Node) => Expression
  readonly select: (context: AnalysisContext, node: SelectStmt, parent?: Scope, hints?: ColumnHints) => Query
}

/** What each output column is to be if nothing gives it a type; missing: text. */
export type ColumnHints = readonly (Type | undefined)[] | 'keep unknown'

/** What an analysis knows besides the tree. */
export interface AnalysisContext {
  readonly analyze: Analyzer
  readonly catalog: CatalogImage
  /** Name of the database that the session is in. */
  readonly database: string
  readonly functions: FunctionRegistry
  readonly views: ReadonlyMap<string, SystemView>
  /** Types of `$1` …. */
  readonly parameterTypes: readonly Type[]
  /** PostgreSQL's major version. */
  readonly version: number
  /** Locks that the statement needs before it runs, in the order in which it names their relations. */
  readonly locks: RelationLock[]
  readonly hazard: ParallelHazard
}

/** What keeps a statement from being run with parallel workers; known when all of it has been looked at. */
export interface ParallelHazard {
  isUnsafe: boolean
}

export interface RelationLock {
  readonly relation: AnyRelation
  readonly mode: LockMode
  readonly location: number
}

/** A query of a WITH clause. */
export interface CommonTable {
  readonly node: PlanNode
  readonly columns: readonly EntryColumn[]
}

export interface EntryColumn {
  readonly name: string
  readonly type: Type
  readonly modifier: number
}

/** Columns that every table has, behind its own. The first has the row's place, which changing it needs. */
const systemColumns: readonly (EntryColumn & { readonly name: SystemColumn })[] = [
  { name: 'ctid', type: tidType, modifier: -1 },
  { name: 'xmin', type: xidType, modifier: -1 },
  { name: 'cmin', type: cidType, modifier: -1 },
  { name: 'xmax', type: xidType, modifier: -1 },
  { name: 'cmax', type: cidType, modifier: -1 },
  { name: 'tableoid', type: oidType, modifier: -1 },
]

export type SystemColumn = 'ctid' | 'xmin' | 'cmin' | 'xmax' | 'cmax' | 'tableoid'
export const systemColumnNames = systemColumns.map(column => column.name)

/** Something in FROM (or the target of INSERT, UPDATE, DELETE), with the slots that its columns have in a row. */
export class RangeEntry {
  readonly index: number
  /** Its alias, or its own name. */
  readonly name: string
  readonly table: Table | undefined
  readonly columns: readonly EntryColumn[]
  readonly offset: number
  /** System columns that something asks for. */
  readonly usedSystemColumns = new Set<SystemColumn>()
  /** How many of its columns, from the first, somebody reads. */
  readColumns = 0
  /** The table's own name. */
  readonly realName: string

  constructor(
    index: number,
    name: string,
    columns: readonly EntryColumn[],
    offset: number,
    table?: Table,
    realName = name,
  ) {
    this.index = index
    this.name = name
    this.columns = columns
    this.offset = offset
    this.table = table
    this.realName = realName
  }

  get width(): number {
    return this.columns.length + (this.table ? systemColumns.length : 0)
  }

  /** The slot of the row's place. */
  get tidSlot(): number {
    return this.offset + this.columns.length
  }
}

/** What a bare name finds: in order, as * lists them. */
interface VisibleColumn {
  readonly name: string
  readonly entry: RangeEntry
  /** 0-based among the entry's columns. */
  readonly attribute: number
}

export class Scope {
  readonly context: AnalysisContext
  readonly parent: Scope | undefined
  readonly depth: number
  readonly entries: RangeEntry[] = []
  visible: VisibleColumn[] = []
  /** References that reach out of this query, its subqueries' included. */
  readonly outerReferences: ColumnReference[]
  readonly commonTables = new Map<string, CommonTable>()
  private width = 0

  constructor(context: AnalysisContext, parent?: Scope, outerReferences: ColumnReference[] = []) {
    this.outerReferences = outerReferences
    this.context = context
    this.parent = parent
    this.depth = parent ? parent.depth + 1 : 0
  }

  /** For subqueries and functions in FROM: they see the queries around this one, and its WITH, not their neighbours. */
  aroundFrom(): Scope {
    const around = new Scope(this.context, this.parent, this.outerReferences)
    for (const [name, table] of this.commonTables) around.commonTables.set(name, table)
    return around
  }

  commonTable(name: string): CommonTable | undefined {
    return this.commonTables.get(name) ?? this.parent?.commonTable(name)
  }

  /** `isHidden`: bare names do not find its columns. */
  add(name: string, columns: readonly EntryColumn[], options: { table?: Table; isHidden?: boolean } = {}): RangeEntry {
    if (this.entries.some(entry => entry.name === name)) {
      failAt(-1, '42712', `table name "${name}" specified more than once`)
    }
    const entry = new RangeEntry(this.entries.length, name, columns, this.width, options.table, options.table?.name)
    this.entries.push(entry)
    this.width += entry.width
    if (!options.isHidden) this.visible.push(...columnsOf(entry))
    return entry
  }

  reference(entry: RangeEntry, attribute: number, location: number): ColumnReference {
    const column = entry.columns[attribute] ?? systemColumns[attribute - entry.columns.length]
    if (attribute >= entry.columns.length) entry.usedSystemColumns.add(column.name as SystemColumn)
    else entry.readColumns = Math.max(entry.readColumns, attribute + 1)
    return {
      kind: 'column',
      type: column.type,
      modifier: column.modifier,
      location,
      depth: this.depth,
      slot: entry.offset + attribute,
      entry: entry.index,
      name: column.name,
    }
  }

  /** A bare name, here or in a query around; undefined if nothing has it. */
  find(name: string, location: number): ColumnReference | undefined {
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      const found = scope.visible.filter(column => column.name === name)
      if (found.length > 1) failAt(location, '42702', `column reference "${name}" is ambiguous`)
      const reference =
        found.length === 1
          ? scope.reference(found[0].entry, found[0].attribute, location)
          : scope.findSystemColumn(name, location)
      if (reference) return this.leaving(scope, reference)
    }
    return undefined
  }

  /** table.column. */
  findQualified(table: string, name: string, location: number): ColumnReference | undefined {
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      const entry = scope.entries.find(each => each.name === table)
      if (!entry) continue
      const attribute = attributeOf(entry, name)
      return attribute < 0 ? undefined : this.leaving(scope, scope.reference(entry, attribute, location))
    }
    return failMissingEntry(this, table, location)
  }

  entryNamed(name: string, location: number): RangeEntry {
    return this.entries.find(entry => entry.name === name) ?? failMissingEntry(this, name, location)
  }

  failUnknownColumn(name: string, location: number, table?: string): never {
    const shown = table === undefined ? `"${name}"` : `${table}.${name}`
    const hint = this.similarColumns(name, table)
    failAt(location, '42703', `column ${shown} does not exist`, hint ? { hint } : {})
  }

  /** A reference that leaves this query is noted in all queries that it leaves. */
  private leaving(scope: Scope, reference: ColumnReference): ColumnReference {
    for (let left: Scope | undefined = this; left && left !== scope; left = left.parent)
      left.outerReferences.push(reference)
    return reference
  }

  private findSystemColumn(name: string, location: number): ColumnReference | undefined {
    const tables = this.entries.filter(entry => entry.table && (systemColumnNames as string[]).includes(name))
    if (tables.length > 1) failAt(location, '42702', `column reference "${name}" is ambiguous`)
    return tables.length === 1 ? this.reference(tables[0], attributeOf(tables[0], name), location) : undefined
  }

  private similarColumns(name: string, table: string | undefined): string | undefined {
    let least = Math.min(3, Math.floor(name.length / 2))
    let nearest: string[] = []
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      for (const entry of scope.entries) {
        if (table !== undefined && entry.name !== table) continue
        for (const column of entry.columns) {
          const edits = distance(column.name, name)
          if (edits > least) continue
          if (edits < least) nearest = []
          least = edits
          nearest.push(`column "${entry.name}.${column.name}"`)
        }
      }
    }
    if (nearest.length === 0 || nearest.length > 2) return undefined
    return `Perhaps you meant to reference the ${nearest.join(' or the ')}.`
  }
}

function attributeOf(entry: RangeEntry, name: string): number {
  const own = entry.columns.findIndex(column => column.name === name)
  if (own >= 0 || !entry.table) return own
  const system = systemColumns.findIndex(column => column.name === name)
  return system < 0 ? -1 : entry.columns.length + system
}

function columnsOf(entry: RangeEntry): VisibleColumn[] {
  return entry.columns.map(({ name }, attribute) => ({ name, entry, attribute }))
}

function failMissingEntry(scope: Scope, name: string, location: number): never {
  for (let each: Scope | undefined = scope; each; each = each.parent) {
    const renamed = each.entries.find(entry => entry.realName === name)
    if (renamed) {
      failAt(location, '42P01', `invalid reference to FROM-clause entry for table "${name}"`, {
        hint: `Perhaps you meant to reference the table alias "${renamed.name}".`,
      })
    }
  }
  failAt(location, '42P01', `missing FROM-clause entry for table "${name}"`)
}
