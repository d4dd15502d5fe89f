// A file that others append to: gives what has come since the last look. It is opened only when it has grown, and never
// left open.

import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** Others' writes become visible page by page. */
const pageSize = 4096

export class GrowingFile {
  readonly path: string
  private offset: number
  private hasGrown = false

  /** `from`: whether what the file has now is read too. */
  constructor(path: string, from: 'beginning' | 'end') {
    this.path = path
    this.offset = from === 'end' ? this.size() : 0
  }

  /** What has come since the last look; empty if nothing has. */
  read(): Buffer {
    const size = this.size()
    // It was truncated: what it has now is new.
    if (size < this.offset) this.offset = 0
    this.hasGrown = size > this.offset
    if (!this.hasGrown) return Buffer.alloc(0)
    const bytes = Buffer.allocUnsafe(size - this.offset)
    const file = openSync(this.path, 'r')
    try {
      const count = readSync(file, bytes, 0, bytes.length, this.offset)
      this.offset += count
      return bytes.subarray(0, count)
    } finally {
      closeSync(file)
    }
  }

  /** Whether what was read ends where a write ended: not just where a page does, unless nothing has come since. */
  get isSettled(): boolean {
    return !this.hasGrown || this.offset % pageSize !== 0
  }

  private size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0
  }
}
