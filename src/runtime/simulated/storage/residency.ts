// Which pages of the buffer pool are in memory: Linux gives a page of shared memory its place when somebody touches it
// first, and counts it for each process that has. Only there where the machine's memory has a size.

import type { Memory, SharedSegment } from '../machine/memory.ts'
import type { Process } from '../machine/process.ts'
import { pageSize } from './page.ts'

export class Residency {
  private readonly memory: Memory
  private readonly segment: SharedSegment
  private readonly buffers: number
  private readonly everTouched: Uint8Array
  private readonly touched = new WeakMap<Process, Uint8Array>()
  /** Who touched last: a process uses many pages before another one runs. */
  private last: { readonly process: Process; readonly touched: Uint8Array } | undefined

  constructor(memory: Memory, segment: SharedSegment, buffers: number) {
    this.memory = memory
    this.segment = segment
    this.buffers = buffers
    this.everTouched = new Uint8Array(buffers)
  }

  touch(me: Process, buffer: number): void {
    if (this.last?.process !== me) this.last = { process: me, touched: this.touchedBy(me) }
    const { touched } = this.last
    if (touched[buffer]) return
    touched[buffer] = 1
    const first = this.everTouched[buffer] === 0
    this.everTouched[buffer] = 1
    this.memory.touch(me, this.segment, pageSize, first)
  }

  private touchedBy(process: Process): Uint8Array {
    const known = this.touched.get(process)
    if (known) return known
    const made = new Uint8Array(this.buffers)
    this.touched.set(process, made)
    return made
  }
}
