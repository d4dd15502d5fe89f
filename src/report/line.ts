// One line of the timeline before it is laid out, and how a single event becomes one.

import { formatCount, formatSeconds } from '../model/format.ts'
import { sentenceOf, type TraceEvent } from '../model/trace.ts'

export type Tone = 'plain' | 'warning' | 'error' | 'fault' | 'note' | 'faint'

export interface Line {
  /** Nanoseconds since the start; a line that sums up what went on meanwhile has none. */
  readonly time?: number
  /** The node or client; shown where it differs from the line above. */
  readonly who: string
  /** The process with its pid, or which loops of a client. */
  readonly process: string
  readonly text: string
  readonly tone: Tone
  /** DETAIL, HINT, CONTEXT, STATEMENT. */
  readonly more: readonly string[]
  /** Sequence numbers of the first and last event that it tells. */
  readonly from: number
  readonly to: number
  /** It is one of those that decided a check. */
  readonly marked?: boolean
}

export function lineOf(event: TraceEvent): Line {
  const { time, sequence } = event
  const base = { time, from: sequence, to: sequence, more: [] as readonly string[], tone: 'plain' as Tone }
  if (event.kind === 'fault.injected') {
    return { ...base, who: `⚡ ${event.label ?? ''}`.trim(), process: '', text: faultText(event), tone: 'fault' }
  }
  if (event.kind === 'order.given') {
    return { ...base, who: `▸ ${event.label ?? ''}`.trim(), process: '', text: event.text, tone: 'note' }
  }
  if (event.kind === 'label.reached') {
    const text = event.done ? 'is done' : ''
    return { ...base, who: `▸ ${event.label}`, process: '', text, tone: 'faint' }
  }
  if (event.kind === 'note.shown') return { ...base, who: '✎ note', process: '', text: event.text, tone: 'note' }
  if (event.kind === 'change.received') {
    return { ...base, who: 'pg_recvlogical', process: event.slot, text: event.data }
  }
  if ('client' in event) return { ...base, ...clientLine(event) }
  if ('session' in event) return { ...base, who: event.session, process: event.step, ...stepText(event) }
  const process = event.process === undefined ? '' : `${event.process} ${event.pid ?? ''}`.trim()
  if (event.kind === 'log.line') {
    return {
      ...base,
      who: event.node ?? '',
      process,
      text: sentenceOf(event),
      tone: toneOf(event.level),
      more: moreOf(event),
    }
  }
  if (event.kind === 'process.started') {
    // All processes of a server but the first are the postmaster's children.
    const text = event.parent === 1 ? 'started' : `forked by postmaster ${event.parent}`
    return { ...base, who: event.node ?? '', process, text }
  }
  if (event.kind === 'process.exited') {
    const ended = event.code === undefined ? 'exited' : `exited with code ${event.code}`
    const text = event.signal === undefined ? ended : `was terminated by ${event.signal}`
    return { ...base, who: event.node ?? '', process, text }
  }
  const tone = event.kind === 'node.down' ? 'error' : 'plain'
  return { ...base, who: event.node ?? '', process, text: sentenceOf(event), tone }
}

function faultText({ text, hits }: TraceEvent<'fault.injected'>): string {
  return hits === 0 ? `${text}: it hit nothing` : text
}

function clientLine(
  event: Extract<TraceEvent, { client: string }>,
): Pick<Line, 'who' | 'process' | 'text' | 'tone' | 'more'> {
  const tone = event.kind === 'client.error' ? toneOf(event.level) : event.kind === 'commit.lost' ? 'error' : 'plain'
  const more = event.kind === 'client.error' ? moreOf(event) : []
  return { who: event.client, process: `[${event.index}]`, text: sentenceOf(event), tone, more }
}

function stepText(event: Extract<TraceEvent, { session: string }>): Pick<Line, 'text' | 'tone'> {
  switch (event.kind) {
    case 'step.started':
      return { text: event.sql.trim().replaceAll(/\s+/g, ' '), tone: 'plain' }
    case 'step.finished': {
      if (event.sqlstate !== undefined) return { text: `ERROR: ${event.message}`, tone: 'error' }
      const rows = `${formatCount(event.rows)} ${event.rows === 1 ? 'row' : 'rows'}`
      const answer = event.value === undefined ? (event.tag ?? rows) : `answers ${event.value}`
      return { text: `${answer} after ${formatSeconds(event.took)}`, tone: 'plain' }
    }
    case 'step.notice':
      return { text: `${event.level}: ${event.message}`, tone: toneOf(event.level) }
    case 'step.notified':
      return { text: sentenceOf(event), tone: 'plain' }
    case 'step.waited':
      return { text: `waits${event.blocker === undefined ? '' : ` for ${event.blocker}`}`, tone: 'warning' }
  }
}

interface Details {
  readonly detail?: string
  readonly hint?: string
  readonly context?: string
  readonly statement?: string
}

/** In PostgreSQL's order. */
function moreOf({ detail, hint, context, statement }: Details): readonly string[] {
  const named = { DETAIL: detail, HINT: hint, CONTEXT: context, STATEMENT: statement }
  return Object.entries(named).flatMap(([name, text]) => (text === undefined ? [] : `${name}: ${text}`))
}

export function toneOf(level: string): Tone {
  if (level === 'ERROR' || level === 'FATAL' || level === 'PANIC') return 'error'
  return level === 'WARNING' ? 'warning' : 'plain'
}
