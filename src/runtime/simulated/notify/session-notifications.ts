// LISTEN, UNLISTEN and NOTIFY of one session. A transaction only notes what it asks for: at its commit the notifications
// go into the queue, in the order in which transactions commit, then the channels change and the listeners are told.
// Mirrors the backend's half of async.c; the queue is in notify-queue.ts.

import type { Coroutine } from '../kernel/task.ts'
import type { LockManager } from '../locks/lock-manager.ts'
import { AccessExclusiveLock } from '../locks/lock-mode.ts'
import { databaseTag } from '../locks/lock-tag.ts'
import { fail } from '../shared/error.ts'
import type { RunningTransaction, TransactionListener } from '../transactions/running-transaction.ts'
import { isRunningIn } from '../transactions/snapshot.ts'
import type { Notification, NotifyQueue, QueuedNotification } from './notify-queue.ts'

const longestChannel = 63
const longestPayload = 7999
/** Whoever writes into the queue locks the database that does not exist. */
const commitOrderLock = databaseTag(0)

type Action = { readonly kind: 'listen' | 'unlisten'; readonly channel: string } | { readonly kind: 'unlisten all' }

/** What a (sub)transaction asked for and its commit will do. */
interface Pending {
  readonly depth: number
  readonly actions: Action[]
  readonly notifications: Notification[]
}

export class SessionNotifications implements TransactionListener {
  private readonly queue: NotifyQueue
  private readonly locks: LockManager
  private readonly transaction: RunningTransaction
  private readonly send: (notification: QueuedNotification) => void
  /** What the session listens to, in the order of its LISTENs. */
  channels: readonly string[] = []
  /** The innermost subtransaction is the last. */
  private pending: Pending[] = []
  private cleansUp = false

  /** `send` hands one over to the client. */
  constructor(queue: NotifyQueue, transaction: RunningTransaction, send: (notification: QueuedNotification) => void) {
    this.queue = queue
    this.transaction = transaction
    this.locks = transaction.transactions.services.locks
    this.send = send
  }

  // What statements ask for

  notify(channel: string, payload: string): void {
    if (channel === '') fail('22023', 'channel name cannot be empty')
    if (byteLength(channel) > longestChannel) fail('22023', 'channel name too long')
    if (byteLength(payload) > longestPayload) fail('22023', 'payload string too long')
    addUnlessThere(this.ofThisLevel().notifications, { channel, payload })
  }

  listen(channel: string): void {
    this.ofThisLevel().actions.push({ kind: 'listen', channel })
  }

  unlisten(channel: string): void {
    this.ofThisLevel().actions.push({ kind: 'unlisten', channel })
  }

  unlistenAll(): void {
    this.ofThisLevel().actions.push({ kind: 'unlisten all' })
  }

  private ofThisLevel(): Pending {
    const { depth } = this.transaction
    const last = this.pending.at(-1)
    if (last && last.depth >= depth) return last
    const fresh: Pending = { depth, actions: [], notifications: [] }
    this.pending.push(fresh)
    return fresh
  }

  // With the transaction's course

  subtransactionEnded(committed: boolean, depth: number): void {
    while (this.pending.length > 0 && this.pending[this.pending.length - 1].depth >= depth) {
      const { actions, notifications } = this.pending.pop()!
      if (!committed) continue
      const outer = this.outerOf(depth)
      outer.actions.push(...actions)
      for (const notification of notifications) addUnlessThere(outer.notifications, notification)
    }
  }

  private outerOf(depth: number): Pending {
    const last = this.pending.at(-1)
    if (last && last.depth === depth - 1) return last
    const fresh: Pending = { depth: depth - 1, actions: [], notifications: [] }
    this.pending.push(fresh)
    return fresh
  }

  prePrepare(): void {
    if (this.pending.length === 0) return
    fail('0A000', 'cannot PREPARE a transaction that has executed LISTEN, UNLISTEN, or NOTIFY')
  }

  *preCommit(): Coroutine {
    for (const { actions, notifications } of this.pending) {
      const { me, proc } = this.transaction
      if (actions.some(({ kind }) => kind === 'listen')) this.register()
      if (notifications.length === 0) continue
      const xid = this.transaction.xid()
      // Held until the commit is done: the queue has the order of the commits.
      yield* this.locks.acquire(proc, commitOrderLock, AccessExclusiveLock)
      this.cleansUp = this.queue.add(me, proc, xid, notifications)
    }
  }

  private register(): void {
    const { queue } = this
    const { proc } = this.transaction
    if (queue.isRegistered(proc)) return
    queue.register(proc)
    this.readQueue()
  }

  ended(committed: boolean): void {
    const { pending, queue } = this
    if (pending.length === 0) return
    const { proc, me } = this.transaction
    this.pending = []
    if (committed) for (const { actions } of pending) for (const action of actions) this.perform(action)
    if (this.channels.length === 0) queue.unregister(proc)
    if (!committed || !pending.some(({ notifications }) => notifications.length > 0)) return
    for (const listener of queue.behind(proc)) {
      listener.notifyPending = true
      if (listener !== proc) listener.process.signal('USR1', me.cause)
    }
    if (this.cleansUp) queue.advanceTail()
    this.cleansUp = false
  }

  private perform(action: Action): void {
    if (action.kind === 'unlisten all') this.channels = []
    else if (action.kind === 'unlisten') this.channels = this.channels.filter(each => each !== action.channel)
    else if (!this.channels.includes(action.channel)) this.channels = [...this.channels, action.channel]
  }

  /** Hands over what has come; in a transaction of the session, at its begin. */
  deliver(): void {
    this.transaction.proc.notifyPending = false
    if (this.channels.length > 0) this.readQueue()
  }

  private readQueue(): void {
    const { me, proc, transactions } = this.transaction
    const snapshot = this.transaction.latestSnapshot()
    for (const notification of this.queue.read(me, proc, xid => isRunningIn(xid, snapshot))) {
      if (this.channels.includes(notification.channel) && transactions.didCommit(notification.xid)) {
        this.send(notification)
      }
    }
  }

  /** The session ends. */
  leave(): void {
    this.channels = []
    this.queue.unregister(this.transaction.proc)
  }
}

function addUnlessThere(notifications: Notification[], added: Notification): void {
  const { channel, payload } = added
  if (!notifications.some(each => each.channel === channel && each.payload === payload)) notifications.push(added)
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
