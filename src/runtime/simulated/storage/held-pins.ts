// Pins that outlast a call: a scan that stands on a page keeps it pinned until it goes on. Whose scans they are may give
// them all back at once. Mirrors the pins of a ResourceOwner.

import type { Buffer, ForkBuffers } from './buffer.ts'

export class HeldPins {
  private readonly scans = new Set<ScanPin>()

  /** Whether one of the scans stands on the page of this buffer of the pool. */
  has(index: number): boolean {
    for (const { buffer } of this.scans) if (buffer?.index === index) return true
    return false
  }

  /** A place for the pin of a scan that begins. */
  place(): ScanPin {
    return new ScanPin(this.scans)
  }

  releaseAll(): void {
    for (const scan of [...this.scans]) scan.drop()
  }
}

/** The page that a scan stands on. */
export class ScanPin {
  buffer: Buffer | undefined
  private home: ForkBuffers | undefined
  private readonly scans: Set<ScanPin>

  constructor(scans: Set<ScanPin>) {
    this.scans = scans
  }

  /** ReleaseAndReadBuffer: the scan goes on to a page of the same relation. The buffer, if it stands there already. */
  moveTo(block: number): Buffer | undefined {
    const { buffer } = this
    // The relation may have been cut off below the scan.
    if (buffer?.block === block && buffer.home === this.home) return buffer
    this.drop()
    return undefined
  }

  /** Takes the caller's pin over. */
  keep(buffer: Buffer): void {
    this.buffer = buffer
    this.home = buffer.home
    this.scans.add(this)
  }

  drop(): void {
    if (!this.buffer) return
    this.buffer.unpin()
    this.buffer = undefined
    this.scans.delete(this)
  }
}
