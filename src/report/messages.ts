// What goes from one lane to another: forks, signals, connections, statements and their answers, errors, WAL, and the
// causes that no message tells. Pictures draw them as arrows.

import { formatLsn } from '../model/format.ts'
import type { EventKind, TraceEvent } from '../model/trace.ts'
import { type Lane, Lanes } from './lanes.ts'

export interface Message {
  readonly kind: 'fork' | 'signal' | 'connection' | 'statement' | 'answer' | 'error' | 'wal' | 'cause'
  readonly from: Lane
  readonly to: Lane
  readonly sentAt: number
  /** Not before it was sent. */
  readonly receivedAt: number
  readonly text: string
  /** Of the event that tells of its arrival. */
  readonly sequence: number
}

/** The kinds that messages are read from, besides those of the level lifecycle. */
export const messageKinds: readonly EventKind[] = ['signal.sent', 'wal.sent', 'wal.received']

/** Whether a process that waited for a lock goes on: it has it, or gives up. */
export function endsWait(event: TraceEvent): boolean {
  if (event.kind === 'log.line') return event.level === 'ERROR' || event.level === 'FATAL'
  return event.kind === 'lock.acquired' || event.kind === 'process.exited'
}

export interface Told {
  readonly event: TraceEvent
  readonly lane?: Lane
}

export interface Traffic {
  readonly lanes: readonly Lane[]
  /** Every event with its lane. */
  readonly told: readonly Told[]
  /** In the order of their arrival. */
  readonly messages: readonly Message[]
}

export function trafficOf(events: readonly TraceEvent[]): Traffic {
  const reader = new Reader(events)
  for (const event of events) reader.take(event)
  return { lanes: reader.lanes.all, told: reader.told, messages: reader.messages }
}

class Reader {
  readonly lanes: Lanes
  readonly told: Told[] = []
  readonly messages: Message[] = []
  /** Who told what, by its sequence number: what may be a cause. */
  private readonly tellers = new Map<number, Told>()
  /** Causes that have reached a lane: the first that follows is drawn, not all. */
  private readonly reached = new Set<string>()
  /** WAL on its way, by the standby. */
  private readonly sent = new Map<string, { readonly lane: Lane; readonly lsn: number; readonly at: number }[]>()

  constructor(events: readonly TraceEvent[]) {
    this.lanes = new Lanes(events)
  }

  take(event: TraceEvent): void {
    const lane = this.lanes.take(event)
    const told = lane === undefined ? { event } : { event, lane }
    this.told.push(told)
    this.tellers.set(event.sequence, told)
    if (lane === undefined) return
    this.messageOf(event, lane)
    this.causeOf(event, lane)
  }

  private messageOf(event: TraceEvent, lane: Lane): void {
    const { time, sequence } = event
    const send = (kind: Message['kind'], from: Lane | undefined, to: Lane | undefined, text: string, at = time) => {
      // The dead hear nothing; what they said last may arrive after them.
      if (!from || !to || from === to || (to.endedAt ?? time) < time) return
      const sentAt = Math.min(at, from.endedAt ?? at)
      this.messages.push({ kind, from, to, sentAt, receivedAt: time, text, sequence })
    }
    switch (event.kind) {
      case 'process.started':
        return send('fork', this.lanes.process(event.node, event.parent), lane, 'fork')
      case 'signal.sent':
        return send('signal', lane, this.lanes.process(event.node, event.to), event.signal)
      case 'client.connected':
        return send('connection', lane, this.lanes.partnerOf(lane), 'connects')
      case 'client.error':
        // What has no SQLSTATE the client found out by itself.
        if (event.sqlstate === undefined) return
        return send('error', this.lanes.partnerOf(lane), lane, `${event.level}: ${event.message}`)
      case 'step.started':
        return send('statement', lane, this.lanes.partnerOf(lane), event.sql.trim().replaceAll(/\s+/g, ' '))
      case 'step.finished': {
        const text = event.sqlstate === undefined ? (event.value ?? event.tag ?? 'done') : `ERROR: ${event.message}`
        return send('answer', this.lanes.partnerOf(lane), lane, text)
      }
      case 'wal.sent': {
        const sent = this.sent.get(event.to) ?? []
        this.sent.set(event.to, sent)
        sent.push({ lane, lsn: event.lsn, at: time })
        return
      }
      case 'wal.received': {
        // One flush may take what several messages brought.
        const sent = this.sent.get(event.node ?? '') ?? []
        while (sent.length > 0 && sent[0].lsn <= event.lsn) {
          const { lane: from, lsn, at } = sent.shift()!
          send('wal', from, lane, `WAL up to ${formatLsn(lsn)}`, at)
        }
      }
    }
  }

  private causeOf(event: TraceEvent, lane: Lane): void {
    const cause = event.cause === undefined ? undefined : this.tellers.get(event.cause)
    if (cause?.lane === undefined || cause.lane === lane) return
    const way = `${event.cause} ${lane.number}`
    if (this.reached.has(way)) return
    this.reached.add(way)
    const { event: led, lane: from } = cause
    // A message between the two at that time says it already.
    const last = this.messages.at(-1)
    if (last?.to === lane && last.from === from && last.sentAt === led.time) return
    const text = led.kind === 'signal.sent' ? led.signal : led.kind
    this.messages.push({
      kind: 'cause',
      from,
      to: lane,
      sentAt: led.time,
      receivedAt: event.time,
      text,
      sequence: event.sequence,
    })
  }
}
