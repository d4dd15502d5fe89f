// Several transactions that have locked (one of them perhaps changed) a row together, under one number that stands in
// its xmax. Mirrors multixact.c: what a number stands for is kept in pages of offsets and of members, which checkpoints
// write and redo makes again.

import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import type { Proc } from '../shared/proc.ts'
import type { WalRecord } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'
import { type Member, MultiXactPages, memberPageOf, offsetPageOf } from './multixact-pages.ts'

export type { Member } from './multixact-pages.ts'

/** What a member does with the row, weakest first; from `no key update` on it changes it. */
export const memberStatus = {
  forKeyShare: 0,
  forShare: 1,
  forNoKeyUpdate: 2,
  forUpdate: 3,
  noKeyUpdate: 4,
  update: 5,
} as const

const info = { zeroOffsetPage: 0x00, zeroMemberPage: 0x10, create: 0x20 } as const

export class MultiXacts {
  /** The next number and the next place among the members. */
  nextMulti = 1
  nextMember = 1
  readonly oldestMulti = 1
  private readonly wal: Wal
  private readonly pages: MultiXactPages
  /** The sets that a backend's transaction has met: it uses their numbers again. */
  private readonly sets = new Map<Proc, Map<string, number>>()

  constructor(environment: ServerEnvironment, wal: Wal) {
    this.wal = wal
    this.pages = new MultiXactPages(environment.data)
  }

  /** With what the checkpoint says, before redo. */
  start(nextMulti: number, nextMember: number): void {
    this.nextMulti = nextMulti
    this.nextMember = nextMember
  }

  members(multi: number): readonly Member[] {
    return this.pages.read(multi, multi + 1 === this.nextMulti ? this.nextMember : undefined)
  }

  /** The number of this set: one that the transaction used before, or a new one. */
  create(me: Process, proc: Proc, members: readonly Member[]): number {
    const sorted = [...members].sort((a, b) => a.xid - b.xid || a.status - b.status)
    const key = sorted.map(({ xid, status }) => `${xid}:${status}`).join(' ')
    let known = this.sets.get(proc)
    const found = known?.get(key)
    if (found !== undefined) return found
    const multi = this.nextMulti
    const first = this.nextMember
    this.makeRoom(me, multi, first, sorted.length)
    const record = this.wal.begin(resourceManagers.multiXact, info.create, proc.xid)
    record.data.u32(multi)
    record.data.u32(first)
    record.data.u32(sorted.length)
    for (const { xid, status } of sorted) {
      record.data.u32(xid)
      record.data.u32(status)
    }
    this.wal.insert(me, record)
    this.store(multi, first, sorted)
    if (!known) {
      known = new Map()
      this.sets.set(proc, known)
    }
    known.set(key, multi)
    return multi
  }

  /** The transaction has ended. */
  forgetSets(proc: Proc): void {
    this.sets.delete(proc)
  }

  private store(multi: number, first: number, members: readonly Member[]): void {
    this.pages.write(multi, first, members)
    this.nextMulti = Math.max(this.nextMulti, multi + 1)
    this.nextMember = Math.max(this.nextMember, first + members.length)
  }

  /** New pages are zeroed with a record each. */
  private makeRoom(me: Process, multi: number, first: number, count: number): void {
    if (!this.pages.hasOffsetPage(offsetPageOf(multi))) this.zero(me, info.zeroOffsetPage, offsetPageOf(multi))
    for (let page = memberPageOf(first); page <= memberPageOf(first + count - 1); page++) {
      if (!this.pages.hasMemberPage(page)) this.zero(me, info.zeroMemberPage, page)
    }
  }

  private zero(me: Process, operation: number, page: number): void {
    const record = this.wal.begin(resourceManagers.multiXact, operation, 0)
    record.data.u32(page)
    this.wal.insert(me, record)
    this.pages.zero(operation === info.zeroOffsetPage ? 'offsets' : 'members', page)
  }

  redo(record: WalRecord): void {
    const { data } = record
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    const operation = record.info & 0xf0
    if (operation === info.zeroOffsetPage) return this.pages.zero('offsets', view.getUint32(0, true))
    if (operation === info.zeroMemberPage) return this.pages.zero('members', view.getUint32(0, true))
    const members: Member[] = []
    for (let at = 12; at < data.length; at += 8) {
      members.push({ xid: view.getUint32(at, true), status: view.getUint32(at + 4, true) })
    }
    this.store(view.getUint32(0, true), view.getUint32(4, true), members)
  }

  /** Writes what was changed to the files; gives their paths, which the checkpoint flushes. */
  checkpoint(me: Process): string[] {
    return this.pages.writeDirty(me)
  }
}
