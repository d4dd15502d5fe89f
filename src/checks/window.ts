// The window of a check: two edges, each a moment that may be known from the start, or only when its label is reached,
// or, where it looks back, only after it has passed.

import type { Moment, Statement, Value } from '../model/scenario.ts'
import type { TraceEvent } from '../model/trace.ts'
import type { Moments } from './monitor.ts'

export class Edge {
  readonly moment: Moment
  /** In nanoseconds; undefined while nobody knows. */
  time: number | undefined

  constructor(moment: Moment) {
    this.moment = moment
  }

  /** It lies at the very event that reaches the label, not at a time. */
  get atEvent(): boolean {
    return this.moment.from === 'label' && this.moment.offset === 0
  }

  get looksBack(): boolean {
    return this.moment.offset < 0 && this.moment.from !== 'start'
  }

  start(moments: Moments): void {
    const { from, offset } = this.moment
    if (from === 'start') this.time = offset
    else if (from === 'random' || this.looksBack) this.time = moments.timeOf(this.moment)
  }

  /** Gives whether this event is the one that tells where the edge lies. */
  reachedBy(event: TraceEvent): boolean {
    if (event.kind !== 'label.reached' || this.moment.from !== 'label' || this.time !== undefined) return false
    if (event.label !== this.moment.label || event.done !== this.moment.done) return false
    this.time = event.time + this.moment.offset
    return true
  }

  finish(end: number): void {
    if (this.moment.from === 'end') this.time ??= end + this.moment.offset
  }

  /** The label as it is written. */
  get name(): string {
    return this.moment.from === 'label' ? `${this.moment.label}${this.moment.done ? '.done' : ''}` : this.moment.from
  }
}

export interface Window {
  readonly opens: Edge
  readonly closes: Edge
  /** How it is written, for the verdict. */
  readonly text: string
  /** Sets see the run from its start, and not from the opening. */
  readonly seesAll: boolean
  /** For `within`: the longest time that is allowed, in nanoseconds. */
  readonly limit?: number
}

export function windowOf(statement: Statement, textOf: (span: Moment['span']) => string): Window {
  const { parameters, at, span } = statement
  const start: Moment = { from: 'start', offset: 0, span }
  const end: Moment = { from: 'end', offset: 0, span }
  if (at !== undefined) {
    return { opens: new Edge(at), closes: new Edge(at), text: `at ${textOf(at.span)}`, seesAll: true }
  }
  const [within] = parameters.within ?? []
  const origin = momentOf(parameters.of?.[0])
  if (within !== undefined && 'number' in within && origin !== undefined) {
    const closes = { ...origin, offset: origin.offset + within.number }
    const text = `within ${within.text} of ${textOf(origin.span)}`
    return { opens: new Edge(origin), closes: new Edge(closes), text, seesAll: false, limit: within.number }
  }
  const from = momentOf(parameters.from?.[0])
  const to = momentOf(parameters.to?.[0])
  const parts = [from && `from ${textOf(from.span)}`, to && `to ${textOf(to.span)}`]
  return {
    opens: new Edge(from ?? start),
    closes: new Edge(to ?? end),
    text: parts.filter(part => part !== undefined).join(' '),
    seesAll: false,
  }
}

function momentOf(value: Value | undefined): Moment | undefined {
  return value?.type === 'moment' ? value.moment : undefined
}
