// What lasts: checkpoints and vacuums, from their first to their last event.

import { formatCount } from '../../../src/model/format.ts'
import type { TraceEvent } from '../../../src/model/trace.ts'

export interface Band {
  readonly kind: 'checkpoint' | 'vacuum'
  readonly node: string
  /** The process's lane. */
  readonly lane: number
  readonly from: number
  /** Infinity if its end was not told. */
  to: number
  text: string
}

export function bandsOf(events: readonly TraceEvent[], laneOf: Int32Array): readonly Band[] {
  const bands: Band[] = []
  const open = new Map<string, Band>()
  const begin = (kind: Band['kind'], at: number, text: string) => {
    const { node = '', pid, time } = events[at]
    const band = { kind, node, lane: laneOf[at], from: time, to: Number.POSITIVE_INFINITY, text }
    bands.push(band)
    open.set(`${kind} ${node} ${pid}`, band)
  }
  const end = (kind: Band['kind'], { node, pid, time }: TraceEvent, text: string) => {
    const key = `${kind} ${node} ${pid}`
    const band = open.get(key)
    if (!band) return
    band.to = time
    if (text !== '') band.text += `: ${text}`
    open.delete(key)
  }
  for (const [at, event] of events.entries()) {
    switch (event.kind) {
      case 'checkpoint.started':
        begin('checkpoint', at, `checkpoint (${event.reason})`)
        break
      case 'checkpoint.completed':
        end('checkpoint', event, `${formatCount(event.buffers)} buffers`)
        break
      case 'vacuum.started':
        begin('vacuum', at, `vacuum of ${event.relation}`)
        break
      case 'vacuum.finished':
        end('vacuum', event, `${formatCount(event.removed)} removed, ${formatCount(event.remaining)} remain`)
        break
      case 'process.exited':
        end('checkpoint', event, '')
        end('vacuum', event, '')
        break
    }
  }
  return bands
}
