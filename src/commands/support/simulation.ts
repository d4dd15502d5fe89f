// How much a simulated run may cost before it is stopped. Runs on real servers last as long as their scenario does.

import { type Budget, defaultBudget } from '../../index.ts'
import { patience } from './stopwatch.ts'

export function simulationBudget(): Budget {
  return { ...defaultBudget, isSpent: patience() }
}
