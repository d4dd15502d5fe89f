// The looks into servers that a run holds, by node and kind, and what was the last of each at a moment.

import type { EventKind, TraceEvent } from '../../../src/model/trace.ts'
import { lastAt } from './search.ts'

type SampleKind = Extract<EventKind, `${string}.sampled`>

export class Samples {
  private readonly kept = new Map<string, TraceEvent[]>()

  constructor(events: readonly TraceEvent[]) {
    for (const event of events) {
      if (!event.kind.endsWith('.sampled')) continue
      const key = `${event.kind} ${event.node}`
      if (!this.kept.has(key)) this.kept.set(key, [])
      this.kept.get(key)!.push(event)
    }
  }

  /** All of one kind on one node, in their order. */
  all<K extends SampleKind>(kind: K, node: string): readonly TraceEvent<K>[] {
    return (this.kept.get(`${kind} ${node}`) ?? []) as unknown as readonly TraceEvent<K>[]
  }

  last<K extends SampleKind>(kind: K, node: string, time: number): TraceEvent<K> | undefined {
    return lastAt(this.all(kind, node), time)
  }
}

/** The rows of a list that is text: one a line, tabs between what is told of it. */
export function rowsOf(text: string): readonly (readonly string[])[] {
  return text === '' ? [] : text.split('\n').map(row => row.split('\t'))
}
