// The array of tuples that a sort or a kept result has in memory: it doubles as long as that fits, and grows once more to
// what is left. Mirrors grow_memtuples of tuplesort.c and tuplestore.c.

export class GrowingArray {
  /** How many tuples it has room for. */
  slots: number
  private readonly slotSize: number
  private canGrow = true

  constructor(slots: number, slotSize: number) {
    this.slots = slots
    this.slotSize = slotSize
  }

  get bytes(): number {
    return this.slots * this.slotSize
  }

  /** `used` of `allowed` bytes are taken, the array included. Gives by how many bytes it has grown. */
  grow(used: number, allowed: number): number {
    if (!this.canGrow) return 0
    const left = allowed - used
    let slots = this.slots * 2
    if (used > left) {
      slots = Math.floor(this.slots * (allowed / used))
      this.canGrow = false
    }
    const more = (slots - this.slots) * this.slotSize
    if (more <= 0 || left < more) {
      this.canGrow = false
      return 0
    }
    this.slots = slots
    return more
  }
}
