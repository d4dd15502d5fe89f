// A volume: named files on a disk behind the host's page cache.
//
// | fault | what happens |
// |---|---|
// | power cut, operating system crash | what was not flushed is gone; a flush in progress may tear 8 kB pages |
// | full | a write that needs more than is left writes what fits, and throws ENOSPC |
// | failing fsync | a flush that has something to move throws EIO, and the bytes never get to the platter |
// | failing write | a write throws EIO |
// | bit rot | bytes on the platter change |

import type { Kernel } from '../kernel/kernel.ts'
import type { Random } from '../kernel/random.ts'
import type { Coroutine } from '../kernel/task.ts'
import { Disk } from './disk.ts'
import { chunkSize, File } from './file.ts'
import { FileError } from './file-error.ts'
import type { PageCache } from './page-cache.ts'
import type { Process } from './process.ts'
import { type DiskProfile, dirtyExpire, pageCopy, writeBackInterval } from './profile.ts'

/** Files take up whole blocks. */
const blockSize = 4096

/** What can be made to fail. */
export type FileCall = 'fsync' | 'write'

export class Volume {
  readonly disk: Disk
  /** In bytes. */
  readonly size: number
  /** In bytes: what its files take up, and what fills it besides. */
  used = 0
  /** Calls that fail at present. */
  readonly failing = new Set<FileCall>()
  /** Called when a file takes up more or less than before, by so many bytes. */
  whenUsed: ((path: string, more: number) => void) | undefined
  private readonly files = new Map<string, File>()
  private readonly kernel: Kernel
  private readonly random: Random
  /** What files take up that somebody else has put there. */
  private ballast = 0
  private willWriteBack = false
  private readonly pages: PageCache | undefined

  /** `pages`: of its machine, where memory has a size. */
  constructor(kernel: Kernel, profile: DiskProfile, size = Number.POSITIVE_INFINITY, pages?: PageCache) {
    this.kernel = kernel
    this.disk = new Disk(kernel, profile)
    this.size = size
    this.random = kernel.random.fork()
    this.pages = pages
    pages?.writers.push(() => this.writeBack(kernel.now))
  }

  /** Takes up room for files that are not among these, in place of what was taken up so before. In bytes. */
  fill(bytes: number): void {
    const more = bytes - this.ballast
    this.ballast = bytes
    this.use('', more)
  }

  /** How much it holds besides what fills it, in bytes. */
  get usedByFiles(): number {
    return this.used - this.ballast
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
    this.files.set(path, new File(this.pages))
  }

  remove(path: string): void {
    const file = this.files.get(path)
    if (!file) return
    this.files.delete(path)
    file.leavePageCache()
    this.use(path, -blocks(file.size))
  }

  /** Replaces what was at `to`. */
  rename(from: string, to: string): void {
    const file = this.file(from)
    if (from === to) return
    this.remove(to)
    this.files.delete(from)
    this.files.set(to, file)
    this.use(from, -blocks(file.size))
    this.use(to, blocks(file.size))
  }

  /** Writes into the page cache: costs the caller CPU time, and waits for nothing. */
  write(me: Process, path: string, offset: number, bytes: Uint8Array): void {
    const file = this.file(path)
    if (this.failing.has('write')) throw new FileError('EIO')
    const fits = offset + bytes.length <= file.size ? bytes.length : this.extend(path, file, offset, bytes.length)
    if (fits > 0) file.write(offset, fits < bytes.length ? bytes.subarray(0, fits) : bytes, this.kernel.now)
    if (fits < bytes.length) throw new FileError('ENOSPC', fits)
    if (!this.willWriteBack) this.writeBackLater()
    me.charge(Math.ceil((pageCopy * bytes.length) / chunkSize))
    this.pages?.balance(me)
  }

  /** Whether so many more bytes would fit at the end of the file. */
  hasRoom(path: string, bytes: number): boolean {
    const file = this.file(path)
    return !this.failing.has('write') && this.fitting(file, file.size + bytes) === file.size + bytes
  }

  /** Makes room for a write that goes past the end; gives how many of its bytes there is room for. */
  private extend(path: string, file: File, offset: number, length: number): number {
    const end = this.fitting(file, offset + length)
    if (end <= offset) return 0
    this.use(path, blocks(end) - blocks(file.size))
    return end - offset
  }

  /** Truncates, or extends with zeros. */
  resize(path: string, size: number): void {
    const file = this.file(path)
    if (size > file.size && this.failing.has('write')) throw new FileError('EIO')
    const fitting = this.fitting(file, size)
    this.use(path, blocks(fitting) - blocks(file.size))
    file.resize(fitting, this.kernel.now)
    if (fitting < size) throw new FileError('ENOSPC', fitting)
  }

  /** Reads what the page cache has; undefined if the disk must be asked. Gives the number of bytes read. */
  tryRead(me: Process, path: string, offset: number, target: Uint8Array): number | undefined {
    const file = this.file(path)
    if (file.uncachedChunks(offset, target.length) > 0) return undefined
    me.charge(Math.ceil((pageCopy * target.length) / chunkSize))
    return file.read(offset, target)
  }

  /** The same for what several read, and nobody changes: they get the same bytes. */
  tryReadShared(me: Process, path: string, offset: number, length: number): Uint8Array | undefined {
    const file = this.file(path)
    if (file.uncachedChunks(offset, length) > 0) return undefined
    me.charge(Math.ceil((pageCopy * length) / chunkSize))
    return file.readShared(offset, length)
  }

  /** Reads, from the disk where it must. Gives the number of bytes read. */
  *read(me: Process, path: string, offset: number, target: Uint8Array, waitEvent: string): Coroutine<number> {
    const missing = this.file(path).uncachedChunks(offset, target.length)
    if (missing > 0) yield* me.sleep(this.disk.reading(missing * chunkSize), waitEvent)
    return this.tryRead(me, path, offset, target) ?? this.file(path).read(offset, target)
  }

  /**
   * fsync(2): returns when everything written before the call is on the platter. `zeros`: so many bytes of the file are
   * zeros that were written, and are kept as nothing.
   */
  *fsync(me: Process, path: string, waitEvent: string, zeros = 0): Coroutine {
    const file = this.file(path)
    const flush = file.beginFlush()
    const bytes = flush.bytes + zeros
    const fails = bytes > 0 && this.failing.has('fsync')
    yield* me.sleep(this.disk.flushing(bytes), waitEvent)
    if (fails) {
      file.failFlush(flush)
      throw new FileError('EIO')
    }
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
    this.use(path, blocks(bytes.length))
    file.write(0, bytes, this.kernel.now)
    file.endFlush(file.beginFlush())
  }

  /** Makes a file of zeros that is on the platter at once. */
  installZeros(path: string, size: number): void {
    this.create(path)
    const file = this.file(path)
    this.use(path, blocks(size))
    file.resize(size, this.kernel.now)
    file.endFlush(file.beginFlush())
  }

  /** Makes a file like one of another volume that is on the platter at once: for copies made outside of the run. */
  installCopy(path: string, from: Volume): void {
    this.remove(path)
    const file = from.file(path).copy(this.pages)
    this.use(path, blocks(file.size))
    this.files.set(path, file)
  }

  /** Puts a copy of a file here, as a program does that is not the server's; false: there is no room for it. */
  receive(path: string, file: File): boolean {
    this.remove(path)
    const copy = file.copy()
    if (blocks(copy.size) > this.size - this.used) return false
    this.use(path, blocks(copy.size))
    this.files.set(path, copy)
    return true
  }

  /** The file as another volume or an archive would copy it; undefined if there is none. */
  find(path: string): File | undefined {
    return this.files.get(path)
  }

  /** What processes would read now, without cost: for observers and copies made outside of the run. */
  peek(path: string): Uint8Array {
    const file = this.file(path)
    const bytes = new Uint8Array(file.size)
    file.read(0, bytes)
    return bytes
  }

  losePageCache(how: 'power' | 'system'): void {
    this.disk.reset()
    for (const [path, file] of this.files) {
      const before = blocks(file.size)
      file.losePageCache(() => how === 'system' || this.random.integer(0, 1) === 1)
      this.use(path, blocks(file.size) - before)
      if (this.used < 0) throw new Error(`volume uses less than nothing after losing the cache of ${path}`)
    }
  }

  /** Bit rot: changes bytes where they lie for good. What the page cache had of them is read anew. */
  damage(path: string, offset: number, length: number, change: (bytes: Uint8Array) => void): void {
    const file = this.file(path)
    file.endFlush(file.beginFlush())
    file.damage(offset, length, change)
  }

  private file(path: string): File {
    const file = this.files.get(path)
    if (!file) throw new Error(`no such file: ${path}`)
    return file
  }

  /** How much of a file of this size there is room for. */
  private fitting(file: File, size: number): number {
    const more = blocks(size) - blocks(file.size)
    const left = Math.floor((this.size - this.used) / blockSize) * blockSize
    return more <= Math.max(0, left) ? size : blocks(file.size) + Math.max(0, left)
  }

  private use(path: string, more: number): void {
    if (more === 0) return
    this.used += more
    this.whenUsed?.(path, more)
  }

  // Write-back

  /** The kernel brings to the platter what nobody flushes, when it is old enough. */
  private writeBackLater(): void {
    this.willWriteBack = true
    this.kernel.at(this.kernel.now + writeBackInterval, () => {
      this.willWriteBack = false
      this.writeBack(this.kernel.now - dirtyExpire)
    })
  }

  /** Moves what has been dirty since `upTo` or longer. */
  private writeBack(upTo: number): void {
    let isDirty = false
    for (const file of this.files.values()) {
      const { dirtySince } = file
      if (dirtySince === undefined) continue
      isDirty = true
      if (dirtySince > upTo) continue
      const flush = file.beginFlush()
      const fails = this.failing.has('fsync')
      this.kernel.at(this.kernel.now + this.disk.move(flush.bytes), () => {
        if (fails) file.failFlush(flush)
        else file.endFlush(flush)
      })
    }
    if (isDirty && !this.willWriteBack) this.writeBackLater()
  }
}

function blocks(size: number): number {
  return Math.ceil(size / blockSize) * blockSize
}
