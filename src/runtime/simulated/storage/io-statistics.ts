// Who did what to the pages of relations: counted for each type of process, and apart for those that use a ring. Mirrors
// pgstat_io.c as far as relations go; asking the kernel to write back is not counted, because nobody does.

import type { Process } from '../machine/process.ts'
import type { BufferRing } from './buffer-ring.ts'

export const ioContexts = ['bulk read', 'bulk write', 'normal', 'vacuum'] as const
export type IoContext = (typeof ioContexts)[number]

export class IoCounts {
  hits = 0
  reads = 0
  writes = 0
  extends = 0
  /** Pages that went for others: of the pool, and of the process's own ring. */
  evictions = 0
  reuses = 0
  fsyncs = 0
}

export class IoStatistics {
  private readonly counts = new Map<string, Map<IoContext, IoCounts>>()
  /** Nearly always the one that is asked for next. */
  private type = ''
  private context: IoContext = 'normal'
  private last = new IoCounts()

  of(me: Process, ring?: BufferRing): IoCounts {
    const context = ring === undefined ? 'normal' : ring.kind
    if (me.type !== this.type || context !== this.context) {
      this.type = me.type
      this.context = context
      this.last = this.find(me.type, context)
    }
    return this.last
  }

  /** Of all processes of a type, since the server started. */
  find(type: string, context: IoContext): IoCounts {
    let contexts = this.counts.get(type)
    if (!contexts) {
      contexts = new Map(ioContexts.map(each => [each, new IoCounts()]))
      this.counts.set(type, contexts)
    }
    return contexts.get(context)!
  }
}
