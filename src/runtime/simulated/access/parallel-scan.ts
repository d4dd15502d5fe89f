// The blocks of a table among those who scan it together: each takes a few in a row, then the next few, and towards the
// end fewer, so that all are done at about the same time. Mirrors table_block_parallelscan_nextpage of tableam.c.

/** How many chunks a scan has, about; and with how many left they become smaller. */
const chunks = 2048
const rampDown = 64
const maxChunk = 8192

/** What the participants share. */
export class ParallelScan {
  readonly blocks: number
  allocated = 0

  constructor(blocks: number) {
    this.blocks = blocks
  }

  join(): ScanShare {
    return new ScanShare(this)
  }
}

/** One participant's part. */
export class ScanShare {
  private readonly scan: ParallelScan
  private chunk: number
  private at = 0
  private left = 0

  constructor(scan: ParallelScan) {
    this.scan = scan
    this.chunk = 1
    while (this.chunk < Math.min(Math.floor(scan.blocks / chunks), maxChunk)) this.chunk *= 2
  }

  /** -1: all blocks are given out. */
  next(): number {
    const { scan } = this
    if (this.left > 0) {
      this.left--
      this.at++
    } else {
      if (this.chunk > 1 && this.at > scan.blocks - this.chunk * rampDown) this.chunk /= 2
      this.at = scan.allocated
      scan.allocated += this.chunk
      this.left = this.chunk - 1
    }
    return this.at < scan.blocks ? this.at : -1
  }
}
