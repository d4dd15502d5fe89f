// Which indexes a vacuum is going through, a part of shared memory: who splits a page meanwhile marks both halves with
// the vacuum's number, so that it sees entries that moved behind its back. Mirrors BTVacInfo of nbtutils.c.

const largest = 0xff7f

export class VacuumCycles {
  private last = 0
  private readonly active = new Map<number, number>()

  begin(index: number): number {
    this.last = this.last === largest ? 1 : this.last + 1
    this.active.set(index, this.last)
    return this.last
  }

  end(index: number): void {
    this.active.delete(index)
  }

  /** 0: no vacuum goes through it. */
  of(index: number): number {
    return this.active.get(index) ?? 0
  }
}
