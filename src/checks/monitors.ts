// All monitors of one run: routes each event to those that want it, knows when the next one must be woken, and gathers
// what they ask. The runner holds one of these and needs to know nothing of single checks.

import type { EventKind, TraceEvent } from '../model/trace.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Answer, Ask, Moments, Monitor, Needs } from './monitor.ts'

export class Monitors {
  readonly needs: Needs
  /** The earliest time at which `pass` must be called; undefined while no monitor waits for time alone. */
  wakeAt: number | undefined
  /** What is to be answered now, before anything else happens in the run. */
  asks: readonly Ask[] = []
  private readonly all: readonly Monitor[]
  private readonly byKind = new Map<EventKind, Monitor[]>()

  constructor(monitors: readonly Monitor[]) {
    this.all = monitors
    for (const monitor of monitors) {
      for (const kind of monitor.needs.kinds) {
        const listeners = this.byKind.get(kind)
        if (listeners) listeners.push(monitor)
        else this.byKind.set(kind, [monitor])
      }
    }
    this.needs = {
      kinds: new Set(this.byKind.keys()),
      queries: monitors.flatMap(monitor => monitor.needs.queries),
      ledger: monitors.some(monitor => monitor.needs.ledger),
    }
  }

  /** One verdict a check that is decided, in the order of the checks; after `finish`, of all. */
  get verdicts(): readonly Verdict[] {
    return this.all.flatMap(monitor => monitor.verdict ?? [])
  }

  start(moments: Moments): void {
    for (const monitor of this.all) monitor.start(moments)
    this.look()
  }

  feed(event: TraceEvent): void {
    const listeners = this.byKind.get(event.kind)
    if (!listeners) return
    for (const monitor of listeners) monitor.feed(event)
    this.look()
  }

  /** Every event up to and including this time has been fed. */
  pass(time: number): void {
    for (const monitor of this.all) if (monitor.wakeAt !== undefined && monitor.wakeAt <= time) monitor.pass(time)
    this.look()
  }

  /** Answers to all of `asks`; afterwards a monitor may ask again. */
  answer(answers: ReadonlyMap<Ask, Answer>): void {
    for (const monitor of this.all) if (monitor.asks.some(ask => answers.has(ask))) monitor.answer(answers)
    this.look()
  }

  finish(time: number): void {
    for (const monitor of this.all) monitor.finish(time)
    this.look()
  }

  private look(): void {
    let earliest: number | undefined
    let asking = false
    for (const { wakeAt, asks } of this.all) {
      if (wakeAt !== undefined && (earliest === undefined || wakeAt < earliest)) earliest = wakeAt
      if (asks.length > 0) asking = true
    }
    this.wakeAt = earliest
    if (asking || this.asks.length > 0) this.asks = this.all.flatMap(monitor => monitor.asks)
  }
}
