// `crash`: the operating system of a machine stops dead.

import type { ActionKind } from '../action.ts'
import { crashSystem } from './power.ts'

export const crash: ActionKind = { word: 'crash', strike: crashSystem }
