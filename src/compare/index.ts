// The door of the comparison between the simulation and real servers.

export { compareRuns } from './compare.ts'
export type { Comparison } from './comparison.ts'
export { fidelity } from './fidelity.ts'
export { comparisonsText } from './many.ts'
