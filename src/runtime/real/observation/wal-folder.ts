// What the files in pg_wal tell: segments that come, go and are recycled, how much it all is, and what waits for the
// archiver. Reading a folder disturbs no server.

import { readdirSync, type Stats, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { EventPlace } from '../../../model/trace.ts'
import type { Teller } from '../teller.ts'

const segmentName = /^[0-9A-F]{24}$/

interface File {
  readonly name: string
  /** A recycled segment keeps it. */
  readonly inode: number
  readonly size: number
}

interface Volume {
  readonly used: number
  readonly size?: number
}

export class WalFolder {
  private readonly folder: string
  private readonly place: EventPlace
  private readonly teller: Teller
  private segments: ReadonlyMap<string, File> | undefined
  private volume: Volume | undefined
  private ready: ReadonlySet<string> | undefined

  constructor(dataFolder: string, node: string, teller: Teller) {
    this.folder = join(dataFolder, 'pg_wal')
    this.place = { node }
    this.teller = teller
  }

  /** The first look tells nothing of what is there already, but how much it is. */
  look(): void {
    const { teller } = this
    const wantsSegments = teller.wants('wal.segment_created') || teller.wants('wal.segment_removed')
    if (wantsSegments || teller.wants('volume.changed')) {
      const files = filesOf(this.folder)
      if (wantsSegments) this.compareSegments(files)
      if (teller.wants('volume.changed')) this.compareVolume(files)
    }
    if (teller.wants('archive.queued') || teller.wants('archive.done')) this.compareArchive()
  }

  private compareSegments(files: readonly File[]): void {
    const now = new Map(files.filter(({ name }) => segmentName.test(name)).map(file => [file.name, file]))
    const before = this.segments
    this.segments = now
    if (!before) return
    const known = new Map([...before.values()].map(file => [file.inode, file.name]))
    const recycled = new Set<string>()
    for (const { name, inode } of now.values()) {
      const old = known.get(inode)
      if (old === name) continue
      if (old !== undefined) recycled.add(old)
      const fields = { segment: name, recycled: old !== undefined }
      this.teller.tell('wal.segment_created', this.place, fields)
    }
    for (const segment of before.keys()) {
      if (!now.has(segment) && !recycled.has(segment)) {
        this.teller.tell('wal.segment_removed', this.place, { segment })
      }
    }
  }

  private compareVolume(files: readonly File[]): void {
    const now = this.ownVolume() ?? { used: files.reduce((sum, { size }) => sum + size, 0) }
    if (this.volume && this.volume.used === now.used && this.volume.size === now.size) return
    this.volume = now
    this.teller.tell('volume.changed', this.place, { volume: 'pg_wal', ...now })
  }

  /** Where pg_wal is a file system of its own, that tells what is used, and how much there is. */
  private ownVolume(): Volume | undefined {
    const own = statSync(this.folder, { throwIfNoEntry: false })
    const around = statSync(dirname(this.folder), { throwIfNoEntry: false })
    if (!own || !around || own.dev === around.dev) return undefined
    const { bsize, blocks, bfree } = statfsSync(this.folder)
    return { used: (blocks - bfree) * bsize, size: blocks * bsize }
  }

  private compareArchive(): void {
    const names = namesIn(join(this.folder, 'archive_status'))
    const now = new Set(names.filter(name => name.endsWith('.ready')).map(name => name.slice(0, -'.ready'.length)))
    const before = this.ready
    this.ready = now
    if (!before) return
    // One event a segment, each with the number that waited then: what is done leaves before what comes joins.
    let waiting = before.size
    for (const segment of [...before].filter(each => !now.has(each)).sort()) {
      this.teller.tell('archive.done', this.place, { segment, ready: --waiting })
    }
    for (const segment of [...now].filter(each => !before.has(each)).sort()) {
      this.teller.tell('archive.queued', this.place, { segment, ready: ++waiting })
    }
  }
}

function filesOf(folder: string): File[] {
  return namesIn(folder).flatMap(name => {
    const stats: Stats | undefined = statSync(join(folder, name), { throwIfNoEntry: false })
    return stats?.isFile() ? [{ name, inode: stats.ino, size: stats.size }] : []
  })
}

/** Nothing where there is no such folder. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
