// pg_ls_waldir(): the files of pg_wal, as the directory has them. When they were changed is left out.

import { int8Type } from '../catalog/types/integer.ts'
import { textType } from '../catalog/types/text.ts'
import type { SystemView } from '../sql/system-view.ts'

const directory = 'pg_wal/'

export const pgLsWalDirectory: SystemView = {
  name: 'pg_ls_waldir()',
  columns: [
    { name: 'name', type: textType },
    { name: 'size', type: int8Type },
  ],
  rows: ({ session: { server } }) => {
    const { pgWal } = server.environment
    const names = pgWal.list(directory).filter(path => !path.includes('/', directory.length))
    return names.map(path => [path.slice(directory.length), pgWal.sizeOf(path)!])
  },
}
