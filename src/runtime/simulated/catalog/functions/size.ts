// pg_size_pretty and pg_size_bytes' kin: sizes as PostgreSQL prints them.

import type { PureFunction } from '../callable.ts'
import { lsnType } from '../types/identifiers.ts'
import { int8Type } from '../types/integer.ts'
import { Numeric, numericType } from '../types/numeric.ts'
import { textType } from '../types/text.ts'

const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Goes to the next unit from ten of them on, and rounds half away from zero. */
export function prettySize(size: number | bigint): string {
  let value = BigInt(size)
  let unit = 0
  // One bit more than the unit is kept, to round by.
  const magnitude = (of: bigint) => (of < 0n ? -of : of)
  if (magnitude(value) < 10240n) return `${value} bytes`
  value /= 512n
  for (unit = 1; unit < units.length - 1 && magnitude(value) >= 20479n; unit++) value /= 1024n
  const rounded = value < 0n ? (value - 1n) / 2n : (value + 1n) / 2n
  return `${rounded} ${units[unit]}`
}

export const sizeFunctions: readonly PureFunction[] = [
  { name: 'pg_size_pretty', parameters: [int8Type], returns: textType, evaluate: prettySize },
  {
    name: 'pg_size_pretty',
    parameters: [numericType],
    returns: textType,
    evaluate: (size: Numeric) => prettySize(size.round(0).coefficient),
  },
  {
    name: 'pg_wal_lsn_diff',
    parameters: [lsnType, lsnType],
    returns: numericType,
    evaluate: (a: number, b: number) => Numeric.of(a - b),
  },
]
