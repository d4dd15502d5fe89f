// PostgreSQL's protocol over a stream, by `pg`: its Connection reads and writes messages, and none is lost while nobody
// waits for one. `pg`'s Client is not used, because it takes a message that comes while it is idle for an error.

import type { Duplex } from 'node:stream'
import { Connection } from 'pg'
import type { LinkedStream } from '../links/linked-stream.ts'
import type { BackendMessage } from './protocol.ts'

/** What @types/pg leaves out of the class. */
interface Transport extends Connection {
  readonly stream: Duplex
  connect(port: number, host: string): void
  startup(parameters: Readonly<Record<string, string>>): void
  sendCopyFail(reason: string): void
}

export class Wire {
  private readonly stream: LinkedStream
  private readonly transport: Transport
  private inbox: BackendMessage[] = []
  private taken = 0
  private isOver = false
  private wake: (() => void) | undefined

  constructor(stream: LinkedStream) {
    this.stream = stream
    this.transport = new Connection({ stream: () => stream }) as Transport
    this.transport.on('message', (message: BackendMessage) => {
      this.inbox.push(message)
      this.wake?.()
    })
    const over = (): void => {
      this.isOver = true
      this.wake?.()
    }
    // An end of file and bytes that are no protocol: libpq drops the connection either way.
    this.transport.on('error', () => stream.destroy())
    stream.on('end', over)
    stream.on('close', over)
  }

  startUp(parameters: Readonly<Record<string, string>>): void {
    this.transport.once('connect', () => this.transport.startup(parameters))
    this.transport.connect(0, '')
  }

  query(text: string): void {
    if (!this.isOver) this.transport.query(text)
  }

  /** Answers a COPY that wants data, which no client here has. */
  refuseCopy(reason: string): void {
    this.transport.sendCopyFail(reason)
  }

  /** The next message; undefined: nothing more will come; 'too late': not until the deadline (milliseconds of the process). */
  next(deadline?: number): BackendMessage | Promise<BackendMessage | undefined | 'too late'> {
    return this.take() ?? this.wait(deadline)
  }

  private take(): BackendMessage | undefined {
    if (this.taken === this.inbox.length) return undefined
    const message = this.inbox[this.taken++]
    if (this.taken === this.inbox.length) {
      this.inbox = []
      this.taken = 0
    }
    return message
  }

  private async wait(deadline: number | undefined): Promise<BackendMessage | undefined | 'too late'> {
    for (;;) {
      const message = this.take()
      if (message || this.isOver) return message
      const wait = deadline === undefined ? undefined : deadline - performance.now()
      if (wait !== undefined && wait <= 0) return 'too late'
      await new Promise<void>(resolve => {
        const timer = wait === undefined ? undefined : setTimeout(resolve, Math.min(wait, 2 ** 31 - 1))
        this.wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.wake = undefined
    }
  }

  /** Why nothing more will come. */
  get ending(): 'end of file' | 'reset' | 'timed out' {
    return this.stream.ending ?? 'end of file'
  }

  /** Says goodbye, and closes. */
  end(): void {
    this.transport.end()
    this.stream.resume()
  }

  /** Closes without a word. */
  destroy(): void {
    this.stream.destroy()
  }
}
