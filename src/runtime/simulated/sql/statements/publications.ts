// CREATE, ALTER and DROP PUBLICATION. Mirrors publicationcmds.c; row filters, column lists and whole schemas are refused.

import type { AlterPublicationStmt, CreatePublicationStmt, DropStmt, Node } from '@pgsql/types'
import { parseBool } from '../../../../model/setting-value.ts'
import { type Publication, publishedActions } from '../../catalog/publications.ts'
import type { Table } from '../../catalog/relations.ts'
import { bootstrapRole, pgPublication, pgPublicationRel } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { ShareUpdateExclusiveLock } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import { versionFacts } from '../../shared/versions.ts'
import { stringOf } from '../analysis/tree.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import { notice } from '../notice.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { failAt } from '../source.ts'
import { openTable } from './names.ts'
import { argumentText } from './storage-options.ts'

/** Of caches: everything may have changed. */
const wholeCatalog = 0

export function* createPublication(session: Session, tree: CreatePublicationStmt): Coroutine<string> {
  const { pubname: name = '', for_all_tables: isForAllTables = false } = tree
  if (session.catalog.publications.some(each => each.name === name)) {
    fail('42710', `publication "${name}" already exists`)
  }
  const options = readOptions(tree.options ?? [])
  const tables = yield* openTables(session, tree.pubobjects ?? [])
  const writer = new CatalogWriter(session)
  const oid = writer.newOid()
  const published = options.actions ?? new Set(publishedActions)
  yield* writer.insert(pgPublication, {
    oid,
    pubname: name,
    pubowner: bootstrapRole,
    puballtables: isForAllTables,
    ...columnsOf(published),
    pubviaroot: options.viaRoot ?? false,
  })
  for (const table of tables) yield* addMember(writer, oid, table)
  if (isForAllTables) writer.changed(wholeCatalog)
  yield* session.refreshCatalog()
  const { wal, environment } = session.server
  if (!wal.isLogical) {
    const { settingName } = versionFacts(environment.version)
    const message = `${settingName('wal_level')} is insufficient to publish logical changes`
    const hint = `Set ${settingName('wal_level')} to "logical" before creating subscriptions.`
    notice(session, '55000', message, 'WARNING', hint)
  }
  return 'CREATE PUBLICATION'
}

export function* alterPublication(session: Session, tree: AlterPublicationStmt): Coroutine<string> {
  const { pubname = '', action } = tree
  const publication = find(session, pubname) ?? failMissing(pubname)
  const writer = new CatalogWriter(session)
  if (tree.options) {
    const { actions, viaRoot } = readOptions(tree.options)
    yield* writer.update(pgPublication, row => row.get('oid') === publication.oid, {
      ...(actions ? columnsOf(actions) : {}),
      ...(viaRoot === undefined ? {} : { pubviaroot: viaRoot }),
    })
    writer.changed(wholeCatalog)
  } else {
    if (publication.isForAllTables) {
      fail('55000', `publication "${pubname}" is defined as FOR ALL TABLES`, {
        detail: 'Tables cannot be added to or dropped from FOR ALL TABLES publications.',
      })
    }
    const tables = yield* openTables(session, tree.pubobjects ?? [])
    if (action === 'AP_DropObjects') yield* dropMembers(writer, publication, tables)
    else if (action === 'AP_SetObjects') yield* setMembers(writer, publication, tables)
    else yield* addMembers(writer, publication, tables)
  }
  yield* session.refreshCatalog()
  return 'ALTER PUBLICATION'
}

export function* dropPublications(session: Session, { objects = [], missing_ok }: DropStmt): Coroutine<string> {
  const doomed: Publication[] = []
  for (const name of objects.map(stringOf)) {
    const publication = find(session, name)
    if (publication) doomed.push(publication)
    else if (!missing_ok) failMissing(name)
    else notice(session, '00000', `publication "${name}" does not exist, skipping`)
  }
  const writer = new CatalogWriter(session)
  const isDoomed = (oid: number) => doomed.some(each => each.oid === oid)
  yield* writer.delete(pgPublicationRel, row => isDoomed(row.get('prpubid')))
  yield* writer.delete(pgPublication, row => isDoomed(row.get('oid')))
  if (doomed.length > 0) writer.changed(wholeCatalog)
  yield* session.refreshCatalog()
  return 'DROP PUBLICATION'
}

function find({ catalog }: Session, name: string): Publication | undefined {
  return catalog.publications.find(each => each.name === name)
}

function failMissing(name: string): never {
  return fail('42704', `publication "${name}" does not exist`)
}

interface Options {
  readonly actions: ReadonlySet<string> | undefined
  readonly viaRoot: boolean | undefined
}

function readOptions(nodes: readonly Node[]): Options {
  const given = new Map<string, string>()
  for (const node of nodes) {
    if (!('DefElem' in node)) continue
    const { defname = '', arg, location } = node.DefElem
    if (given.has(defname)) failAt(location, '42601', 'conflicting or redundant options')
    if (defname === 'publish_generated_columns') {
      failAt(location, '0A000', 'publish_generated_columns is not played yet')
    }
    if (defname !== 'publish' && defname !== 'publish_via_partition_root') {
      fail('42601', `unrecognized publication parameter: "${defname}"`)
    }
    given.set(defname, argumentText(arg))
  }
  const publish = given.get('publish')
  const viaRoot = given.get('publish_via_partition_root')
  return {
    actions: publish === undefined ? undefined : readActions(publish),
    viaRoot: viaRoot === undefined ? undefined : readBoolean('publish_via_partition_root', viaRoot),
  }
}

function readBoolean(name: string, text: string): boolean {
  return parseBool(text) ?? fail('42601', `${name} requires a Boolean value`)
}

function readActions(text: string): ReadonlySet<string> {
  const words = text.split(',').map(word => word.trim().toLowerCase())
  if (text.trim() === '') return new Set()
  if (words.includes('')) fail('42601', 'invalid list syntax in parameter "publish"')
  const unknown = words.find(word => !publishedActions.some(action => action === word))
  if (unknown !== undefined) fail('42601', `unrecognized value for publication option "publish": "${unknown}"`)
  return new Set(words)
}

function columnsOf(actions: ReadonlySet<string>): Record<string, boolean> {
  return Object.fromEntries(publishedActions.map(action => [`pub${action}`, actions.has(action)]))
}

function* openTables(session: Session, nodes: readonly Node[]): Coroutine<Table[]> {
  const tables = new Set<Table>()
  for (const node of nodes) {
    const spec = 'PublicationObjSpec' in node ? node.PublicationObjSpec : {}
    const { relation, whereClause, columns } = spec.pubtable ?? {}
    if (!relation) failAt(spec.location, '0A000', 'FOR TABLES IN SCHEMA is not played yet')
    if (whereClause) failAt(spec.location, '0A000', 'a row filter of a publication is not played yet')
    if (columns) failAt(spec.location, '0A000', 'a column list of a publication is not played yet')
    const table = openTable(session, relation)
    if (table.isCatalog || table.isUnlogged) {
      fail('22023', `cannot add relation "${table.name}" to publication`, {
        detail: `This operation is not supported for ${table.isCatalog ? 'system' : 'unlogged'} tables.`,
      })
    }
    yield* lockRelation(session, table, ShareUpdateExclusiveLock)
    tables.add(table)
  }
  return [...tables]
}

function* addMember(writer: CatalogWriter, publication: number, table: Table): Coroutine {
  yield* writer.insert(pgPublicationRel, { oid: writer.newOid(), prpubid: publication, prrelid: table.id })
  writer.changed(table.id)
}

function* addMembers(writer: CatalogWriter, publication: Publication, tables: readonly Table[]): Coroutine {
  for (const table of tables) {
    if (publication.tables.has(table.id)) {
      fail('42710', `relation "${table.name}" is already member of publication "${publication.name}"`)
    }
    yield* addMember(writer, publication.oid, table)
  }
}

function* dropMember(writer: CatalogWriter, { oid }: Publication, table: number): Coroutine {
  yield* writer.delete(pgPublicationRel, row => row.get('prpubid') === oid && row.get('prrelid') === table)
  writer.changed(table)
}

function* dropMembers(writer: CatalogWriter, publication: Publication, tables: readonly Table[]): Coroutine {
  for (const table of tables) {
    if (!publication.tables.has(table.id)) {
      fail('42704', `relation "${table.name}" is not part of the publication`)
    }
    yield* dropMember(writer, publication, table.id)
  }
}

function* setMembers(writer: CatalogWriter, publication: Publication, tables: readonly Table[]): Coroutine {
  const kept = new Set(tables.map(({ id }) => id))
  for (const old of publication.tables) if (!kept.has(old)) yield* dropMember(writer, publication, old)
  for (const table of tables) if (!publication.tables.has(table.id)) yield* addMember(writer, publication.oid, table)
}
