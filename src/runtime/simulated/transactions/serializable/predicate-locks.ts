// SIREAD locks: who has read what. They block nobody; a later write finds by them who did not see it. Many fine ones of
// a transaction are replaced by a coarser one. Mirrors the lock table of predicate.c.

import type { SettingsReader } from '../../settings/settings.ts'
import { fail } from '../../shared/error.ts'
import { isPartOf, type PredicateTag, parentOf, relationTag } from './predicate-tag.ts'
import type { SerializableTransaction } from './serializable-transaction.ts'

export interface Target {
  readonly tag: PredicateTag
  readonly holders: Set<SerializableTransaction>
}

export interface PredicateLockView {
  readonly tag: PredicateTag
  readonly holder: SerializableTransaction
}

export class PredicateLocks {
  private readonly settings: SettingsReader
  private readonly targets = new Map<string, Target>()
  private readonly mostTargets: number
  private count = 0

  /** `processes`: how many could hold locks at once. */
  constructor(settings: SettingsReader, processes: number) {
    this.settings = settings
    this.mostTargets = settings.get('max_pred_locks_per_transaction') * processes
  }

  /** Takes the lock unless it, or a coarser one, is held already; then perhaps a coarser one in its place. */
  acquire(holder: SerializableTransaction, tag: PredicateTag): void {
    if (this.isHeld(holder, tag) || this.isCovered(holder, tag)) return
    const local = holder.local.get(tag.key)
    if (local) local.held = true
    else holder.local.set(tag.key, { held: true, children: 0 })
    this.put(holder, tag)
    if (this.promote(holder, tag) || tag.offset !== undefined) return
    this.releaseParts(holder, tag)
  }

  /** May say so of one that was moved since; never of one that was not taken. */
  isHeld(holder: SerializableTransaction, tag: PredicateTag): boolean {
    return holder.local.get(tag.key)?.held === true
  }

  private isCovered(holder: SerializableTransaction, tag: PredicateTag): boolean {
    for (let parent = parentOf(tag); parent; parent = parentOf(parent)) if (this.isHeld(holder, parent)) return true
    return false
  }

  private put(holder: SerializableTransaction, tag: PredicateTag): void {
    const target = this.targetFor(tag)
    if (target.holders.has(holder)) return
    // On the average two transactions are expected to hold one.
    if (this.count >= 2 * this.mostTargets) failFull()
    this.count++
    target.holders.add(holder)
    holder.targets.add(target)
  }

  private targetFor(tag: PredicateTag): Target {
    const known = this.targets.get(tag.key)
    if (known) return known
    if (this.targets.size >= this.mostTargets) failFull()
    const target: Target = { tag, holders: new Set() }
    this.targets.set(tag.key, target)
    return target
  }

  /** Counts it in all coarser ones, and takes the coarsest that has too many. */
  private promote(holder: SerializableTransaction, tag: PredicateTag): boolean {
    let promoted: PredicateTag | undefined
    for (let parent = parentOf(tag); parent; parent = parentOf(parent)) {
      let local = holder.local.get(parent.key)
      if (!local) {
        local = { held: false, children: 0 }
        holder.local.set(parent.key, local)
      }
      local.children++
      if (local.children > this.mostParts(parent)) promoted = parent
    }
    if (promoted) this.acquire(holder, promoted)
    return promoted !== undefined
  }

  private mostParts(tag: PredicateTag): number {
    const { settings } = this
    if (tag.block !== undefined) return settings.get('max_pred_locks_per_page')
    const most = settings.get('max_pred_locks_per_relation')
    return most < 0 ? Math.floor(settings.get('max_pred_locks_per_transaction') / -most) - 1 : most
  }

  private releaseParts(holder: SerializableTransaction, whole: PredicateTag): void {
    for (const target of [...holder.targets]) {
      if (!isPartOf(target.tag, whole)) continue
      this.remove(holder, target)
      uncount(holder, target.tag)
    }
  }

  private remove(holder: SerializableTransaction, target: Target): void {
    if (target.holders.delete(holder)) this.count--
    holder.targets.delete(target)
    if (target.holders.size === 0) this.targets.delete(target.tag.key)
  }

  holdersOf(tag: PredicateTag): readonly SerializableTransaction[] {
    const target = this.targets.get(tag.key)
    return target ? [...target.holders] : []
  }

  /** Whoever has read anything of the relation. */
  holdersIn(relation: { readonly id: number; readonly database: number }): readonly SerializableTransaction[] {
    const found = new Set<SerializableTransaction>()
    for (const { tag, holders } of this.targets.values()) {
      if (tag.relation === relation.id && tag.database === relation.database)
        for (const each of holders) found.add(each)
    }
    return [...found]
  }

  /** It has changed the tuple: that is more than having read it. */
  giveUp(holder: SerializableTransaction, tag: PredicateTag): void {
    const target = this.targets.get(tag.key)
    if (!target?.holders.has(holder)) return
    this.remove(holder, target)
    holder.local.delete(tag.key)
    uncount(holder, tag)
  }

  /** A page was split: who has read it has read the new one. If there is no room for that, they have read the index. */
  copy(from: PredicateTag, to: PredicateTag): void {
    const old = this.targets.get(from.key)
    if (!old) return
    const hasRoom =
      (this.targets.has(to.key) || this.targets.size < this.mostTargets) &&
      this.count + old.holders.size <= 2 * this.mostTargets
    if (hasRoom) for (const holder of old.holders) this.put(holder, to)
    else this.move(old, parentOf(from)!)
  }

  private move(old: Target, tag: PredicateTag): void {
    const holders = [...old.holders]
    for (const holder of holders) this.remove(holder, old)
    for (const holder of holders) this.put(holder, tag)
  }

  /** An index goes away, or its pages become others: who has read of it has read the table. */
  moveToTable(index: { readonly id: number; readonly database: number }, table: number): void {
    const tag = relationTag({ database: index.database, id: table })
    for (const target of [...this.targets.values()]) {
      if (target.tag.relation === index.id && target.tag.database === index.database) this.move(target, tag)
    }
  }

  releaseAll(holder: SerializableTransaction): void {
    for (const target of [...holder.targets]) this.remove(holder, target)
  }

  list(): PredicateLockView[] {
    return [...this.targets.values()].flatMap(({ tag, holders }) => [...holders].map(holder => ({ tag, holder })))
  }
}

/** A finer lock is gone. */
function uncount(holder: SerializableTransaction, tag: PredicateTag): void {
  for (let parent = parentOf(tag); parent; parent = parentOf(parent)) {
    const local = holder.local.get(parent.key)
    if (!local) continue
    local.children = Math.max(0, local.children - 1)
    if (local.children === 0 && !local.held) holder.local.delete(parent.key)
  }
}

function failFull(): never {
  fail('53200', 'out of shared memory', { hint: 'You might need to increase max_pred_locks_per_transaction.' })
}
