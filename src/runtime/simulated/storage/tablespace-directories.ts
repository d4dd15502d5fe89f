// The folders of tablespaces, below pg_tblspc: one a tablespace, in it one for each major of PostgreSQL, in that one for
// each database that has relations there, and one for temporary files. Mirrors TablespaceCreateDbspace,
// create_tablespace_directories and destroy_tablespace_directories of tablespace.c.
// A volume knows files alone. A folder that may be empty is an entry whose name ends in a slash: it is copied, listed and
// removed as files are.

import type { Volume } from '../machine/volume.ts'
import { catalogVersion } from '../wal/control-file.ts'
import type { Version } from '../wal/page-header.ts'
import { defaultTablespace, globalTablespace } from '../wal/record.ts'

export const tablespacesPath = 'pg_tblspc'

/** pg_tblspc/16385: with a location of its own it would be a link to there. */
export function tablespacePath(tablespace: number): string {
  return `${tablespacesPath}/${tablespace}`
}

/** The folder in it that belongs to one major of PostgreSQL: pg_tblspc/16385/PG_15_202209061. */
export function versionPath(version: Version, tablespace: number): string {
  return `${tablespacePath(tablespace)}/PG_${version}_${catalogVersion[version]}`
}

/** pg_default, for which 0 stands as well, and pg_global have no folders of this kind. */
export function hasOwnDirectory(tablespace: number): boolean {
  return tablespace !== 0 && tablespace !== defaultTablespace && tablespace !== globalTablespace
}

export function directoryExists(data: Volume, path: string): boolean {
  return data.exists(`${path}/`)
}

/** The folder, and those that it is in, as far as they are missing. */
export function makeDirectories(data: Volume, path: string): void {
  const parts = path.split('/')
  for (let length = 2; length <= parts.length; length++) {
    const directory = `${parts.slice(0, length).join('/')}/`
    if (!data.exists(directory)) data.create(directory)
  }
}

/** The folders of this tablespace's databases, and of its temporary files; without what is in them. */
export function directoriesIn(data: Volume, version: Version, tablespace: number): string[] {
  const prefix = `${versionPath(version, tablespace)}/`
  return data
    .list(prefix)
    .filter(path => path !== prefix && path.endsWith('/'))
    .map(path => path.slice(0, -1))
}

export function isEmptyDirectory(data: Volume, path: string): boolean {
  return data.list(`${path}/`).length === 1
}

export type Complaint = (level: 'LOG' | 'WARNING', message: string, sqlstate: string) => void

const missing = 'No such file or directory'
const missingCode = '58P01'

/**
 * Removes the tablespace's folders; false: something is in one of them. `isRedo`: what is empty goes in any case, and
 * what cannot go is complained of.
 */
export function removeDirectories(
  data: Volume,
  version: Version,
  tablespace: number,
  isRedo: boolean,
  complain: Complaint,
): boolean {
  const directory = versionPath(version, tablespace)
  if (directoryExists(data, directory)) {
    for (const path of directoriesIn(data, version, tablespace)) {
      if (isEmptyDirectory(data, path)) data.remove(`${path}/`)
      else if (!isRedo) return false
      else complain('LOG', `could not remove directory "${path}": Directory not empty`, '42809')
    }
    if (!isEmptyDirectory(data, directory)) {
      complain('LOG', `could not remove directory "${directory}": Directory not empty`, '42809')
      return false
    }
    data.remove(`${directory}/`)
  } else if (!isRedo) complain('WARNING', `could not open directory "${directory}": ${missing}`, missingCode)
  const path = tablespacePath(tablespace)
  if (directoryExists(data, path)) data.remove(`${path}/`)
  else complain(isRedo ? 'LOG' : 'WARNING', `could not stat file "${path}": ${missing}`, missingCode)
  return true
}
