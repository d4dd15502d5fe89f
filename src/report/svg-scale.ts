// The time axis of the space-time chart: between two moments at which something happens lies a stretch whose width
// grows with the magnitude of the time between them. Microseconds of a crash stay visible beside seconds of calm.

import { microsecond, millisecond, second } from '../model/units.ts'

/** From the shortest gap on: pixels. */
const widths: readonly (readonly [gap: number, width: number])[] = [
  [1, 0],
  [microsecond, 3],
  [10 * microsecond, 6],
  [100 * microsecond, 10],
  [millisecond, 16],
  [10 * millisecond, 24],
  [100 * millisecond, 36],
  [second, 56],
  [10 * second, 84],
]
const widestGap = 110

export class TimeScale {
  readonly width: number
  private readonly times: readonly number[]
  private readonly places: readonly number[]

  /** `room` is what it may take at most, `least` what it is stretched to. */
  constructor(moments: Iterable<number>, least: number, room: number) {
    this.times = [...new Set(moments)].sort((one, other) => one - other)
    let place = 0
    const places = this.times.map((time, at) => {
      if (at > 0) place += gapWidth(time - this.times[at - 1])
      return place
    })
    const factor = place === 0 ? 1 : place < least ? least / place : Math.min(1, room / place)
    this.places = places.map(each => each * factor)
    this.width = Math.max(place * factor, least)
  }

  /** Pixels from the axis's begin. */
  at(time: number): number {
    const { times, places } = this
    let [low, high] = [0, times.length - 1]
    if (high < 0 || time <= times[0]) return 0
    if (time >= times[high]) return places[high]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (times[middle] <= time) low = middle
      else high = middle
    }
    return places[low] + ((places[high] - places[low]) * (time - times[low])) / (times[high] - times[low])
  }

  /** Moments that lie at least so many pixels apart. */
  ticks(apart: number): readonly number[] {
    let last = Number.NEGATIVE_INFINITY
    return this.times.filter((_time, at) => {
      if (this.places[at] - last < apart) return false
      last = this.places[at]
      return true
    })
  }
}

function gapWidth(gap: number): number {
  return widths.find(([most]) => gap < most)?.[1] ?? widestGap
}
