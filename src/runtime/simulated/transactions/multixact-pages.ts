// The pages of pg_multixact: for each number where its members begin, and the members in groups of four, four bytes of
// flags before four xids. Mirrors the layout in multixact.c.

import type { Process } from '../machine/process.ts'
import type { Volume } from '../machine/volume.ts'
import { slruError } from '../shared/file-access.ts'

export interface Member {
  readonly xid: number
  /** One of `memberStatus`. */
  readonly status: number
}

const pageSize = 8192
const pagesPerFile = 32
const offsetsPerPage = pageSize / 4
const groupSize = 20
const groupsPerPage = Math.floor(pageSize / groupSize)
const membersPerPage = groupsPerPage * 4

type Kind = 'offsets' | 'members'

interface SlruPage {
  readonly view: DataView
  dirty: boolean
}

export function offsetPageOf(multi: number): number {
  return Math.floor(multi / offsetsPerPage)
}

export function memberPageOf(member: number): number {
  return Math.floor(member / membersPerPage)
}

export class MultiXactPages {
  private readonly volume: Volume
  private readonly loaded: Readonly<Record<Kind, Map<number, SlruPage>>> = { offsets: new Map(), members: new Map() }

  constructor(volume: Volume) {
    this.volume = volume
  }

  hasOffsetPage(page: number): boolean {
    return this.exists('offsets', page)
  }

  hasMemberPage(page: number): boolean {
    return this.exists('members', page)
  }

  zero(kind: Kind, page: number): void {
    this.loaded[kind].set(page, { view: new DataView(new ArrayBuffer(pageSize)), dirty: true })
  }

  write(multi: number, first: number, members: readonly Member[]): void {
    const offsets = this.page('offsets', offsetPageOf(multi))
    offsets.view.setUint32((multi % offsetsPerPage) * 4, first, true)
    offsets.dirty = true
    members.forEach(({ xid, status }, index) => {
      const member = first + index
      const page = this.page('members', memberPageOf(member))
      const at = placeOf(member)
      page.view.setUint8(at.flags, status)
      page.view.setUint32(at.xid, xid, true)
      page.dirty = true
    })
  }

  /** `end`: where the members end, if it is the newest number; else they end where those of the next begin. */
  read(multi: number, end: number | undefined): Member[] {
    const first = this.offsetOf(multi)
    const last = end ?? this.offsetOf(multi + 1)
    const members: Member[] = []
    for (let member = first; member < last; member++) {
      const { view } = this.page('members', memberPageOf(member))
      const at = placeOf(member)
      members.push({ xid: view.getUint32(at.xid, true), status: view.getUint8(at.flags) })
    }
    return members
  }

  /** Into the page cache; gives the paths of the files. */
  writeDirty(me: Process): string[] {
    const paths = new Set<string>()
    for (const kind of ['offsets', 'members'] as const) {
      for (const [number, page] of this.loaded[kind]) {
        if (!page.dirty) continue
        const path = pathOf(kind, number)
        const offset = (number % pagesPerFile) * pageSize
        try {
          if (!this.volume.exists(path)) this.volume.create(path)
          this.volume.write(me, path, offset, new Uint8Array(page.view.buffer))
        } catch (error) {
          throw slruError(error, path, offset)
        }
        page.dirty = false
        paths.add(path)
      }
    }
    return [...paths]
  }

  private offsetOf(multi: number): number {
    return this.page('offsets', offsetPageOf(multi)).view.getUint32((multi % offsetsPerPage) * 4, true)
  }

  private exists(kind: Kind, page: number): boolean {
    if (this.loaded[kind].has(page)) return true
    return (this.volume.sizeOf(pathOf(kind, page)) ?? 0) > (page % pagesPerFile) * pageSize
  }

  private page(kind: Kind, number: number): SlruPage {
    let page = this.loaded[kind].get(number)
    if (!page) {
      const bytes = new Uint8Array(pageSize)
      const path = pathOf(kind, number)
      const at = (number % pagesPerFile) * pageSize
      if (this.volume.exists(path)) bytes.set(this.volume.peek(path).subarray(at, at + pageSize))
      page = { view: new DataView(bytes.buffer), dirty: false }
      this.loaded[kind].set(number, page)
    }
    return page
  }
}

function placeOf(member: number): { readonly flags: number; readonly xid: number } {
  const group = Math.floor((member % membersPerPage) / 4) * groupSize
  return { flags: group + (member % 4), xid: group + 4 + (member % 4) * 4 }
}

function pathOf(kind: Kind, page: number): string {
  const segment = Math.floor(page / pagesPerFile)
  return `pg_multixact/${kind}/${segment.toString(16).toUpperCase().padStart(4, '0')}`
}
