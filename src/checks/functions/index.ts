// Every function of the expression language. A new one is one file and one line here.

import { avg, max, min, sum } from './aggregates.ts'
import { count } from './count.ts'
import { first, last } from './first-last.ts'
import type { FunctionWord } from './function-word.ts'
import { leadsTo } from './leads-to.ts'
import { ordered } from './ordered.ts'
import { percentile } from './percentile.ts'
import { query } from './query.ts'

export const functionWords: readonly FunctionWord[] = [
  count,
  sum,
  min,
  max,
  avg,
  percentile,
  first,
  last,
  ordered,
  leadsTo,
  query,
]
