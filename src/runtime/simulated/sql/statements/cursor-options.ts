// What DECLARE and FETCH may ask for and pgdrill does not play yet.

import type { DeclareCursorStmt, FetchStmt } from '@pgsql/types'
import { lockingWords } from '../analysis/locking.ts'

const asks = (bit: number) => (tree: DeclareCursorStmt) => ((tree.options ?? 0) & bit) !== 0

/** The bits are CURSOR_OPT_… of parsenodes.h. */
export const unplayedCursors: readonly {
  readonly what: string
  readonly when: (tree: DeclareCursorStmt) => boolean
}[] = [
  { what: 'a BINARY cursor', when: asks(0x01) },
  { what: 'a SCROLL cursor', when: asks(0x02) },
  { what: 'a cursor WITH HOLD', when: asks(0x20) },
  {
    what: 'a cursor that locks rows',
    when: ({ query }) => query !== undefined && 'SelectStmt' in query && lockingWords(query.SelectStmt) !== undefined,
  },
]

/** FETCH 0 reads a row once more, which is no way forward either. */
export function goesForward({ direction, howMany }: FetchStmt): boolean {
  return direction === 'FETCH_FORWARD' && Number(howMany ?? 0) > 0
}
