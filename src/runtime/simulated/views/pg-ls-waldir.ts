// pg_ls_waldir() and pg_ls_archive_statusdir(): the files of pg_wal and of its archive_status, as the directories have
// them. When they were changed is left out.

import { int8Type } from '../catalog/types/integer.ts'
import { textType } from '../catalog/types/text.ts'
import type { SystemView } from '../sql/system-view.ts'

export const pgLsWalDirectory = listing('pg_ls_waldir()', 'pg_wal/')
export const pgLsArchiveStatusDirectory = listing('pg_ls_archive_statusdir()', 'pg_wal/archive_status/')

function listing(name: string, directory: string): SystemView {
  return {
    name,
    columns: [
      { name: 'name', type: textType },
      { name: 'size', type: int8Type },
    ],
    rows: ({ session: { server } }) => {
      const { pgWal } = server.environment
      const paths = pgWal.list(directory).filter(path => !path.includes('/', directory.length))
      return paths.map(path => [path.slice(directory.length), pgWal.sizeOf(path)!])
    },
  }
}
