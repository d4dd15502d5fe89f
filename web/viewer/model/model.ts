// A run as the viewer works with it: its events in order, its lanes, and what follows from them. Nothing here changes
// after it was made.

import type { TraceEvent } from '../../../src/model/trace.ts'
import type { ViewerRun } from '../../../src/report/viewer-run.ts'
import { type Arrow, arrowsOf } from './arrows.ts'
import { type Band, bandsOf } from './bands.ts'
import { type Commits, commitsOf } from './commits.ts'
import { eventsOf } from './events.ts'
import { focusOf } from './focus.ts'
import { isMark, isTick } from './kinds.ts'
import { type Lane, layLanes } from './lanes.ts'
import { type Moment, momentsOf } from './moments.ts'
import { Samples } from './samples.ts'
import { firstFrom } from './search.ts'

export class Model {
  readonly run: ViewerRun
  readonly events: readonly TraceEvent[]
  /** The events' times, in nanoseconds. */
  readonly times: Float64Array
  readonly lanes: readonly Lane[]
  readonly laneOf: Int32Array
  /** For each lane the places of its events; of those that are marks on it; of those that are mere ticks. */
  readonly eventsOfLane: readonly Int32Array[]
  readonly marksOfLane: readonly Int32Array[]
  readonly ticksOfLane: readonly Int32Array[]
  readonly arrows: readonly Arrow[]
  readonly bands: readonly Band[]
  readonly moments: readonly Moment[]
  readonly commits: Commits
  readonly samples: Samples
  readonly log: readonly TraceEvent<'log.line'>[]
  readonly nodes: readonly string[]
  /** What the first look should show. */
  readonly focus: readonly [number, number]
  readonly end: number
  private readonly sequences: Float64Array

  constructor(run: ViewerRun) {
    this.run = run
    this.events = eventsOf(run)
    const { events } = this
    this.times = Float64Array.from(events, ({ time }) => time)
    this.sequences = Float64Array.from(events, ({ sequence }) => sequence)
    const laid = layLanes(events)
    this.lanes = laid.lanes
    this.laneOf = laid.laneOf
    const lanes = laid.lanes.length
    this.eventsOfLane = byLane(laid.laneOf, lanes, () => true)
    this.marksOfLane = byLane(laid.laneOf, lanes, at => isMark(events[at].kind))
    this.ticksOfLane = byLane(laid.laneOf, lanes, at => isTick(events[at].kind))
    this.arrows = arrowsOf(events, laid)
    this.bands = bandsOf(events, laid.laneOf)
    this.moments = momentsOf(events, run.verdicts)
    this.commits = commitsOf(events)
    this.samples = new Samples(events)
    this.log = events.flatMap(event => (event.kind === 'log.line' ? [event] : []))
    this.nodes = laid.lanes.flatMap(lane => (lane.kind === 'node' ? [lane.label] : []))
    this.end = Math.max(run.endedAt, events.at(-1)?.time ?? 0, 1)
    this.focus = focusOf(events, this.end)
  }

  /** The place of the event with this sequence number; undefined if it was not recorded. */
  placeOf(sequence: number | undefined): number | undefined {
    if (sequence === undefined) return undefined
    const at = firstFrom(this.sequences, sequence)
    return this.sequences[at] === sequence ? at : undefined
  }

  /** The place of the first event that is later than `time`. */
  firstEventAfter(time: number): number {
    return firstFrom(this.times, time + 0.5)
  }
}

function byLane(laneOf: Int32Array, lanes: number, isWanted: (at: number) => boolean): readonly Int32Array[] {
  const places: number[][] = Array.from({ length: lanes }, () => [])
  laneOf.forEach((lane, at) => {
    if (lane >= 0 && isWanted(at)) places[lane].push(at)
  })
  return places.map(each => Int32Array.from(each))
}
