// The processes of a node that are alive at the instant, and how many of them serve clients.

import type { TraceEvent } from '../../model/trace.ts'
import type { PropertySubject, StateSetSubject, StateTable } from './subject.ts'

interface Process {
  readonly node: string | undefined
  readonly pid: number
  readonly type: string
  readonly started: number
  title: string | null
}

/** Keyed by node and pid; a node that is down has none. */
class ProcessTable implements StateTable {
  private readonly node: string | undefined
  private readonly processes = new Map<string, Process>()

  constructor(node: string | undefined) {
    this.node = node
  }

  feed(event: TraceEvent): void {
    if (this.node !== undefined && event.node !== this.node) return
    if (event.kind === 'node.down') {
      for (const [key, process] of this.processes) if (process.node === event.node) this.processes.delete(key)
      return
    }
    if (event.pid === undefined) return
    const key = `${event.node} ${event.pid}`
    if (event.kind === 'process.started') {
      const { node, pid, type, time } = event
      this.processes.set(key, { node, pid, type, started: time, title: null })
    } else if (event.kind === 'process.exited') this.processes.delete(key)
    else if (event.kind === 'process.titled') {
      const process = this.processes.get(key)
      if (process) process.title = event.title
    }
  }

  elements(): Iterable<Readonly<Record<string, unknown>>> {
    return this.processes.values() as Iterable<unknown> as Iterable<Readonly<Record<string, unknown>>>
  }
}

const fields = { node: 'thing', pid: 'number', type: 'text', title: 'text', started: 'moment' } as const
const kinds = ['process.started', 'process.exited', 'process.titled', 'node.down'] as const

export const processSets: readonly StateSetSubject[] = [
  {
    definition: { of: 'node', name: 'processes', summary: 'its processes at the instant', dimension: 'set', fields },
    kinds,
    table: target => new ProcessTable(target.name),
  },
  {
    definition: { of: 'top', name: 'processes', summary: 'all processes at the instant', dimension: 'set', fields },
    kinds,
    table: () => new ProcessTable(undefined),
  },
]

export const connections: PropertySubject = {
  definition: { of: 'node', name: 'connections', summary: 'backends that serve a client', dimension: 'number' },
  kinds: ['node.starting', 'node.down', 'connection.opened', 'connection.closed', 'process.exited'],
  ledger: false,
  reducer(target) {
    const backends = new Set<number>()
    let known = false
    return {
      feed(event) {
        if (event.node !== target.name) return
        known = true
        if (event.kind === 'connection.opened') backends.add(event.backend)
        else if (event.kind === 'connection.closed') backends.delete(event.backend)
        else if (event.kind === 'process.exited') backends.delete(event.pid ?? 0)
        else backends.clear()
      },
      value: () => (known ? backends.size : null),
    }
  },
}
