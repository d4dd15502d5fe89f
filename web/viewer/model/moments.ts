// The moments that the whole run turns on: faults, orders, notes, checks that failed.

import { sentenceOf, type TraceEvent } from '../../../src/model/trace.ts'
import type { ViewerVerdict } from '../../../src/report/viewer-run.ts'

export interface Moment {
  readonly kind: 'fault' | 'undone' | 'order' | 'note' | 'failed'
  readonly time: number
  readonly text: string
  /** The place of its event; undefined for a check. */
  readonly event?: number
}

export const signs: Readonly<Record<Moment['kind'], string>> = {
  fault: '⚡',
  undone: '↺',
  order: '▸',
  note: '✎',
  failed: '✗',
}

/** In the order of their times. */
export function momentsOf(events: readonly TraceEvent[], verdicts: readonly ViewerVerdict[]): readonly Moment[] {
  const moments: Moment[] = events.flatMap((event, at) => {
    const kind = kindOf(event)
    return kind ? [{ kind, time: event.time, text: sentenceOf(event), event: at }] : []
  })
  for (const { outcome, title, at } of verdicts) {
    if (outcome !== 'held' && at !== undefined) moments.push({ kind: 'failed', time: at, text: `failed: ${title}` })
  }
  return moments.sort((one, other) => one.time - other.time)
}

function kindOf({ kind }: TraceEvent): Moment['kind'] | undefined {
  switch (kind) {
    case 'fault.injected':
      return 'fault'
    case 'fault.undone':
      return 'undone'
    case 'order.given':
      return 'order'
    case 'note.shown':
      return 'note'
    default:
      return undefined
  }
}
