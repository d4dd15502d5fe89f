// What the person looks at: the stretch of time, the playhead, what is selected. Parts of the page listen and redraw.

import { isStop } from './model/kinds.ts'
import type { Model } from './model/model.ts'
import { firstFrom } from './model/search.ts'

export const tabs = ['story', 'processes', 'locks', 'buffers', 'page', 'wal', 'log', 'scenario'] as const
export type Tab = (typeof tabs)[number]
export type Theme = 'light' | 'dark'

/** One event, or what a lane was doing at a moment. */
export type Selection = { readonly event: number } | { readonly lane: number; readonly time: number }

const shortest = 100

export class View {
  from: number
  to: number
  playhead: number
  isPlaying = false
  /** Nanoseconds of the run that pass in a second of playing. */
  speed: number
  selection: Selection | undefined
  tab: Tab = 'story'
  theme: Theme
  /** Pixels that the lanes are scrolled down. */
  scroll = 0
  readonly model: Model
  private readonly listeners = new Set<() => void>()

  constructor(model: Model, theme: Theme) {
    this.model = model
    this.theme = theme
    const [from, to] = model.focus
    this.from = from
    this.to = to
    this.playhead = firstMoment(model) ?? (from + to) / 2
    this.speed = (to - from) / 12
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  change(
    changes: Partial<Pick<View, 'playhead' | 'isPlaying' | 'speed' | 'selection' | 'tab' | 'theme' | 'scroll'>>,
  ): void {
    Object.assign(this, changes)
    this.playhead = Math.min(this.model.end, Math.max(0, this.playhead))
    this.tell()
  }

  /** Shows this stretch, as far as there is one. */
  show(from: number, to: number): void {
    const { end } = this.model
    const span = Math.min(end * 1.04, Math.max(shortest, to - from))
    this.from = Math.max(-0.02 * end, Math.min(from, end * 1.02 - span))
    this.to = this.from + span
    this.tell()
  }

  /** Makes the stretch longer (factor above 1) or shorter, while `around` stays where it is. */
  zoom(factor: number, around = this.playhead): void {
    const middle = around < this.from || around > this.to ? (this.from + this.to) / 2 : around
    this.show(middle - (middle - this.from) * factor, middle + (this.to - middle) * factor)
  }

  pan(fraction: number): void {
    const by = (this.to - this.from) * fraction
    this.show(this.from + by, this.to + by)
  }

  /** Moves the playhead there, and the stretch so that it is in it. */
  goTo(time: number): void {
    this.playhead = Math.min(this.model.end, Math.max(0, time))
    const span = this.to - this.from
    if (time < this.from || time > this.to) this.show(time - span * 0.35, time + span * 0.65)
    else this.tell()
  }

  /** To the next event that has a time of its own (1), or to the one before (-1); what only a lane's bars show is passed by. */
  toEvent(direction: 1 | -1): void {
    const { events, times } = this.model
    let at = direction > 0 ? this.model.firstEventAfter(this.playhead) : firstFrom(times, this.playhead - 0.5) - 1
    while (at >= 0 && at < events.length && !isStop(events[at].kind)) at += direction
    if (at < 0 || at >= events.length) return
    this.selection = { event: at }
    this.goTo(times[at])
  }

  toMoment(direction: 1 | -1): void {
    const { moments } = this.model
    const there =
      direction > 0
        ? moments.find(({ time }) => time > this.playhead + 0.5)
        : moments.findLast(({ time }) => time < this.playhead - 0.5)
    if (!there) return
    this.selection = there.event === undefined ? undefined : { event: there.event }
    this.goTo(there.time)
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }
}

/** The first fault or order, or the last time that a step had to wait. */
function firstMoment({ moments, focus, events }: Model): number | undefined {
  const moment = moments.find(({ kind, time }) => (kind === 'fault' || kind === 'order') && time >= focus[0])
  return moment?.time ?? events.findLast(({ kind }) => kind === 'step.waited')?.time
}
