// The files in which the first session of a database leaves what it has learnt of the system catalogs, for others to
// begin with. Mirrors write_relcache_init_file and RelationCacheInitFileRemove of relcache.c: their content does not
// matter here, only that they take up room, and that a session can't begin if there is none.

import { FileError } from '../machine/file-error.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fatal } from '../shared/error.ts'

const name = 'pg_internal.init'

/** In bytes, as all majors from 15 to 18 have them in whole blocks. */
const sizes = { shared: 7 * 4096, own: 40 * 4096 }

/** For a session that begins. `folder`: of its database; undefined: it is in none. */
export function writeRelationCacheFiles(me: Process, { data }: ServerEnvironment, folder: string | undefined): void {
  const files: [path: string, size: number][] = [[`global/${name}`, sizes.shared]]
  if (folder !== undefined) files.push([`${folder}/${name}`, sizes.own])
  for (const [path, size] of files) {
    if (data.exists(path)) continue
    const temporary = `${path}.${me.pid}`
    data.create(temporary)
    try {
      data.resize(temporary, size)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      fatal('XX000', 'could not write init file')
    }
    data.rename(temporary, path)
  }
}

/** For a server that starts: those that failed are removed as well. */
export function removeRelationCacheFiles({ data }: ServerEnvironment): void {
  for (const folder of ['global/', 'base/', 'pg_tblspc/']) {
    for (const path of data.list(folder)) if (path.includes(`/${name}`)) data.remove(path)
  }
}
