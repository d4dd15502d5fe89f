// Where a backend stands in its transaction block, and what each statement's beginning, end or failure makes of that.
// Mirrors the upper half of xact.c: a statement only notes what is asked for (begin, commit, savepoint …); the next
// commitCommand does it.

import type { Coroutine } from '../kernel/task.ts'
import { fail } from '../shared/error.ts'
import { type BlockState, Level } from './level.ts'
import { type IsolationLevel, RunningTransaction } from './running-transaction.ts'

export interface TransactionCharacteristics {
  readonly isolation?: IsolationLevel
  readonly readOnly?: boolean
  readonly deferrable?: boolean
}

/** Gets what PostgreSQL warns of. */
export type Warn = (level: 'WARNING' | 'NOTICE', sqlstate: string, message: string) => void

export class TransactionState extends RunningTransaction {
  /** COMMIT AND CHAIN: the next transaction begins at once, with these. */
  /** Under which name it is prepared. */
  private gid = ''
  private chained: Required<TransactionCharacteristics> | undefined

  // Around every statement

  /** StartTransactionCommand: begins a transaction unless one is open. */
  startCommand(): void {
    if (this.level.blockState !== 'default') return
    this.startTransaction()
    this.level.blockState = 'started'
  }

  /** CommitTransactionCommand: does what the statement asked for; without a block it commits. */
  *commitCommand(): Coroutine {
    const { level } = this
    switch (level.blockState) {
      case 'default':
        return
      case 'started':
        yield* this.commitTransaction()
        level.blockState = 'default'
        return
      case 'begin':
        level.blockState = 'in progress'
        return
      case 'in progress':
      case 'implicit in progress':
      case 'sub in progress':
        return this.commandCounterIncrement()
      case 'end':
        yield* this.commitTransaction()
        return this.endBlock()
      case 'prepare':
        yield* this.prepareTransaction(this.gid)
        return this.leaveBlock()
      case 'abort':
      case 'sub abort':
        return
      case 'abort end':
        return this.endBlock()
      case 'abort pending':
        this.abortTransaction()
        return this.endBlock()
      default:
        return yield* this.commitSubcommand()
    }
  }

  /** The same, of what concerns subtransactions. */
  private *commitSubcommand(): Coroutine {
    switch (this.level.blockState) {
      case 'sub begin':
        this.startSubtransaction()
        this.level.blockState = 'sub in progress'
        return
      case 'sub release':
        do this.commitSubtransaction()
        while (this.level.blockState === 'sub release')
        return
      case 'sub commit':
        do this.commitSubtransaction()
        while (this.level.blockState === 'sub commit')
        return yield* this.commitCommand()
      case 'sub abort end':
        this.cleanupSubtransaction()
        return yield* this.commitCommand()
      case 'sub abort pending':
        this.abortSubtransaction()
        this.cleanupSubtransaction()
        return yield* this.commitCommand()
      case 'sub restart':
      case 'sub abort restart':
        return this.restartSubtransaction()
    }
  }

  /** ROLLBACK TO: the savepoint is still there afterwards, anew. */
  private restartSubtransaction(): void {
    const { name } = this.level
    this.abortSubtransaction()
    this.cleanupSubtransaction()
    this.pushLevel(name)
    this.startSubtransaction()
    this.level.blockState = 'sub in progress'
  }

  /** AbortCurrentTransaction, after an error. */
  abortCurrent(): void {
    const { level } = this
    switch (level.blockState) {
      case 'default':
      case 'abort':
      case 'sub abort':
        return
      case 'in progress':
        this.abortTransaction()
        level.blockState = 'abort'
        return
      case 'sub in progress':
        this.abortSubtransaction()
        level.blockState = 'sub abort'
        return
      case 'abort end':
        return this.leaveBlock()
      case 'started':
      case 'begin':
      case 'implicit in progress':
      case 'end':
      case 'prepare':
      case 'abort pending':
        this.abortTransaction()
        return this.leaveBlock()
      default:
        this.abortSubtransaction()
        this.cleanupSubtransaction()
        return this.abortCurrent()
    }
  }

  /** The session ends: whatever is open is rolled back. */
  abortAll(): void {
    while (this.level.parent) {
      this.abortSubtransaction()
      this.cleanupSubtransaction()
    }
    if (this.level.blockState !== 'default' && !this.level.isCleanedUp) this.abortTransaction()
    this.leaveBlock()
  }

  private leaveBlock(): void {
    this.level.blockState = 'default'
    this.chained = undefined
  }

  private endBlock(): void {
    const { chained } = this
    this.leaveBlock()
    if (!chained) return
    this.startTransaction()
    this.level.blockState = 'in progress'
    Object.assign(this, chained)
  }

  // What statements ask for

  /** BEGIN, START TRANSACTION. */
  begin(characteristics: TransactionCharacteristics, warn: Warn): void {
    const { level } = this
    if (level.blockState === 'started' || level.blockState === 'implicit in progress') level.blockState = 'begin'
    else warn('WARNING', '25001', 'there is already a transaction in progress')
    this.setCharacteristics(characteristics)
  }

  /** COMMIT, END. Gives the answer's tag: ROLLBACK for a failed block. */
  commit(chain: boolean, warn: Warn): 'COMMIT' | 'ROLLBACK' {
    const { level } = this
    let tag: 'COMMIT' | 'ROLLBACK' = 'COMMIT'
    switch (level.blockState) {
      case 'in progress':
        level.blockState = 'end'
        break
      case 'abort':
        level.blockState = 'abort end'
        tag = 'ROLLBACK'
        break
      case 'sub in progress':
        this.commitAllLevels()
        break
      case 'sub abort':
        this.abortAllLevels()
        tag = 'ROLLBACK'
        break
      default:
        this.outsideBlock('COMMIT', chain, warn)
        if (level.blockState === 'implicit in progress') level.blockState = 'end'
    }
    this.chain(chain)
    return tag
  }

  /** PREPARE TRANSACTION; the tag is ROLLBACK for a failed block, and where there is none. */
  prepare(gid: string, warn: Warn): 'PREPARE TRANSACTION' | 'ROLLBACK' {
    if (this.commit(false, warn) === 'ROLLBACK') return 'ROLLBACK'
    let top = this.level
    while (top.parent) top = top.parent
    if (top.blockState !== 'end') return 'ROLLBACK'
    top.blockState = 'prepare'
    this.gid = gid
    return 'PREPARE TRANSACTION'
  }

  /** ROLLBACK, ABORT. */
  rollback(chain: boolean, warn: Warn): void {
    const { level } = this
    switch (level.blockState) {
      case 'in progress':
        level.blockState = 'abort pending'
        break
      case 'abort':
        level.blockState = 'abort end'
        break
      case 'sub in progress':
      case 'sub abort':
        this.abortAllLevels()
        break
      default:
        this.outsideBlock('ROLLBACK', chain, warn)
        level.blockState = 'abort pending'
    }
    this.chain(chain)
  }

  private outsideBlock(statement: string, chain: boolean, warn: Warn): void {
    if (chain) fail('25P01', `${statement} AND CHAIN can only be used in transaction blocks`)
    warn('WARNING', '25P01', 'there is no transaction in progress')
  }

  private chain(chain: boolean): void {
    if (!chain) return
    this.chained = { isolation: this.isolation, readOnly: this.readOnly, deferrable: this.deferrable }
  }

  private commitAllLevels(): void {
    let level = this.level
    for (; level.parent; level = level.parent) level.blockState = 'sub commit'
    level.blockState = 'end'
  }

  private abortAllLevels(): void {
    let level = this.level
    for (; level.parent; level = level.parent) {
      level.blockState = level.blockState === 'sub abort' ? 'sub abort end' : 'sub abort pending'
    }
    level.blockState = level.isCleanedUp ? 'abort end' : 'abort pending'
  }

  savepoint(name: string): void {
    this.requireBlock('SAVEPOINT')
    this.pushLevel(name)
  }

  private pushLevel(name: string | undefined): void {
    this.level = new Level(this.level, 'sub begin', this.readOnly)
    this.level.name = name
  }

  /** RELEASE SAVEPOINT. */
  release(name: string): void {
    this.requireBlock('RELEASE SAVEPOINT')
    const target = this.levelOf(name)
    for (let level = this.level; ; level = level.parent!) {
      level.blockState = 'sub release'
      if (level === target) return
    }
  }

  /** ROLLBACK TO SAVEPOINT. */
  rollbackTo(name: string): void {
    this.requireBlock('ROLLBACK TO SAVEPOINT')
    const target = this.levelOf(name)
    for (let level = this.level; level !== target; level = level.parent!) {
      level.blockState = level.blockState === 'sub abort' ? 'sub abort end' : 'sub abort pending'
    }
    target.blockState = target.blockState === 'sub abort' ? 'sub abort restart' : 'sub restart'
  }

  private levelOf(name: string): Level {
    for (let level: Level | undefined = this.level; level; level = level.parent) {
      if (level.parent && level.name === name) return level
    }
    fail('3B001', `savepoint "${name}" does not exist`)
  }

  /** Several statements in one query string are one transaction. */
  beginImplicitBlock(): void {
    if (this.level.blockState === 'started') this.level.blockState = 'implicit in progress'
  }

  endImplicitBlock(): void {
    if (this.level.blockState === 'implicit in progress') this.level.blockState = 'started'
  }

  /** SET TRANSACTION. */
  setCharacteristics(wanted: TransactionCharacteristics): void {
    const { isolation, readOnly, deferrable } = wanted
    if (isolation !== undefined && isolation !== this.isolation) this.setIsolation(isolation)
    if (readOnly !== undefined && readOnly !== this.readOnly) this.setReadOnly(readOnly)
    if (deferrable !== undefined && deferrable !== this.deferrable) {
      if (this.depth > 1) fail('25001', 'SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction')
      if (this.hasSnapshot) fail('25001', 'SET TRANSACTION [NOT] DEFERRABLE must be called before any query')
      this.deferrable = deferrable
    }
  }

  private setIsolation(isolation: IsolationLevel): void {
    if (this.hasSnapshot) fail('25001', 'SET TRANSACTION ISOLATION LEVEL must be called before any query')
    if (this.depth > 1) fail('25001', 'SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction')
    if (isolation === 'serializable' && this.transactions.inRecovery) {
      fail('0A000', 'cannot use serializable mode in a hot standby', { hint: 'You can use REPEATABLE READ instead.' })
    }
    this.isolation = isolation
  }

  private setReadOnly(readOnly: boolean): void {
    if (!readOnly) {
      if (this.level.wasReadOnly && this.depth > 1) {
        fail('25001', 'cannot set transaction read-write mode inside a read-only transaction')
      }
      if (this.hasSnapshot) fail('25001', 'transaction read-write mode must be set before any query')
      if (this.transactions.inRecovery) fail('0A000', 'cannot set transaction read-write mode during recovery')
    }
    this.readOnly = readOnly
  }

  /** For statements that can't be undone. */
  preventInBlock(statement: string): void {
    if (this.isInBlock) fail('25001', `${statement} cannot run inside a transaction block`)
    if (this.depth > 1) fail('25001', `${statement} cannot run inside a subtransaction`)
  }

  requireBlock(statement: string): void {
    if (!this.isInBlock || this.level.blockState === 'implicit in progress') {
      fail('25P01', `${statement} can only be used in transaction blocks`)
    }
  }

  get isInBlock(): boolean {
    const { blockState } = this.level
    return blockState !== 'default' && blockState !== 'started'
  }

  /** In a failed block: only COMMIT, ROLLBACK and ROLLBACK TO are taken. */
  get isAborted(): boolean {
    const { blockState } = this.level
    return blockState === 'abort' || blockState === 'sub abort'
  }

  /** What ReadyForQuery says. */
  get status(): 'I' | 'T' | 'E' {
    return statuses[this.level.blockState]
  }
}

const statuses: Readonly<Record<BlockState, 'I' | 'T' | 'E'>> = {
  default: 'I',
  started: 'I',
  begin: 'T',
  'in progress': 'T',
  'implicit in progress': 'T',
  end: 'T',
  prepare: 'T',
  abort: 'E',
  'abort end': 'E',
  'abort pending': 'T',
  'sub begin': 'T',
  'sub in progress': 'T',
  'sub release': 'T',
  'sub commit': 'T',
  'sub abort': 'E',
  'sub abort end': 'E',
  'sub abort pending': 'T',
  'sub restart': 'T',
  'sub abort restart': 'E',
}
