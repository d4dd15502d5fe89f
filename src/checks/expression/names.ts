// Dimensions in words, for complaints.

import type { Dimension } from '../../model/vocabulary.ts'

/** A dimension with its article. */
export function nameOf(dimension: Dimension | 'set'): string {
  if (dimension === 'thing') return 'a name'
  if (dimension === 'any') return 'a value'
  return dimension === 'lsn' ? 'an LSN' : `a ${dimension}`
}
