// Transaction ids: 32 bits that wrap around, so that each has two thousand million before and behind it. Mirrors transam.h.

/** Older than all others, and committed. */
export const FrozenXid = 2
export const FirstNormalXid = 3

export function isNormal(xid: number): boolean {
  return xid >= FirstNormalXid
}

/** Whether `a` was given out before `b`. */
export function precedes(a: number, b: number): boolean {
  if (a < FirstNormalXid || b < FirstNormalXid) return a < b
  return ((a - b) | 0) < 0
}

export function nextXid(xid: number): number {
  const next = (xid + 1) >>> 0
  return Math.max(next, FirstNormalXid)
}

export function previousXid(xid: number): number {
  let previous = xid
  do previous = (previous - 1) >>> 0
  while (previous < FirstNormalXid)
  return previous
}

/** The younger of two. */
export function later(a: number, b: number): number {
  return precedes(a, b) ? b : a
}

export function earlier(a: number, b: number): number {
  return precedes(b, a) ? b : a
}
