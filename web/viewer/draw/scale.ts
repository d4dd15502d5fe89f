// Times and pixels: where a moment stands, and which marks an axis should have.

export class Scale {
  readonly from: number
  readonly to: number
  readonly left: number
  readonly right: number

  constructor(from: number, to: number, left: number, right: number) {
    this.from = from
    this.to = to
    this.left = left
    this.right = right
  }

  x(time: number): number {
    return this.left + ((time - this.from) / (this.to - this.from)) * (this.right - this.left)
  }

  time(x: number): number {
    return this.from + ((x - this.left) / (this.right - this.left)) * (this.to - this.from)
  }

  /** How long a pixel is. */
  get pixel(): number {
    return (this.to - this.from) / (this.right - this.left)
  }
}

/** Lengths that people count in: 1, 2, 5 × 10ⁿ below a minute, then minutes and hours. */
const steps = [
  ...Array.from({ length: 11 }, (_, power) => [1, 2, 5].map(digit => digit * 10 ** power)).flat(),
  ...[0.5, 1, 2, 5, 10, 30].map(minutes => minutes * 60e9),
  ...[1, 2, 6, 12, 24].map(hours => hours * 3600e9),
].filter(step => step <= 2e10 || step >= 3e10)

/** Moments for an axis on which a mark needs so many pixels. */
export function ticksOf(scale: Scale, room: number): { readonly step: number; readonly times: readonly number[] } {
  const least = scale.pixel * room
  const step = steps.find(each => each >= least) ?? steps.at(-1)!
  const times: number[] = []
  for (let at = Math.ceil(Math.max(0, scale.from) / step); at * step <= scale.to; at++) times.push(at * step)
  return { step, times }
}

/** A moment with as many digits as steps of this length need: 5.002 s, 1:02:00. */
export function tickText(time: number, step: number): string {
  const seconds = time / 1e9
  if (step >= 30e9) {
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
    const rest = String(Math.round(seconds % 60)).padStart(2, '0')
    return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest} min`
  }
  const digits = Math.max(0, Math.ceil(9 - Math.log10(step) - 1e-9))
  const [whole, fraction] = seconds.toFixed(Math.min(9, digits)).split('.')
  if (fraction === undefined) return `${whole} s`
  return `${whole}.${fraction.replaceAll(/(\d{3})(?=\d)/g, '$1 ')} s`
}
