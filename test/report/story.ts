// Writes traces by hand: events in order, with their times in seconds, so that a story reads like its timeline.

import type { EventKind, EventPlace, FieldsOf, TraceEvent } from '../../src/model/trace.ts'

export class Story {
  readonly events: TraceEvent[] = []

  /** Times are seconds; the place is 'primary', 'primary postmaster 100', or '' for what has none. */
  tell<K extends EventKind>(seconds: number, place: string, kind: K, fields: FieldsOf<K>, cause?: number): number {
    const sequence = this.events.length + 1
    const event = {
      time: Math.round(seconds * 1e9),
      sequence,
      kind,
      ...placeOf(place),
      ...fields,
      ...(cause ? { cause } : {}),
    }
    this.events.push(event as unknown as TraceEvent)
    return sequence
  }

  log(
    seconds: number,
    place: string,
    level: string,
    message: string,
    more: Partial<FieldsOf<'log.line'>> = {},
  ): number {
    return this.tell(seconds, place, 'log.line', { level, message, ...more })
  }
}

function placeOf(place: string): EventPlace {
  const [node, ...process] = place.split(' ')
  if (node === '') return {}
  if (process.length === 0) return { node }
  const pid = Number(process.at(-1))
  return { node, process: process.slice(0, -1).join(' '), pid }
}
