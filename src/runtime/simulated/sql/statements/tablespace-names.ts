// In which tablespace something new is put: the one that is named, default_tablespace, one of temp_tablespaces. Mirrors
// get_tablespace_oid, GetDefaultTablespace, PrepareTempTablespaces and what SET checks of these settings. Where nobody
// speaks of tablespaces, their catalog is not read.

import { pgTablespace } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import { defaultTablespace, globalTablespace } from '../../wal/record.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import type { SessionContext } from '../context.ts'

/** Its OID; undefined if there is none of that name. */
export function* findTablespace(session: SessionContext, name: string): Coroutine<number | undefined> {
  const [row] = yield* new CatalogWriter(session).find(pgTablespace, each => each.get<string>('spcname') === name)
  return row?.get('oid')
}

export function* namedTablespace(session: SessionContext, name: string): Coroutine<number> {
  return (yield* findTablespace(session, name)) ?? fail('42704', `tablespace "${name}" does not exist`)
}

/** For a new relation, as pg_class has it: 0 for the tablespace of the database. `name`: of the statement's clause. */
export function* tablespaceFor(session: SessionContext, name: string | undefined): Coroutine<number> {
  const fallback = session.settings.get('default_tablespace')
  if (name === undefined && fallback === '') return 0
  const oid = name === undefined ? yield* findTablespace(session, fallback) : yield* namedTablespace(session, name)
  if (oid === globalTablespace) fail('22023', 'only shared relations can be placed in pg_global tablespace')
  return oid === undefined || oid === (session.proc.databaseTablespace || defaultTablespace) ? 0 : oid
}

/** Where a database is to be. */
export function* databaseTablespace(session: SessionContext, name: string): Coroutine<number> {
  const oid = yield* namedTablespace(session, name)
  if (oid === globalTablespace) fail('22023', 'pg_global cannot be used as default tablespace')
  return oid
}

/** For the temporary files of a statement; a name of temp_tablespaces that there is not is left out. */
export function* temporaryTablespaces(session: SessionContext): Coroutine<readonly number[]> {
  const tablespaces: number[] = []
  for (const name of namesIn(session.settings.get('temp_tablespaces')) ?? []) {
    const oid = name === '' ? session.proc.databaseTablespace : yield* findTablespace(session, name)
    if (oid !== undefined) tablespaces.push(oid)
  }
  return tablespaces
}

/** Fails if SET must not give the setting this value. */
export function* checkTablespaces(session: SessionContext, setting: string, text: string): Coroutine {
  const refuse = (detail: string): never =>
    fail('22023', `invalid value for parameter "${setting}": "${text}"`, { detail })
  if (setting === 'default_tablespace') {
    const isThere = text === '' || (yield* findTablespace(session, text)) !== undefined
    if (!isThere) refuse(`Tablespace "${text}" does not exist.`)
  }
  if (setting !== 'temp_tablespaces') return
  for (const name of namesIn(text) ?? refuse('List syntax is invalid.')) {
    if (name === '') continue
    if ((yield* namedTablespace(session, name)) === globalTablespace) {
      fail('22023', 'only shared relations can be placed in pg_global tablespace')
    }
  }
}

/** SplitIdentifierString: undefined if it is no list of names. */
function namesIn(text: string): string[] | undefined {
  if (text.trim() === '') return []
  if (!/^\s*("([^"]|"")*"|[^\s",]+)\s*(,\s*("([^"]|"")*"|[^\s",]+)\s*)*$/.test(text)) return undefined
  const names = text.match(/"(?:[^"]|"")*"|[^\s",]+/g) ?? []
  return names.map(name => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase()))
}
