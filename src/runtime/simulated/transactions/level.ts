// One level of a backend's transaction: the top one, or a subtransaction. Mirrors TransactionStateData of xact.c.

import { TableChanges } from '../statistics/table-changes.ts'
import type { RelationLocator } from '../wal/record.ts'
import type { InvalidationMessage } from './invalidation.ts'

export type BlockState =
  | 'default'
  | 'started'
  | 'begin'
  | 'in progress'
  | 'implicit in progress'
  | 'end'
  | 'prepare'
  | 'abort'
  | 'abort end'
  | 'abort pending'
  | 'sub begin'
  | 'sub in progress'
  | 'sub release'
  | 'sub commit'
  | 'sub abort'
  | 'sub abort end'
  | 'sub abort pending'
  | 'sub restart'
  | 'sub abort restart'

export class Level {
  readonly parent: Level | undefined
  /** The top transaction is 1. */
  readonly depth: number
  /** The savepoint's. */
  name: string | undefined
  blockState: BlockState
  /** 0: none yet. */
  xid = 0
  /** Subtransactions that were released into it. */
  children: number[] = []
  /** How many locks the transaction had when it began. */
  lockMark = 0
  /** Files to be removed if the whole transaction commits, or if this level rolls back. */
  filesAtCommit: RelationLocator[] = []
  filesAtAbort: RelationLocator[] = []
  invalidations: InvalidationMessage[] = []
  /** What it did to the rows of tables, by oid; made when first needed. */
  changes: Map<number, TableChanges> | undefined
  /** Relations that are gone if the whole transaction commits. */
  dropped: number[] = []
  /** Resources of this level were given back already; only the block is still there. */
  isCleanedUp = false
  readonly wasReadOnly: boolean

  constructor(parent: Level | undefined, blockState: BlockState, wasReadOnly: boolean) {
    this.parent = parent
    this.depth = parent ? parent.depth + 1 : 1
    this.blockState = blockState
    this.wasReadOnly = wasReadOnly
  }

  /** Releases this subtransaction into its parent. */
  mergeIntoParent(): void {
    const parent = this.parent!
    if (this.xid !== 0) parent.children.push(this.xid, ...this.children)
    parent.filesAtCommit.push(...this.filesAtCommit)
    parent.filesAtAbort.push(...this.filesAtAbort)
    parent.invalidations.push(...this.invalidations)
    parent.dropped.push(...this.dropped)
    for (const [relation, changes] of this.changes ?? []) parent.changesOf(relation).merge(changes)
  }

  changesOf(relation: number): TableChanges {
    this.changes ??= new Map()
    let changes = this.changes.get(relation)
    if (!changes) {
      changes = new TableChanges()
      this.changes.set(relation, changes)
    }
    return changes
  }
}
