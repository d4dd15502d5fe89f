// The two halves of analysis that call each other.

import { analyzeExpression } from './expression.ts'
import type { Analyzer } from './scope.ts'
import { analyzeSelect } from './select.ts'

export const analyzer: Analyzer = { expression: analyzeExpression, select: analyzeSelect }
