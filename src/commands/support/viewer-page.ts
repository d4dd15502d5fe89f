// The viewer's page, as the build left it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** `root`: the package's folder. */
export function viewerPageOf(root: string): () => string {
  return () => readFileSync(join(root, 'dist/viewer.html'), 'utf8')
}
