// Where the viewer looks first: at the fault and what came of it, at the steps of the sessions, or else at everything.

import type { TraceEvent } from '../../../src/model/trace.ts'
import { second } from '../../../src/model/units.ts'

/** How much of the stretch is shown before and after it. */
const margin = 0.14

/** A stretch of quiet this many times as long as what was before it ends the story, if it is long at all. */
const quiet = { times: 4, least: 3 * second }

export function focusOf(events: readonly TraceEvent[], end: number): readonly [number, number] {
  const first = events.find(isBeginning)?.time
  if (first === undefined) return [0, end]
  const times = events.filter(event => event.time >= first && isNews(event)).map(({ time }) => time)
  let last = first
  for (const time of times) {
    if (time - last > Math.max(quiet.least, quiet.times * (last - first))) break
    last = time
  }
  const span = Math.max(last - first, 1_000)
  // A note just before is part of it.
  const note = events.find(
    ({ kind, time }) => kind === 'note.shown' && time < first && time > first - 2 * margin * span,
  )
  const from = Math.min(first - span * margin, (note?.time ?? first) - span * 0.03)
  return [Math.max(0, from), Math.min(end, last + span * margin)]
}

function isBeginning({ kind }: TraceEvent): boolean {
  return kind === 'fault.injected' || kind === 'order.given' || kind === 'step.started'
}

/** What a story is made of. */
function isNews(event: TraceEvent): boolean {
  switch (event.kind) {
    case 'fault.injected':
    case 'fault.undone':
    case 'order.given':
    case 'node.accepting':
    case 'node.refusing':
    case 'node.down':
    case 'node.starting':
    case 'timeline.switched':
    case 'commit.lost':
    case 'client.error':
    case 'step.started':
    case 'step.waited':
    case 'step.finished':
      return true
    case 'client.connected':
      return event.again
    case 'log.line':
      return event.level !== 'LOG' && event.level !== 'INFO'
    default:
      return false
  }
}
