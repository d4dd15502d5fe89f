// The door of the runtime.

export { type Budget, defaultBudget } from './budget.ts'
export { changeSettings } from './change-settings.ts'
export { checkPgbench, checkSql, diagnose, prepareSql } from './diagnose.ts'
export type { EngineKind } from './engine.ts'
export { permutationsOf, type RunOptions, type RunResult, run } from './run.ts'
export { simulated } from './simulated/index.ts'
export { settingDefinitions } from './simulated/settings/definitions.ts'
export { words } from './words/index.ts'
