// The catalogs of a fresh database, as the bytes of their files: what initdb leaves. Every row is frozen, so everybody
// sees it.

import { HeapTuple, XmaxInvalid, XminFrozen } from '../access/heap-tuple.ts'
import { makeTid } from '../access/tid.ts'
import { formTuple } from '../access/tuple.ts'
import type { Datum } from '../access/tuple-descriptor.ts'
import type { FileImage } from '../recovery/initdb.ts'
import { linePointerSize, Page, pageFlag, pageSize } from '../storage/page.ts'
import type { Version } from '../wal/page-header.ts'
import { defaultTablespace, globalTablespace } from '../wal/record.ts'
import { databaseRow, initialDatabases, unreadBlocks, unreadCatalogs } from './databases.ts'
import { attributeRow, classRow } from './rows.ts'
import {
  bootstrapRole,
  type CatalogTableDefinition,
  catalogNamespace,
  catalogTables,
  describedCatalogs,
  pgAttribute,
  pgClass,
  pgDatabase,
  pgExtension,
  pgNamespace,
  pgTablespace,
  pgType,
  publicNamespace,
} from './tables.ts'
import { isArrayType, types } from './types/types.ts'

/** FrozenTransactionId. */
const frozenXid = 2

/** The one extension that initdb makes. */
const plpgsqlOid = { 15: 13559, 16: 13479, 17: 13484, 18: 13494 } as const

/** `oldestXid`: none is older that a row may bear unfrozen. Files of a fresh cluster's catalogs: heap pages with frozen tuples, in `base/<database>/<oid>` and `global/<oid>`. */
export function bootstrapFiles(version: Version, oldestXid: number): FileImage[] {
  const rows = new Map<CatalogTableDefinition, Datum[][]>(catalogTables.map(table => [table, []]))
  for (const table of describedCatalogs) {
    const { oid, name, columns } = table
    rows.get(pgClass)!.push(
      classRow({
        oid,
        name,
        namespace: catalogNamespace,
        kind: 'r',
        fileNode: oid,
        columnCount: columns.length,
        frozenXid: oldestXid,
      }),
    )
    for (const [index, column] of columns.entries()) {
      const described = { ...column, modifier: -1, hasDefault: false, identity: '' as const }
      rows.get(pgAttribute)!.push(attributeRow(oid, index + 1, described))
    }
  }
  rows
    .get(pgNamespace)!
    .push(
      pgNamespace.row({ oid: catalogNamespace, nspname: 'pg_catalog', nspowner: bootstrapRole }),
      pgNamespace.row({ oid: publicNamespace, nspname: 'public', nspowner: bootstrapRole }),
    )
  rows.get(pgType)!.push(...typeRows())
  rows.get(pgExtension)!.push(
    pgExtension.row({
      oid: plpgsqlOid[version],
      extname: 'plpgsql',
      extowner: bootstrapRole,
      extnamespace: catalogNamespace,
      extversion: '1.0',
    }),
  )
  rows
    .get(pgTablespace)!
    .push(
      pgTablespace.row({ oid: defaultTablespace, spcname: 'pg_default', spcowner: bootstrapRole }),
      pgTablespace.row({ oid: globalTablespace, spcname: 'pg_global', spcowner: bootstrapRole }),
    )
  const databases = initialDatabases(oldestXid)
  rows.get(pgDatabase)!.push(...databases.map(databaseRow))
  const folders = databases.map(({ oid }) => `base/${oid}`)
  const catalogs = catalogTables.flatMap(table => {
    const bytes = heapPages(table, rows.get(table)!)
    return (table.isShared ? ['global'] : folders).map(folder => ({ path: `${folder}/${table.oid}`, bytes }))
  })
  const label = new TextEncoder().encode(`${version}\n`)
  return [
    ...catalogs,
    ...folders.map(folder => ({ path: `${folder}/PG_VERSION`, bytes: label })),
    ...folders.map(folder => ({ path: `${folder}/${unreadCatalogs}`, zeros: unreadBlocks[version] * pageSize })),
  ]
}

const alignCodes: Readonly<Record<number, string>> = { 1: 'c', 2: 's', 4: 'i', 8: 'd' }

function typeRows(): Datum[][] {
  return types.map(type =>
    pgType.row({
      oid: type.oid,
      typname: type.name,
      typnamespace: catalogNamespace,
      typowner: bootstrapRole,
      typlen: type.length,
      typbyval: type.length > 0 && type.length <= 8,
      typtype: type.category === 'P' || type.category === 'X' ? 'p' : 'b',
      typcategory: type.category,
      typispreferred: type.isPreferred ?? false,
      typisdefined: true,
      typdelim: ',',
      typelem: isArrayType(type) ? type.element.oid : 0,
      typarray:
        types.find(each => isArrayType(each) && each.element === type && each.name === `_${type.name}`)?.oid ?? 0,
      typalign: alignCodes[type.align],
      typstorage: type.length > 0 ? 'p' : 'x',
      typtypmod: -1,
      typcollation: type.category === 'S' ? 100 : 0,
    }),
  )
}

/** initdb leaves in pg_class a page of two rows, behind lines that are free again: there the first tables' rows come. */
const roomiestOfClasses = { rows: 2, freeLines: 45 }

function heapPages(table: CatalogTableDefinition, rows: readonly (readonly Datum[])[]): Uint8Array {
  const pages: Page[] = []
  const roomiestFrom = table === pgClass ? rows.length - roomiestOfClasses.rows : undefined
  for (const [index, row] of rows.entries()) {
    const tuple = formTuple(table.descriptor, row)
    let page = index === roomiestFrom ? undefined : pages.at(-1)
    let line = page ? page.addItem(tuple.length, page.lineCount + 1) : 0
    if (line === 0) {
      page = new Page()
      page.initialize()
      if (index === roomiestFrom) {
        page.lower += roomiestOfClasses.freeLines * linePointerSize
        page.flags |= pageFlag.hasFreeLines
      }
      pages.push(page)
      line = page.addItem(tuple.length, page.lineCount + 1)
    }
    page!.item(line).set(tuple.content)
    const stored = new HeapTuple(page!, page!.itemOffset(line), tuple.length, makeTid(pages.length - 1, line))
    stored.xmin = frozenXid
    stored.mask = tuple.mask | XminFrozen | XmaxInvalid
    stored.next = stored.tid
  }
  const bytes = new Uint8Array(pages.length * pageSize)
  for (const [index, page] of pages.entries()) bytes.set(page.bytes, index * pageSize)
  return bytes
}
