// The client's end of a connection over a link, as a stream that stands in for a socket: `pg` reads and writes it.

import { Duplex } from 'node:stream'
import type { Ending, LinkedEnd } from './linked-end.ts'

export class LinkedStream extends Duplex {
  /** Why nothing more will come. */
  ending: Ending | undefined
  private readonly link: LinkedEnd
  private written: (() => void) | undefined

  constructor(link: LinkedEnd) {
    super({ allowHalfOpen: true })
    this.link = link
    link.reader = {
      read: data => this.push(data),
      end: ending => this.endWith(ending),
      resume: () => {
        const { written } = this
        this.written = undefined
        written?.()
      },
    }
  }

  /** For `pg`, which connects its socket itself: this one is connected already. */
  connect(): this {
    process.nextTick(() => this.emit('connect'))
    return this
  }

  /** For `pg`: links delay by their own rules. */
  setNoDelay(): this {
    return this
  }

  override _read(): void {
    this.link.drained()
  }

  override _write(data: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.link.send(data)) done()
    else this.written = done
  }

  override _final(done: () => void): void {
    this.link.close()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.link.close()
    done(error)
  }

  private endWith(ending: Ending): void {
    this.ending = ending
    this.push(null)
  }
}
