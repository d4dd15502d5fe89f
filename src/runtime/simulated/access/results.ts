// What comes of changing or locking a tuple. Mirrors TM_Result and TM_FailureData.

import type { HeapTuple } from './heap-tuple.ts'
import type { Tid } from './tid.ts'

/** How strong a lock of a tuple is, weakest first: FOR KEY SHARE, SHARE, NO KEY UPDATE, UPDATE. */
export type TupleLockMode = 'key share' | 'share' | 'no key exclusive' | 'exclusive'

/** What to do where another transaction has the tuple: wait, SKIP LOCKED, NOWAIT. */
export type WaitPolicy = 'block' | 'skip' | 'error'

export interface Failure {
  /**
   * invisible: it was inserted by a command that this one must not see. self-modified: this transaction changed it in
   * or after this command (`commandId` tells which). updated, deleted: another one did, and committed.
   */
  readonly status: 'invisible' | 'self-modified' | 'updated' | 'deleted'
  /** Its next version, where it was updated; itself otherwise. */
  readonly next: Tid
  /** Who changed it. */
  readonly xmax: number
  /** Of the command of this transaction that changed it; -1 if it was another one. */
  readonly commandId: number
  /** The tuple went to another partition; never so far. */
}

export type DeleteResult = { readonly status: 'ok' } | Failure

export type UpdateResult =
  | {
      readonly status: 'ok'
      readonly tid: Tid
      /** Heap-only: no index gets an entry. */
      readonly hot: boolean
    }
  | Failure

export type LockResult =
  | {
      readonly status: 'ok'
      readonly tid: Tid
      /** A copy of what was locked. */
      readonly tuple: HeapTuple
      /** It is a later version than was asked for: the caller must check its conditions again. */
      readonly traversed: boolean
    }
  | { readonly status: 'would-block' }
  | Failure
