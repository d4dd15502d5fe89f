// All functions that depend on their arguments alone, by name. Those of a session stand in sql/functions.

import type { PureFunction } from '../callable.ts'
import { mathFunctions } from './math.ts'
import { sizeFunctions } from './size.ts'
import { textFunctions } from './text.ts'
import { timeFunctions } from './time.ts'

export const pureFunctions: readonly PureFunction[] = [
  ...mathFunctions,
  ...textFunctions,
  ...timeFunctions,
  ...sizeFunctions,
]
