// Functions that tell where tablespaces are and who has something in them. Mirrors misc.c of utils/adt.

import { oidType } from '../../catalog/types/identifiers.ts'
import { textType } from '../../catalog/types/text.ts'
import type { Value } from '../../catalog/types/type.ts'
import { fail } from '../../shared/error.ts'
import {
  directoriesIn,
  hasOwnDirectory,
  isEmptyDirectory,
  tablespacePath,
} from '../../storage/tablespace-directories.ts'
import type { Execution } from '../expressions/execution.ts'
import type { RowFunction, SessionFunction } from './registry.ts'

/** A tablespace in place is where its link would be. */
function location({ session }: Execution, tablespace: number): Value {
  if (!hasOwnDirectory(tablespace)) return ''
  const path = tablespacePath(tablespace)
  const { data } = session.server.environment
  if (data.list(`${path}/`).length === 0) {
    fail('58P01', `could not stat file "${path}": No such file or directory`)
  }
  return path
}

/** Databases that have files in it. */
function* databasesIn({ session }: Execution, tablespace: number): Generator<Value> {
  const { data, version } = session.server.environment
  for (const path of directoriesIn(data, version, tablespace)) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (/^\d+$/.test(name) && !isEmptyDirectory(data, path)) yield Number(name)
  }
}

export const tablespaceFunctions: readonly SessionFunction[] = [
  {
    name: 'pg_tablespace_location',
    parameters: [oidType],
    returns: textType,
    isVolatile: true,
    session: location,
  },
]

export const tablespaceRowFunctions: readonly RowFunction[] = [
  { name: 'pg_tablespace_databases', parameters: [oidType], returns: oidType, rows: databasesIn },
]
