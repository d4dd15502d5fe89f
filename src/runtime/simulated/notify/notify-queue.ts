// What all backends share of LISTEN and NOTIFY: the queue of notifications, and who reads it up to where. Mirrors the
// shared half of async.c. What a session notes until its commit is in session-notifications.ts.
//
// Entries have PostgreSQL's bytes: length, database, xid, pid, then channel and payload, each with a zero at its end.
// A page is always used up: what does not fit is preceded by an entry of no database that fills the page.

import { second } from '../../../model/units.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import type { Proc } from '../shared/proc.ts'
import { NotifyPages, notifyPageSize, pagesPerFile } from './notify-pages.ts'

export interface Notification {
  readonly channel: string
  readonly payload: string
}

/** One that stands in the queue. */
export interface QueuedNotification extends Notification {
  readonly xid: number
  /** Who sent it. */
  readonly pid: number
}

export interface QueuePosition {
  readonly page: number
  readonly offset: number
}

const headerSize = 16
const smallestEntry = 20
/** Before 17 there is no setting for either. */
const defaultMostPages = 1_048_576
const defaultBuffers = 8
/** After so many new pages somebody looks whether old ones can go; how far another database's listeners may lag. */
const cleanupDelay = 4
const warnInterval = 5 * second

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export class NotifyQueue {
  private readonly environment: ServerEnvironment
  private readonly pages: NotifyPages
  private head: QueuePosition = { page: 0, offset: 0 }
  private tail: QueuePosition = { page: 0, offset: 0 }
  /** Up to where each listening backend has read. */
  private readonly positions = new Map<Proc, QueuePosition>()
  private lastWarning = Number.NEGATIVE_INFINITY

  constructor(environment: ServerEnvironment) {
    this.environment = environment
    const bytes = environment.settings.get('notify_buffers')
    this.pages = new NotifyPages(environment.data, bytes === undefined ? defaultBuffers : bytes / notifyPageSize)
  }

  // Those who listen

  isRegistered(proc: Proc): boolean {
    return this.positions.has(proc)
  }

  /** A backend's first LISTEN: it reads from where the farthest of its database is; what lies before has committed. */
  register(proc: Proc): void {
    let start = this.tail
    for (const [{ databaseId }, position] of this.positions) {
      if (databaseId === proc.databaseId && isBefore(start, position)) start = position
    }
    this.positions.set(proc, start)
  }

  unregister(proc: Proc): void {
    this.positions.delete(proc)
  }

  /** SignalBackends: gives those who have something to read, by their place in shared memory. */
  behind(sender: Proc): readonly Proc[] {
    const { head } = this
    const listeners = [...this.positions].filter(([proc, position]) =>
      proc.databaseId === sender.databaseId ? isBefore(position, head) : head.page - position.page >= cleanupDelay,
    )
    return listeners.map(([proc]) => proc).sort((a, b) => a.backendId - b.backendId)
  }

  // The queue

  /** Puts them at its end, in one stretch; true if it is time to look for old pages. Fails with 54000 if it is full. */
  add(me: Process, proc: Proc, xid: number, notifications: readonly Notification[]): boolean {
    let passedPages = false
    for (const notification of notifications) {
      const entry = encode(notification, proc, xid)
      if (this.head.offset + entry.length > notifyPageSize) passedPages = this.fillPage(me, proc) || passedPages
      passedPages = this.append(me, proc, entry) || passedPages
    }
    return passedPages
  }

  private fillPage(me: Process, proc: Proc): boolean {
    const filler = new Uint8Array(notifyPageSize - this.head.offset)
    new DataView(filler.buffer).setInt32(0, filler.length, true)
    return this.append(me, proc, filler)
  }

  private append(me: Process, proc: Proc, entry: Uint8Array): boolean {
    const { page, offset } = this.head
    if (offset === 0) {
      this.warnIfFull(me, proc)
      if (page - this.tail.page >= this.mostPages) fail('54000', 'too many notifications in the NOTIFY queue')
      this.pages.zero(me, page)
    }
    this.pages.write(me, page, offset, entry)
    this.head = next(this.head, entry.length)
    return this.head.page !== page && this.head.page % cleanupDelay === 0
  }

  /**
   * Reads on for a backend, up to the first that `isOpen` says is of a transaction that still runs, and moves its
   * place. Gives those of its database.
   */
  read(me: Process, proc: Proc, isOpen: (xid: number) => boolean): readonly QueuedNotification[] {
    const found: QueuedNotification[] = []
    let position = this.positions.get(proc)!
    while (isBefore(position, this.head)) {
      const page = this.pages.read(me, position.page)
      const { length, database, ...notification } = decode(page, position.offset)
      if (database === proc.databaseId) {
        if (isOpen(notification.xid)) break
        found.push(notification)
      }
      position = next(position, length)
    }
    this.positions.set(proc, position)
    return found
  }

  /** Lets go of what every listener has read. */
  advanceTail(): void {
    let tail = this.head
    for (const position of this.positions.values()) if (isBefore(position, tail)) tail = position
    const hasLeftFile = Math.floor(tail.page / pagesPerFile) > Math.floor(this.tail.page / pagesPerFile)
    this.tail = tail
    if (hasLeftFile) this.pages.truncate(tail.page)
  }

  /** The part of the queue that is occupied, 0 to 1; counts whole pages. */
  usage(): number {
    return (this.head.page - this.tail.page) / this.mostPages
  }

  private get mostPages(): number {
    return this.environment.settings.get('max_notify_queue_pages') ?? defaultMostPages
  }

  private warnIfFull(me: Process, sender: Proc): void {
    const usage = this.usage()
    if (usage < 0.5 || me.now() - this.lastWarning < warnInterval) return
    this.lastWarning = me.now()
    let slowest: Proc | undefined
    let oldest = this.head
    for (const [proc, position] of this.positions) {
      if (isBefore(oldest, position)) continue
      oldest = position
      slowest = proc
    }
    const warning = {
      level: 'WARNING' as const,
      sqlstate: '01000',
      message: `NOTIFY queue is ${(usage * 100).toFixed(0)}% full`,
      ...(slowest && {
        detail: `The server process with PID ${slowest.pid} is among those with the oldest transactions.`,
        hint: 'The NOTIFY queue cannot be emptied until that process ends its current transaction.',
      }),
    }
    this.environment.log.report(me, warning)
    sender.notify?.(warning)
  }
}

function isBefore(a: QueuePosition, b: QueuePosition): boolean {
  return a.page < b.page || (a.page === b.page && a.offset < b.offset)
}

/** Where no other entry can begin on a page, the next page is. */
function next({ page, offset }: QueuePosition, length: number): QueuePosition {
  const end = offset + length
  return end + smallestEntry > notifyPageSize ? { page: page + 1, offset: 0 } : { page, offset: end }
}

function encode({ channel, payload }: Notification, { databaseId, pid }: Proc, xid: number): Uint8Array {
  const channelBytes = encoder.encode(channel)
  const payloadBytes = encoder.encode(payload)
  const length = headerSize + channelBytes.length + payloadBytes.length + 2
  const entry = new Uint8Array(Math.ceil(length / 4) * 4)
  const view = new DataView(entry.buffer)
  view.setInt32(0, entry.length, true)
  view.setUint32(4, databaseId, true)
  view.setUint32(8, xid, true)
  view.setInt32(12, pid, true)
  entry.set(channelBytes, headerSize)
  entry.set(payloadBytes, headerSize + channelBytes.length + 1)
  return entry
}

function decode(page: Uint8Array, offset: number): QueuedNotification & { length: number; database: number } {
  const view = new DataView(page.buffer)
  const begin = offset + headerSize
  const middle = page.indexOf(0, begin)
  const end = page.indexOf(0, middle + 1)
  return {
    length: view.getInt32(offset, true),
    database: view.getUint32(offset + 4, true),
    xid: view.getUint32(offset + 8, true),
    pid: view.getInt32(offset + 12, true),
    channel: decoder.decode(page.subarray(begin, middle)),
    payload: decoder.decode(page.subarray(middle + 1, end)),
  }
}
