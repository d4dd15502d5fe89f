// ALTER TABLE … SET (autovacuum_enabled = off), RESET (fillfactor): a table's storage parameters. Mirrors
// ATExecSetRelOptions and transformRelOptions.

import type { AlterTableCmd } from '@pgsql/types'
import { pgClass } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import type { Session } from '../session.ts'
import { readOptions } from './storage-options.ts'

export function isOptionChange({ subtype }: AlterTableCmd): boolean {
  return subtype === 'AT_SetRelOptions' || subtype === 'AT_ResetRelOptions'
}

export function* changeOptions(session: Session, oid: number, { subtype, def }: AlterTableCmd): Coroutine {
  const nodes = def && 'List' in def ? (def.List.items ?? []) : []
  const names = new Set(nodes.map(node => ('DefElem' in node ? node.DefElem.defname : undefined)))
  const added = subtype === 'AT_SetRelOptions' ? readOptions(nodes, session.server.environment.version) : []
  const writer = new CatalogWriter(session)
  const [row] = yield* writer.find(pgClass, each => each.get('oid') === oid)
  const kept = (row.get<string[] | null>('reloptions') ?? []).filter(each => !names.has(each.split('=')[0]))
  const options = [...kept, ...added]
  yield* writer.update(pgClass, each => each.get('oid') === oid, { reloptions: options.length > 0 ? options : null })
  writer.changed(oid)
  yield* session.refreshCatalog()
}
