// The folder of a database: made with its PG_VERSION, copied file by file, removed. Mirrors copydir.c, rmtree.c and
// CreateDirAndVersionFile.
//
// | fault | what happens |
// |---|---|
// | the data volume is full | ERROR 53100 could not write to file "base/16384/1259": No space left on device |

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Volume } from '../machine/volume.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { dataSyncLevel, fileAccessError, syncFile } from '../shared/file-access.ts'
import type { DatabasePlace } from './database-records.ts'
import { databasePath } from './relation-files.ts'
import { makeDirectories, tablespacesPath } from './tablespace-directories.ts'

/** At once, in bytes. */
const copyBufferSize = 8 * 8192

export function folderOf({ version }: ServerEnvironment, place: DatabasePlace): string {
  return databasePath(version, place)
}

/** Paths of the files in a folder. */
export function filesIn(data: Volume, folder: string): string[] {
  return data.list(`${folder}/`).filter(path => !path.endsWith('/'))
}

/** The folder has a file that says which major it belongs to. One that is there already is made anew. */
export function* makeDatabaseFolder(me: Process, environment: ServerEnvironment, folder: string): Coroutine {
  const { data, settings, version } = environment
  const path = `${folder}/PG_VERSION`
  makeFolder(data, folder)
  if (data.exists(path)) data.remove(path)
  data.create(path)
  try {
    data.write(me, path, 0, new TextEncoder().encode(`${version}\n`))
  } catch (error) {
    throw fileAccessError(error, 'ERROR', `could not write to file "${path}"`)
  }
  try {
    yield* syncFile(me, { settings, volume: data }, path, 'VersionFileSync')
  } catch (error) {
    throw fileAccessError(error, dataSyncLevel(settings), `could not fsync file "${path}"`)
  }
}

/** All files go over, and are on the platter when this returns. */
export function* copyFolder(me: Process, environment: ServerEnvironment, from: string, to: string): Coroutine {
  const { data, settings } = environment
  makeFolder(data, to)
  const copies: string[] = []
  for (const path of filesIn(data, from)) {
    const copy = `${to}${path.slice(from.length)}`
    yield* copyFile(me, data, path, copy)
    copies.push(copy)
  }
  for (const path of copies) {
    try {
      yield* syncFile(me, { settings, volume: data }, path, 'DataFileImmediateSync')
    } catch (error) {
      throw fileAccessError(error, dataSyncLevel(settings), `could not fsync file "${path}"`)
    }
  }
}

function* copyFile(me: Process, data: Volume, from: string, to: string): Coroutine {
  const size = data.sizeOf(from) ?? 0
  data.create(to)
  for (let at = 0; at < size; at += copyBufferSize) {
    const piece = new Uint8Array(Math.min(copyBufferSize, size - at))
    yield* data.read(me, from, at, piece, 'CopyFileRead')
    try {
      data.write(me, to, at, piece)
    } catch (error) {
      throw fileAccessError(error, 'ERROR', `could not write to file "${to}"`)
    }
    yield* me.pause()
  }
}

/** That of a tablespace is an entry of its own. */
function makeFolder(data: Volume, folder: string): void {
  if (folder.startsWith(`${tablespacesPath}/`)) makeDirectories(data, folder)
}

export function removeFolder(data: Volume, folder: string): void {
  for (const path of data.list(`${folder}/`)) data.remove(path)
}
