// pg_ls_tmpdir(): the temporary files that sessions have now, or that a crash has left. When they were changed is left out.

import { int8Type } from '../catalog/types/integer.ts'
import { textType } from '../catalog/types/text.ts'
import type { SystemView } from '../sql/system-view.ts'
import { temporaryFiles } from '../storage/temporary-files.ts'

export const pgLsTemporaryDirectory: SystemView = {
  name: 'pg_ls_tmpdir()',
  columns: [
    { name: 'name', type: textType },
    { name: 'size', type: int8Type },
  ],
  rows: ({ session: { server } }) => {
    const { data } = server.environment
    return temporaryFiles(data).map(path => [path.slice(path.lastIndexOf('/') + 1), data.sizeOf(path)!])
  },
}
