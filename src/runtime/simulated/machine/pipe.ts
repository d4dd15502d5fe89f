// A pipe: bytes from many writers to one reader, whole pieces in order. It holds 64 kB, as Linux has it. Who writes into
// a full one stands still until the reader has made room. Who is killed there has written nothing; who was just about
// to end has.

import type { Latch } from './latch.ts'
import type { Process } from './process.ts'

const capacity = 64 * 1024

export interface Piece {
  /** In bytes. */
  readonly size: number
}

export class Pipe<P extends Piece> {
  /** Set when there is something to read. */
  reader: Latch | undefined
  private used = 0
  private pieces: P[] = []
  private readonly waiting: { readonly piece: P; readonly writer: Process }[] = []

  write(me: Process, piece: P): void {
    if (this.waiting.length === 0 && this.used + piece.size <= capacity) {
      this.put(piece)
    } else {
      const entry = { piece, writer: me }
      this.waiting.push(entry)
      me.holdUp(() => !this.waiting.includes(entry))
    }
    this.reader?.set(me.cause)
  }

  /** Takes what is there, and lets those go on for whom there is room now. */
  read(): P[] {
    const read = this.pieces
    this.pieces = []
    this.used = 0
    while (this.waiting.length > 0 && this.used + this.waiting[0].piece.size <= capacity) {
      const { piece, writer } = this.waiting.shift()!
      if (!writer.alive && writer.standsStill) continue
      this.put(piece)
      writer.letGo()
    }
    return read
  }

  private put(piece: P): void {
    this.pieces.push(piece)
    this.used += piece.size
  }
}
