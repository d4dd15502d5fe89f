// A volume: named files on a disk behind the host's page cache.
//
// | fault | what happens |
// |---|---|
// | power cut, operating system crash | what was not flushed is gone; a flush in progress may tear 8 kB pages |
// | full | a write that would grow past `size` throws DiskFull |

import type { Kernel } from '../kernel/kernel.ts'
import type { Random } from '../kernel/random.ts'
import type { Coroutine } from '../kernel/task.ts'
import { chunkSize, File } from './file.ts'
import type { Process } from './process.ts'
import { type DiskProfile, pageCopy } from './profile.ts'

/** ENOSPC. */
export class DiskFull extends Error {}

export class Volume {
  readonly disk: DiskProfile
  /** In bytes. */
  readonly size: number
  used = 0
  private readonly files = new Map<string, File>()
  private readonly kernel: Kernel
  private readonly random: Random
  private busyUntil = Number.NEGATIVE_INFINITY

  constructor(kernel: Kernel, disk: DiskProfile, size = Number.POSITIVE_INFINITY) {
    this.kernel = kernel
    this.disk = disk
    this.size = size
    this.random = kernel.random.fork()
  }

  exists(path: string): boolean {
    return this.files.has(path)
  }

  /** Size in bytes; undefined if there is no such file. */
  sizeOf(path: string): number | undefined {
    return this.files.get(path)?.size
  }

  /** Paths that begin with `prefix`, sorted. */
  list(prefix: string): string[] {
    return [...this.files.keys()].filter(path => path.startsWith(prefix)).sort()
  }

  /** Makes an empty file, or empties one that is there. */
  create(path: string): void {
    this.remove(path)
    this.files.set(path, new File())
  }

  remove(path: string): void {
    const file = this.files.get(path)
    if (!file) return
    this.used -= file.size
    this.files.delete(path)
  }

  /** Replaces what was at `to`. */
  rename(from: string, to: string): void {
    const file = this.file(from)
    if (from === to) return
    this.remove(to)
    this.files.delete(from)
    this.files.set(to, file)
  }

  /** Writes into the page cache: costs the caller CPU time, and waits for nothing. */
  write(me: Process, path: string, offset: number, bytes: Uint8Array): void {
    const file = this.file(path)
    this.grow(file, offset + bytes.length)
    file.write(offset, bytes)
    me.charge(Math.ceil((pageCopy * bytes.length) / chunkSize))
  }

  /** Truncates, or extends with zeros. */
  resize(path: string, size: number): void {
    const file = this.file(path)
    this.grow(file, size)
    this.used -= Math.max(0, file.size - size)
    file.resize(size)
  }

  /** Reads what the page cache has; undefined if the disk must be asked. Gives the number of bytes read. */
  tryRead(me: Process, path: string, offset: number, target: Uint8Array): number | undefined {
    const file = this.file(path)
    if (file.uncachedChunks(offset, target.length) > 0) return undefined
    me.charge(Math.ceil((pageCopy * target.length) / chunkSize))
    return file.read(offset, target)
  }

  /** Reads, from the disk where it must. Gives the number of bytes read. */
  *read(me: Process, path: string, offset: number, target: Uint8Array, waitEvent: string): Coroutine<number> {
    const missing = this.file(path).uncachedChunks(offset, target.length)
    if (missing > 0) {
      yield* me.sleep(this.disk.readLatency + this.transfer(missing * chunkSize) - this.kernel.now, waitEvent)
    }
    return this.tryRead(me, path, offset, target) ?? this.file(path).read(offset, target)
  }

  /** fsync(2): returns when everything written before the call is on the platter. */
  *fsync(me: Process, path: string, waitEvent: string): Coroutine {
    const file = this.file(path)
    const flush = file.beginFlush()
    const { bytes } = flush
    const transferred = this.transfer(bytes)
    yield* me.sleep(transferred - this.kernel.now + (bytes > 0 ? this.disk.fsyncLatency : 0), waitEvent)
    file.endFlush(flush)
  }

  /** Whether everything in the file is on the platter. */
  isDurable(path: string): boolean {
    return !this.file(path).isDirty
  }

  /** Makes a file with this content that is on the platter at once: for what existed before the run begins. */
  install(path: string, bytes: Uint8Array): void {
    this.create(path)
    const file = this.file(path)
    this.grow(file, bytes.length)
    file.write(0, bytes)
    file.endFlush(file.beginFlush())
  }

  /** Makes a file like one of another volume that is on the platter at once: for copies made outside of the run. */
  installCopy(path: string, from: Volume): void {
    this.remove(path)
    const file = from.file(path).copy()
    this.used += file.size
    this.files.set(path, file)
  }

  /** What processes would read now, without cost: for observers and copies made outside of the run. */
  peek(path: string): Uint8Array {
    const file = this.file(path)
    const bytes = new Uint8Array(file.size)
    file.read(0, bytes)
    return bytes
  }

  losePageCache(how: 'power' | 'system'): void {
    this.busyUntil = Number.NEGATIVE_INFINITY
    for (const [path, file] of this.files) {
      const before = file.size
      file.losePageCache(() => how === 'system' || this.random.integer(0, 1) === 1)
      this.used -= before - file.size
      if (this.used < 0) throw new Error(`volume uses less than nothing after losing the cache of ${path}`)
    }
  }

  private file(path: string): File {
    const file = this.files.get(path)
    if (!file) throw new Error(`no such file: ${path}`)
    return file
  }

  private grow(file: File, size: number): void {
    const more = size - file.size
    if (more <= 0) return
    if (this.used + more > this.size) throw new DiskFull()
    this.used += more
  }

  /** When the disk will have moved so many bytes, after those that it was given before. */
  private transfer(bytes: number): number {
    this.busyUntil = Math.max(this.busyUntil, this.kernel.now) + Math.round((bytes / this.disk.bandwidth) * 1e9)
    return this.busyUntil
  }
}
