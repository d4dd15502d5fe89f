// Whether a waiter waits for itself, over others, and whether another order of the queues would untie the knot. Mirrors
// deadlock.c.
//
// A waiter waits for those who hold what excludes its mode (hard edges), and for those before it in the queue who want
// what excludes it (soft edges: a circle with one can be opened by turning the two around).

import type { Lock, LockOwner } from './lock.ts'
import { conflicts, type LockMode } from './lock-mode.ts'
import type { LockTag } from './lock-tag.ts'
import { wakeWaiters } from './wait-queue.ts'

/** A waiter of the circle; the next one of the list, or after the last the first, blocks it. */
export interface DeadlockMember {
  readonly owner: LockOwner
  readonly tag: LockTag
  readonly mode: LockMode
}

/** In a queue `waiter` stands behind `blocker` and must come before it. */
interface SoftEdge {
  readonly waiter: LockOwner
  readonly blocker: LockOwner
  readonly lock: Lock
}

/** No circle; or none any more, queues were reordered; or the circle, from the one who asked. */
export type DeadlockState = 'none' | 'reordered' | readonly DeadlockMember[]

export function checkDeadlock(start: LockOwner): DeadlockState {
  const detector = new Detector(start)
  return detector.run()
}

class Detector {
  private readonly start: LockOwner
  /** Reorderings that are being tried. */
  private readonly constraints: SoftEdge[] = []
  private orders = new Map<Lock, LockOwner[]>()
  private circle: DeadlockMember[] = []
  private softEdges: SoftEdge[] = []
  private visited: LockOwner[] = []

  constructor(start: LockOwner) {
    this.start = start
  }

  run(): DeadlockState {
    if (!this.canBeUntied()) {
      this.orders.clear()
      this.findCircle(this.start)
      return this.circle
    }
    if (this.orders.size === 0) return 'none'
    for (const [lock, order] of this.orders) {
      lock.waiters = order
      wakeWaiters(lock, this.start.proc.process.cause)
    }
    return 'reordered'
  }

  /** Tries the constraints that there are, and adds one of each circle's soft edges until no circle is left. */
  private canBeUntied(): boolean {
    const edges = this.testConfiguration()
    if (edges === undefined) return false
    if (edges.length === 0) return true
    for (const edge of edges) {
      this.constraints.push(edge)
      if (this.canBeUntied()) return true
      this.constraints.pop()
    }
    return false
  }

  /** The soft edges of a circle that is left; none if there is no circle; undefined if it can't be untied so. */
  private testConfiguration(): SoftEdge[] | undefined {
    if (!this.expandConstraints()) return undefined
    let found: SoftEdge[] = []
    const starts = [...this.constraints.flatMap(each => [each.waiter, each.blocker]), this.start]
    for (const start of starts) {
      if (!this.findCircle(start)) continue
      if (this.softEdges.length === 0) return undefined
      found = this.softEdges
    }
    return found
  }

  private findCircle(start: LockOwner): boolean {
    this.visited = []
    this.softEdges = []
    this.circle = []
    return this.visit(start, 0)
  }

  private visit(owner: LockOwner, depth: number): boolean {
    const index = this.visited.indexOf(owner)
    if (index === 0) {
      this.circle = new Array(depth)
      return true
    }
    if (index > 0) return false
    this.visited.push(owner)
    const wait = owner.wait
    if (wait?.outcome !== 'waiting') return false
    const { lock, mode } = wait
    const member = { owner, tag: lock.tag, mode }
    for (const holding of lock.holdings) {
      if (holding.owner.isWith(owner) || (conflicts[mode] & holding.mask) === 0) continue
      if (!this.visit(holding.owner, depth + 1)) continue
      this.circle[depth] = member
      return true
    }
    for (const ahead of this.orders.get(lock) ?? lock.waiters) {
      if (ahead === owner) break
      if ((conflicts[mode] & (1 << ahead.wait!.mode)) === 0 || !this.visit(ahead, depth + 1)) continue
      this.circle[depth] = member
      this.softEdges.push({ waiter: owner, blocker: ahead, lock })
      return true
    }
    return false
  }

  /** Queues that obey all constraints; false if there are none. The newest constraints' locks come first. */
  private expandConstraints(): boolean {
    this.orders = new Map()
    for (let index = this.constraints.length - 1; index >= 0; index--) {
      const lock = this.constraints[index].lock
      if (this.orders.has(lock)) continue
      const order = sortQueue(lock, this.constraints.slice(0, index + 1))
      if (!order) return false
      this.orders.set(lock, order)
    }
    return true
  }
}

/** Sorts a queue from its end, moving nobody without need. */
function sortQueue(lock: Lock, constraints: readonly SoftEdge[]): LockOwner[] | undefined {
  const left = [...lock.waiters]
  const open = constraints.filter(each => each.lock === lock)
  const order: LockOwner[] = []
  while (left.length > 0) {
    let last = left.length - 1
    while (last >= 0 && open.some(each => each.waiter === left[last] && left.includes(each.blocker))) last--
    if (last < 0) return undefined
    order.unshift(left[last])
    left.splice(last, 1)
  }
  return order
}
