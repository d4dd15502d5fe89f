// Where temporary files are, and who clears away those whose process cannot: a backend removes its own at the end of the
// statement or transaction; those of a crash are removed by the postmaster. Mirrors TempTablespacePath and RemovePgTempFiles
// of fd.c.

import type { Volume } from '../machine/volume.ts'
import type { Version } from '../wal/page-header.ts'
import { directoryExists, hasOwnDirectory, makeDirectories, versionPath } from './tablespace-directories.ts'

/** The folder of the tablespace in which every database is that has no other. */
const directory = 'base/pgsql_tmp'

/** The folder for a new file. The default one serves where there is no tablespace, or where it was dropped meanwhile. */
export function temporaryDirectory(data: Volume, version: Version, tablespace: number): string {
  if (!hasOwnDirectory(tablespace)) return directory
  const parent = versionPath(version, tablespace)
  if (!directoryExists(data, parent)) return directory
  makeDirectories(data, `${parent}/pgsql_tmp`)
  return `${parent}/pgsql_tmp`
}

/** The file that this process makes after `number` others. */
export function temporaryFilePath(folder: string, pid: number, number: number): string {
  return `${folder}/pgsql_tmp${pid}.${number}`
}

/** Paths of those in the default tablespace. */
export function temporaryFiles(data: Volume): string[] {
  return data.list(`${directory}/`)
}

/** Whether the path is of a temporary file, in whichever tablespace. */
export function isTemporaryFile(path: string): boolean {
  return /(^base|^pg_tblspc\/.*)\/pgsql_tmp\/./.test(path)
}

export function removeTemporaryFiles(data: Volume): void {
  for (const path of [...temporaryFiles(data), ...data.list('pg_tblspc/').filter(isTemporaryFile)]) data.remove(path)
}
