// The buffer pool at a moment, put together from the looks that tell what has changed since the one before.

import { rowsOf, type Samples } from './samples.ts'

export interface ShownPage {
  readonly buffer: number
  readonly file: string
  readonly block: number
  readonly dirty: boolean
  readonly pins: number
  readonly usage: number
}

export interface ShownPool {
  readonly size: number
  readonly used: number
  readonly dirty: number
  readonly pinned: number
  /** In the order of the pool. */
  readonly pages: readonly ShownPage[]
}

export function buffersAt(samples: Samples, node: string, time: number): ShownPool | undefined {
  const all = samples.all('buffers.sampled', node)
  const last = all.findLastIndex(sample => sample.time <= time)
  if (last < 0) return undefined
  const now = all[last]
  const pages = new Map<number, ShownPage>()
  let first = last
  while (first > 0 && !all[first].whole) first--
  for (; first <= last; first++) {
    for (const row of rowsOf(all[first].buffers)) {
      const [buffer, block, dirty, pins, usage] = [row[0], ...row.slice(2)].map(Number)
      if (row.length === 1) pages.delete(buffer)
      else pages.set(buffer, { buffer, file: row[1], block, dirty: dirty === 1, pins, usage })
    }
  }
  const { size, used, dirty, pinned } = now
  return { size, used, dirty, pinned, pages: [...pages.values()].sort((one, other) => one.buffer - other.buffer) }
}
