// A pg_recvlogical that runs: the lines that it prints, in their order, and how it ended.

import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { Receiver, ResponseOf } from '../../engine.ts'
import { Lines } from '../observation/lines.ts'

type Next = ResponseOf<'received'>

export class RealReceiver implements Receiver {
  readonly node: string
  private readonly child: ChildProcessByStdio<null, Readable, Readable>
  private readonly waiting: Next[] = []
  private wake: (() => void) | undefined

  /** `told`: what it says in this machine's names, in the scenario's. */
  constructor(node: string, child: ChildProcessByStdio<null, Readable, Readable>, told: (text: string) => string) {
    this.node = node
    this.child = child
    const lines = new Lines()
    let said = ''
    child.stdout.on('data', (bytes: Buffer) => {
      for (const line of lines.feed(bytes)) this.put({ line })
    })
    child.stderr.on('data', chunk => {
      said += chunk
    })
    child.once('error', ({ message }) => this.put({ ended: true, complaint: message }))
    child.once('close', code => {
      // Interrupted, it complains and is content with that.
      const complaint = code === 0 ? undefined : told(firstComplaint(said))
      this.put({ ended: true, ...(complaint === undefined ? {} : { complaint }) })
    })
  }

  interrupt(): void {
    this.child.kill('SIGINT')
  }

  async next(): Promise<Next> {
    if (this.waiting.length === 0) {
      await new Promise<void>(resolve => {
        this.wake = resolve
      })
    }
    return this.waiting.shift()!
  }

  private put(next: Next): void {
    this.waiting.push(next)
    this.wake?.()
  }
}

/** The lines that follow it without the program's name belong to it. */
function firstComplaint(said: string): string {
  const [, first = said] = said.split(/^pg_recvlogical: error: /m)
  return first.trim()
}
