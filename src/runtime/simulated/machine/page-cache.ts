// How much of a machine's memory its page cache has: which chunks of files are in it, and which of them go when memory is
// needed elsewhere. Content is kept by the files. Only machines whose memory has a size count this.

import type { File } from './file.ts'
import { chunkSize } from './file.ts'
import type { Process } from './process.ts'

/** Of the memory that it could have, as Linux's vm.dirty_background_ratio and vm.dirty_ratio. */
const backgroundRatio = 0.1
const dirtyRatio = 0.2

interface Entry {
  readonly file: File
  readonly chunk: number
}

export class PageCache {
  /** Chunks that it has, and those of them that the platter has not. */
  private chunks = 0
  private dirty = 0
  /** In the order in which they came; some of them are gone already. */
  private queue: Entry[] = []
  private head = 0
  private readonly available: () => number
  /** Brings everything dirty to the platter: one a volume. */
  readonly writers: (() => void)[] = []
  /** Called when something dirty has become clean. */
  whenWritten: (() => void) | undefined
  private readonly throttled = new Set<Process>()

  /** `available`: how much memory it could have if it were empty, in bytes. */
  constructor(available: () => number) {
    this.available = available
  }

  get bytes(): number {
    return this.chunks * chunkSize
  }

  get dirtyBytes(): number {
    return this.dirty * chunkSize
  }

  // For files

  added(file: File, chunk: number): void {
    this.chunks++
    this.queue.push({ file, chunk })
  }

  removed(count: number): void {
    this.chunks -= count
  }

  soiled(): void {
    this.dirty++
  }

  cleaned(count: number): void {
    if (count === 0) return
    this.dirty -= count
    if (this.dirtyBytes <= this.available() * dirtyRatio) {
      for (const process of this.throttled) process.letGo()
      this.throttled.clear()
    }
    this.whenWritten?.()
  }

  // When there is little of it

  /** Gives up clean chunks until so many bytes are free; one that was used since it was looked at last is spared once. */
  evict(bytes: number): void {
    let wanted = Math.ceil(bytes / chunkSize)
    for (
      let looks = 2 * (this.queue.length - this.head);
      wanted > 0 && looks > 0 && this.head < this.queue.length;
      looks--
    ) {
      const entry = this.queue[this.head++]
      const outcome = entry.file.evict(entry.chunk)
      if (outcome === 'kept') this.queue.push(entry)
      else if (outcome === 'evicted') {
        this.chunks--
        wanted--
      }
    }
    if (this.head > this.queue.length / 2) {
      this.queue = this.queue.slice(this.head)
      this.head = 0
    }
  }

  writeBack(): void {
    for (const write of this.writers) write()
  }

  /** After a write: the flusher begins when much is dirty, and who writes more than it can bring away waits for it. */
  balance(process: Process): void {
    const available = Math.max(0, this.available())
    if (this.dirtyBytes <= available * backgroundRatio) return
    this.writeBack()
    if (this.dirtyBytes <= available * dirtyRatio || process.isHeldUp) return
    this.throttled.add(process)
    process.holdUp(() => !this.throttled.has(process))
  }
}
