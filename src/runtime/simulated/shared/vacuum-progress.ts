// How far a vacuum is: what pg_stat_progress_vacuum shows, and what an error in it says that it was doing. Mirrors the
// progress parameters of vacuumlazy.c and vacuum_error_callback.

export type VacuumPhase =
  | 'initializing'
  | 'scanning heap'
  | 'vacuuming indexes'
  | 'vacuuming heap'
  | 'cleaning up indexes'
  | 'truncating heap'
  | 'performing final cleanup'

export class VacuumProgress {
  phase: VacuumPhase = 'initializing'
  readonly relation: number
  heapBlocks = 0
  scannedBlocks = 0
  vacuumedBlocks = 0
  indexScans = 0
  maxDeadTuples = 0
  deadTuples = 0
  indexes = 0
  indexesDone = 0
  /** Where it stands; -1: at no block. */
  block = -1
  index = ''
  private readonly name: string

  /** `name` is qualified: public.account. */
  constructor(relation: number, name: string) {
    this.relation = relation
    this.name = name
  }

  /** The CONTEXT of an error. */
  describe(): string | undefined {
    const { phase, block, index } = this
    const on = `relation "${this.name}"`
    switch (phase) {
      case 'scanning heap':
        return block < 0 ? `while scanning ${on}` : `while scanning block ${block} of ${on}`
      case 'vacuuming heap':
        return block < 0 ? `while vacuuming ${on}` : `while vacuuming block ${block} of ${on}`
      case 'vacuuming indexes':
        return `while vacuuming index "${index}" of ${on}`
      case 'cleaning up indexes':
        return `while cleaning up index "${index}" of ${on}`
      case 'truncating heap':
        return `while truncating ${on} to ${block} blocks`
      default:
        return undefined
    }
  }
}
