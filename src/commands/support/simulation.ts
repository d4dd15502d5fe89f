// How much a simulated run may cost before it is stopped: a person's patience, and the memory that Node has. Runs on
// real servers last as long as their scenario does.

import { getHeapStatistics } from 'node:v8'
import { type Budget, defaultBudget } from '../../index.ts'
import { patience } from './stopwatch.ts'

/** The part of the heap that may be in use: beyond it Node spends its time on collecting, and then gives up. */
const mostHeap = 0.7

export function simulationBudget(): Budget {
  const isTooLong = patience()
  return { ...defaultBudget, isSpent: () => isTooLong() ?? isTooLarge() }
}

function isTooLarge(): string | undefined {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  if (used < mostHeap * limit) return undefined
  return `it was stopped when it needed ${Math.round(used / 2 ** 20)} MB of memory: it keeps too much at a time`
}
