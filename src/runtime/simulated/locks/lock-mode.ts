// The eight modes of heavyweight locks, and which of them exclude each other. Mirrors lockdefs.h and LockConflicts.

export const lockModes = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
] as const

export type LockModeName = (typeof lockModes)[number]

/** 1 to 8, as PostgreSQL numbers them; a set of modes is a mask with bit `mode` set. */
export type LockMode = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

export const AccessShareLock = 1
export const RowShareLock = 2
export const RowExclusiveLock = 3
export const ShareUpdateExclusiveLock = 4
export const ShareLock = 5
export const ShareRowExclusiveLock = 6
export const ExclusiveLock = 7
export const AccessExclusiveLock = 8

const mask = (...modes: LockMode[]): number => modes.reduce((sum, mode) => sum | (1 << mode), 0)

/** For each mode the mask of those that it conflicts with. */
export const conflicts: readonly number[] = [
  0,
  mask(8),
  mask(7, 8),
  mask(5, 6, 7, 8),
  mask(4, 5, 6, 7, 8),
  mask(3, 4, 6, 7, 8),
  mask(3, 4, 5, 6, 7, 8),
  mask(2, 3, 4, 5, 6, 7, 8),
  mask(1, 2, 3, 4, 5, 6, 7, 8),
]

export function lockModeName(mode: LockMode): LockModeName {
  return lockModes[mode - 1]
}
