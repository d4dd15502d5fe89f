// pg_publication_tables: which tables each publication has, with their columns. There are no row filters.

import { isPublished } from '../catalog/publications.ts'
import { Table } from '../catalog/relations.ts'
import { namespaceName } from '../catalog/tables.ts'
import { textArrayType } from '../catalog/types/array.ts'
import { nameType, textType } from '../catalog/types/text.ts'
import type { Value } from '../catalog/types/type.ts'
import type { SystemView } from '../sql/system-view.ts'

export const pgPublicationTables: SystemView = {
  name: 'pg_publication_tables',
  columns: [
    { name: 'pubname', type: nameType },
    { name: 'schemaname', type: nameType },
    { name: 'tablename', type: nameType },
    { name: 'attnames', type: textArrayType },
    { name: 'rowfilter', type: textType },
  ],
  rows: ({ session: { catalog } }) =>
    catalog.publications.flatMap(publication =>
      catalog.all().flatMap((each): Value[][] => {
        if (!(each instanceof Table) || !isPublished(publication, each)) return []
        const columns = each.columns.map(({ name }) => name)
        return [[publication.name, namespaceName(each.namespace), each.name, columns, null]]
      }),
    ),
}
