// The main memory of a machine: what processes have of their own, what servers share, and the page cache, which has the
// rest. Mirrors what matters here of Linux's mm/: vmscan.c, page-writeback.c, oom_kill.c and overcommit.
//
// | it runs short | what happens |
// |---|---|
// | the page cache has clean pages | it gives them up, the longest unused first |
// | all of them are dirty | who wants more stands still while they are written |
// | there is nothing to give up | the process with most memory is killed, whoever wanted more |
// | it was declared without overcommit | nothing is promised that is not there: fork and malloc fail with ENOMEM |
//
// A machine whose memory has no size never runs short, and nothing is counted.

import type { Kernel } from '../kernel/kernel.ts'
import { PageCache } from './page-cache.ts'
import type { Process } from './process.ts'

export interface MemoryOptions {
  /** What processes and the page cache may have together, in bytes. */
  readonly size: number
  /** Whether more is promised than there is; if not, what is promised counts as if it were used. */
  readonly overcommits: boolean
}

/** What one process has, in bytes. */
export interface ProcessMemory {
  own: number
  /** Pages of its parent that neither has written to since the fork: there once, counted for each. */
  inherited: number
  /** Files that are mapped, such as the program: the page cache has them. */
  mapped: number
  /** Of a segment of shared memory: as much as it has touched. */
  shared: number
}

/** Memory that the processes of a server share: there from when one of them touches it until the last one ends. */
export class SharedSegment {
  touched = 0
  readonly users = new Set<Process>()
}

export class Memory {
  /** The page cache, where what it holds counts. */
  readonly pages: PageCache | undefined
  private readonly kernel: Kernel
  private readonly declared: MemoryOptions | undefined
  private limit: number
  private readonly processes = new Map<Process, ProcessMemory>()
  private own = 0
  private inherited = 0
  private shared = 0
  private victim: Process | undefined
  /** They stand still until there is memory again. */
  private readonly waiting = new Set<Process>()

  constructor(kernel: Kernel, options?: MemoryOptions) {
    this.kernel = kernel
    this.declared = options
    this.limit = options?.size ?? Number.POSITIVE_INFINITY
    if (options) this.pages = new PageCache(() => this.limit - this.own - this.shared)
    if (this.pages) this.pages.whenWritten = () => this.relieve()
  }

  /** So much from now on, or as much as was declared. */
  change(size = this.declared?.size): void {
    this.limit = size ?? Number.POSITIVE_INFINITY
    this.relieve()
  }

  /** What the process has; all zeros where nothing is counted. */
  of(process: Process): Readonly<ProcessMemory> {
    return this.processes.get(process) ?? nothing
  }

  /** malloc(3) of memory that is written to at once. False: ENOMEM, and it has no more than before. */
  take(process: Process, bytes: number): boolean {
    if (!this.declared || !process.alive) return true
    if (!this.promises(bytes)) return false
    this.entry(process).own += bytes
    this.own += bytes
    this.relieve(process)
    return true
  }

  give(process: Process, bytes: number): void {
    const entry = this.processes.get(process)
    if (!entry) return
    entry.own -= bytes
    this.own -= bytes
    this.relieve()
  }

  /** Whether fork(2) of this process would succeed: all that it has may be written to, and then is there twice. */
  allowsFork(parent: Process): boolean {
    const { own, inherited } = this.of(parent)
    return this.promises(own + inherited)
  }

  /** A child begins: it sees what its parent has, and both have it once. */
  forked(child: Process, parent: Process | undefined): void {
    if (!this.declared || !parent) return
    const { own, inherited } = this.of(parent)
    this.inherited += own + inherited
    this.processes.set(child, { own: 0, inherited: own + inherited, mapped: 0, shared: 0 })
  }

  /** How much of mapped files it has touched. */
  map(process: Process, bytes: number): void {
    if (this.declared && process.alive) this.entry(process).mapped = bytes
  }

  /** The process touches shared memory; `first`: nobody has before, so that it is there from now on. */
  touch(process: Process, segment: SharedSegment, bytes: number, first: boolean): void {
    if (!this.declared || !process.alive) return
    this.entry(process).shared += bytes
    segment.users.add(process)
    if (!first) return
    segment.touched += bytes
    this.shared += bytes
    this.relieve(process)
  }

  /** All that it had is there for others; a segment that nobody else uses as well. */
  ended(process: Process, segments: Iterable<SharedSegment>): void {
    const entry = this.processes.get(process)
    if (!entry) return
    this.processes.delete(process)
    this.waiting.delete(process)
    this.own -= entry.own
    this.inherited -= entry.inherited
    for (const segment of segments) this.detach(process, segment)
    if (this.victim === process) this.victim = undefined
    this.relieve()
  }

  /** The process uses the segment no more. */
  detach(process: Process, segment: SharedSegment): void {
    if (!segment.users.delete(process) || segment.users.size > 0) return
    this.shared -= segment.touched
    segment.touched = 0
  }

  /** The machine is down: nothing is left. */
  reset(): void {
    this.processes.clear()
    this.waiting.clear()
    this.own = 0
    this.inherited = 0
    this.shared = 0
    this.victim = undefined
  }

  private entry(process: Process): ProcessMemory {
    let entry = this.processes.get(process)
    if (!entry) {
      entry = { own: 0, inherited: 0, mapped: 0, shared: 0 }
      this.processes.set(process, entry)
    }
    return entry
  }

  private promises(bytes: number): boolean {
    if (!this.declared || this.declared.overcommits) return true
    return this.own + this.inherited + this.shared + bytes <= this.limit
  }

  // When it runs short

  private get missing(): number {
    return this.own + this.shared + this.pages!.bytes - this.limit
  }

  private relieve(process?: Process): void {
    const { pages } = this
    if (!pages) return
    if (this.missing > 0) pages.evict(this.missing)
    if (this.missing <= 0) {
      for (const each of this.waiting) each.letGo()
      this.waiting.clear()
    } else if (pages.dirtyBytes > 0) this.waitForWriting(process)
    else this.kill()
  }

  private waitForWriting(process: Process | undefined): void {
    this.pages!.writeBack()
    if (!process || process.isHeldUp) return
    this.waiting.add(process)
    process.holdUp(() => !this.waiting.has(process))
  }

  /** One at a time: what the victim has is not free before it is gone. */
  private kill(): void {
    if (this.victim?.alive) return
    let most = 0
    for (const process of this.processes.keys()) {
      const score = this.score(process)
      if (score < most) continue
      most = score
      this.victim = process
    }
    const { victim } = this
    if (!victim?.alive) return
    const { own, inherited, mapped, shared } = this.of(victim)
    const cause = victim.host.trace.emit('memory.exhausted', victim.place, {
      killed: victim.pid,
      anonymous: own + inherited,
      mapped,
      shared,
    })
    // It dies where it stands next, as one does that is killed while it waits for a page.
    this.kernel.at(this.kernel.now, () => victim.signal('KILL', cause))
  }

  /** Linux's badness, with oom_score_adj 0: all that it has resident, shared pages counted for each. */
  private score(process: Process): number {
    const { own, inherited, mapped, shared } = this.of(process)
    return own + inherited + mapped + shared
  }
}

const nothing: ProcessMemory = { own: 0, inherited: 0, mapped: 0, shared: 0 }
