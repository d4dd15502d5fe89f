// Publications: which changes of which tables subscribers get. Mirrors pg_publication.c.

import type { Datum } from '../access/tuple-descriptor.ts'
import type { Table } from './relations.ts'
import { type CatalogTableDefinition, pgPublication, pgPublicationRel } from './tables.ts'

export type PublishedAction = 'insert' | 'update' | 'delete' | 'truncate'

export const publishedActions: readonly PublishedAction[] = ['insert', 'update', 'delete', 'truncate']

export interface Publication {
  readonly oid: number
  readonly name: string
  readonly isForAllTables: boolean
  readonly actions: ReadonlySet<PublishedAction>
  /** Oids of the tables that it names. */
  readonly tables: ReadonlySet<number>
}

/** From the rows of pg_publication and pg_publication_rel; in the order of their oids. */
export function makePublications(
  publications: readonly (readonly Datum[])[],
  members: readonly (readonly Datum[])[],
): Publication[] {
  const get = <T>(definition: CatalogTableDefinition, row: readonly Datum[], column: string) =>
    row[definition.at(column)] as T
  return publications
    .map(row => {
      const oid = get<number>(pgPublication, row, 'oid')
      const own = members.filter(member => get(pgPublicationRel, member, 'prpubid') === oid)
      return {
        oid,
        name: get<string>(pgPublication, row, 'pubname'),
        isForAllTables: get<boolean>(pgPublication, row, 'puballtables'),
        actions: new Set(publishedActions.filter(action => get<boolean>(pgPublication, row, `pub${action}`))),
        tables: new Set(own.map(member => get<number>(pgPublicationRel, member, 'prrelid'))),
      }
    })
    .sort((a, b) => a.oid - b.oid)
}

export function isPublished({ isForAllTables, tables }: Publication, table: Table): boolean {
  return !table.isCatalog && !table.isUnlogged && (isForAllTables || tables.has(table.id))
}

/** Whether a subscriber of one of them would get this kind of change. */
export function publishes(publications: readonly Publication[], table: Table, action: PublishedAction): boolean {
  return publications.some(each => each.actions.has(action) && isPublished(each, table))
}
