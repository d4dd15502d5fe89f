// The door of the checks: their words, the subjects and functions of expressions, and the compilers that turn a
// statement into a monitor. Knows the model alone; whoever plays a run feeds the monitors.

export { compileCheck } from './check.ts'
export type { Answer, Ask, Moments, Monitor, Needs, Scalar, Trigger } from './monitor.ts'
export { Monitors } from './monitors.ts'
export { RecoveryMeasures } from './recovery-measures.ts'
export { compileTrigger } from './trigger.ts'
export { typeCheck } from './type-check.ts'
export { functions, properties } from './vocabulary.ts'
export { words } from './words.ts'
