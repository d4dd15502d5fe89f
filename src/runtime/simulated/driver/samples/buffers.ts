// What is in a server's buffer pool: the first look tells of every page, the others of those that have changed.

import type { ForkBuffers } from '../../storage/buffer.ts'
import { type SampleKind, textOf } from './sample.ts'

/** Buffers after these are counted and not told of one by one. */
const most = 4096

export const bufferSamples: SampleKind = {
  kind: 'buffers.sampled',
  every: 8,
  of(trace) {
    let memory: unknown
    let homes: (ForkBuffers | undefined)[] = []
    let states: number[] = []
    return ({ shared, environment: { name } }) => {
      const whole = memory !== shared
      if (whole) [memory, homes, states] = [shared, [], []]
      let [used, dirty, pinned] = [0, 0, 0]
      const rows: (string | number)[][] = []
      for (const buffer of shared.buffers.frames) {
        const { index, home, block, pins, usage } = buffer
        if (home !== undefined) used++
        if (buffer.dirty) dirty++
        if (pins > 0) pinned++
        if (index >= most) continue
        const state = ((block * 8 + usage) * 2 + (buffer.dirty ? 1 : 0)) * 64 + Math.min(pins, 63)
        if (homes[index] === home && states[index] === state) continue
        homes[index] = home
        states[index] = state
        rows.push(home === undefined ? [index] : [index, home.path, block, buffer.dirty ? 1 : 0, pins, usage])
      }
      if (rows.length === 0) return
      const counts = { size: shared.buffers.size, used, dirty, pinned }
      trace.emit('buffers.sampled', { node: name }, { ...counts, whole, buffers: textOf(rows) })
    }
  },
}
