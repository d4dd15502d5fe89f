// What is due, ordered by (time, sequence number): two entries of one time leave in the order in which they came.

import TinyQueue from 'tinyqueue'

export interface Due {
  readonly time: number
  readonly sequence: number
  readonly target: Wakeable
  /** Tells a stale entry from a live one: the target compares it with its own. */
  readonly token: number
}

export interface Wakeable {
  due(token: number): void
}

export function dueQueue(): TinyQueue<Due> {
  return new TinyQueue<Due>([], (a, b) => a.time - b.time || a.sequence - b.sequence)
}

/**
 * What became due at the instant that is now, in the order in which it came. Half of all entries do; they need no
 * ordering, because time does not move while one is left.
 */
export class DueNow {
  private targets: (Wakeable | undefined)[] = new Array(16).fill(undefined)
  private tokens: number[] = new Array(16).fill(0)
  private head = 0
  private count = 0

  get isEmpty(): boolean {
    return this.count === 0
  }

  push(target: Wakeable, token: number): void {
    if (this.count === this.targets.length) this.enlarge()
    const at = (this.head + this.count++) & (this.targets.length - 1)
    this.targets[at] = target
    this.tokens[at] = token
  }

  /** Takes the first one out, which there must be, and lets it run. */
  runFirst(): void {
    const at = this.head
    const target = this.targets[at]!
    this.targets[at] = undefined
    this.head = (at + 1) & (this.targets.length - 1)
    this.count--
    target.due(this.tokens[at])
  }

  /** The length stays a power of two. */
  private enlarge(): void {
    const { targets, tokens, head } = this
    const none = new Array(targets.length).fill(undefined)
    this.targets = [...targets.slice(head), ...targets.slice(0, head), ...none]
    this.tokens = [...tokens.slice(head), ...tokens.slice(0, head), ...none.fill(0)]
    this.head = 0
  }
}
