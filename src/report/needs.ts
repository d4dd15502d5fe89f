// Which kinds of events a report wants to have recorded.

import { type EventKind, eventKinds, type Level, levels } from '../model/trace.ts'
import { alwaysNeeded } from './repeats.ts'

/** The kinds of this level and all coarser ones, the commits that the timeline counts, and what a format needs besides. */
export function kindsNeeded(detail: Level, besides: Iterable<EventKind> = []): ReadonlySet<EventKind> {
  const kinds = Object.keys(eventKinds) as EventKind[]
  const shown = kinds.filter(kind => levels.indexOf(eventKinds[kind].level) <= levels.indexOf(detail))
  return new Set([...shown, ...alwaysNeeded, ...besides])
}
