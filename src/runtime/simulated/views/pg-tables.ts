// pg_tables and pg_indexes: user-friendly lists of what pg_class has.

import { Table, TableIndex } from '../catalog/relations.ts'
import { booleanType } from '../catalog/types/boolean.ts'
import { nameType } from '../catalog/types/text.ts'
import type { Value } from '../catalog/types/type.ts'
import type { SystemView } from '../sql/system-view.ts'

const schemaOf = (relation: { readonly isCatalog: boolean }) => (relation.isCatalog ? 'pg_catalog' : 'public')

export const pgTables: SystemView = {
  name: 'pg_tables',
  columns: [
    { name: 'schemaname', type: nameType },
    { name: 'tablename', type: nameType },
    { name: 'tableowner', type: nameType },
    { name: 'hasindexes', type: booleanType },
  ],
  rows: ({ session }) =>
    session.catalog
      .all()
      .flatMap((each): Value[][] =>
        each instanceof Table ? [[schemaOf(each), each.name, 'postgres', each.indexes.length > 0]] : [],
      ),
}

export const pgIndexes: SystemView = {
  name: 'pg_indexes',
  columns: [
    { name: 'schemaname', type: nameType },
    { name: 'tablename', type: nameType },
    { name: 'indexname', type: nameType },
  ],
  rows: ({ session }) =>
    session.catalog
      .all()
      .flatMap((each): Value[][] => (each instanceof TableIndex ? [[schemaOf(each), each.table.name, each.name]] : [])),
}
