// The pages of the notification queue: a few in memory, the others in the files of pg_notify. Mirrors slru.c as async.c
// uses it: nothing is ever flushed, and a start throws all of it away.

import type { Process } from '../machine/process.ts'
import type { Volume } from '../machine/volume.ts'
import { slruError } from '../shared/file-access.ts'

export const notifyPageSize = 8192
export const pagesPerFile = 32

interface NotifyPage {
  readonly bytes: Uint8Array
  dirty: boolean
}

export class NotifyPages {
  private readonly volume: Volume
  private readonly buffers: number
  /** The one that was used longest ago is the first. */
  private readonly loaded = new Map<number, NotifyPage>()

  /** `buffers`: how many pages fit in memory. */
  constructor(volume: Volume, buffers: number) {
    this.volume = volume
    this.buffers = buffers
    for (const path of volume.list('pg_notify/')) volume.remove(path)
  }

  zero(me: Process, number: number): void {
    this.keep(me, number, { bytes: new Uint8Array(notifyPageSize), dirty: true })
  }

  /** To be read; read from its file if it has left memory. */
  read(me: Process, number: number): Uint8Array {
    return this.page(me, number).bytes
  }

  write(me: Process, number: number, offset: number, bytes: Uint8Array): void {
    const page = this.page(me, number)
    page.bytes.set(bytes, offset)
    page.dirty = true
  }

  /** Forgets the pages before this one, and removes the files that hold no other. */
  truncate(first: number): void {
    const firstFile = Math.floor(first / pagesPerFile)
    for (const number of [...this.loaded.keys()]) {
      if (Math.floor(number / pagesPerFile) < firstFile) this.loaded.delete(number)
    }
    for (const path of this.volume.list('pg_notify/')) {
      if (Number.parseInt(path.slice('pg_notify/'.length), 16) < firstFile) this.volume.remove(path)
    }
  }

  private page(me: Process, number: number): NotifyPage {
    const known = this.loaded.get(number)
    if (known) {
      this.loaded.delete(number)
      this.loaded.set(number, known)
      return known
    }
    const bytes = new Uint8Array(notifyPageSize)
    const offset = (number % pagesPerFile) * notifyPageSize
    bytes.set(this.volume.peek(pathOf(number)).subarray(offset, offset + notifyPageSize))
    const page = { bytes, dirty: false }
    this.keep(me, number, page)
    return page
  }

  private keep(me: Process, number: number, page: NotifyPage): void {
    this.loaded.delete(number)
    for (const [oldest, victim] of this.loaded) {
      if (this.loaded.size < this.buffers) break
      if (victim.dirty) this.store(me, oldest, victim.bytes)
      this.loaded.delete(oldest)
    }
    this.loaded.set(number, page)
  }

  private store(me: Process, number: number, bytes: Uint8Array): void {
    const path = pathOf(number)
    const offset = (number % pagesPerFile) * notifyPageSize
    try {
      if (!this.volume.exists(path)) this.volume.create(path)
      this.volume.write(me, path, offset, bytes)
    } catch (error) {
      throw slruError(error, path, offset)
    }
  }
}

function pathOf(number: number): string {
  return `pg_notify/${Math.floor(number / pagesPerFile)
    .toString(16)
    .toUpperCase()
    .padStart(4, '0')}`
}
