// The page's side of the workers. One reads, so that diagnostics come while a run is being played; another plays, and is
// ended and begun anew to stop a run.

import type { SourceFile, Vocabulary } from '../../src/index.ts'
import type { Answer, Converted, Order, Performance, Reading } from './protocol.ts'

type Distributed<T> = T extends unknown ? Omit<T, 'number'> : never
type Content = Distributed<Order>

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (reason: Error) => void
  readonly progress?: (seconds: number) => void
}

/** Thrown to who waits for a run that is stopped. */
export class Stopped extends Error {}

class Thread {
  private worker = this.start()
  private readonly waiting = new Map<number, Waiting>()
  private numbers = 0

  order<T>(content: Content, progress?: (seconds: number) => void): Promise<T> {
    const number = ++this.numbers
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(number, { resolve, reject, ...(progress ? { progress } : {}) })
      this.worker.postMessage({ ...content, number })
    })
  }

  stop(): void {
    this.worker.terminate()
    this.worker = this.start()
    this.fail(new Stopped())
  }

  get isBusy(): boolean {
    return this.waiting.size > 0
  }

  private start(): Worker {
    const worker = new Worker('worker.js', { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.take(data)
    worker.onerror = ({ message }) => this.fail(new Error(message))
    return worker
  }

  private take(answer: Answer): void {
    const waiting = this.waiting.get(answer.number)
    if (answer.kind === 'progress') return waiting?.progress?.(answer.seconds)
    this.waiting.delete(answer.number)
    if (answer.kind === 'fault') waiting?.reject(new Error(answer.message))
    else waiting?.resolve(answer.value as never)
  }

  private fail(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error)
    this.waiting.clear()
  }
}

export class Engine {
  private readonly reader = new Thread()
  private readonly player = new Thread()

  vocabulary(): Promise<Vocabulary> {
    return this.reader.order({ kind: 'vocabulary' })
  }

  read(source: SourceFile): Promise<Reading> {
    return this.reader.order({ kind: 'read', source })
  }

  convert(source: SourceFile, to: 'drill' | 'yaml'): Promise<Converted> {
    return this.reader.order({ kind: 'convert', source, to })
  }

  /** Stops what is being played. */
  play(source: SourceFile, progress: (seconds: number) => void): Promise<Performance> {
    this.stop()
    return this.player.order({ kind: 'play', source }, progress)
  }

  stop(): void {
    if (this.player.isBusy) this.player.stop()
  }
}
