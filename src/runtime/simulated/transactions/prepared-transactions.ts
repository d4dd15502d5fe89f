// Transactions that were prepared and not ended yet, a part of shared memory. Each has a proc of its own, without a
// process: so it counts as running, holds its locks and holds back the vacuum horizon, whatever becomes of its session.
// Mirrors GlobalTransactionData and the life of state files of twophase.c. Who prepares and ends them is in
// prepare.ts; what is kept of one, in prepared-state.ts.
//
// | a state file … | what happens at the next start |
// |---|---|
// | is of a transaction that has ended | WARNING: removing stale two-phase state file for transaction … |
// | is of one that comes after the WAL's end | WARNING: removing future two-phase state file for transaction … |
// | is damaged | ERROR: corrupted two-phase state file for transaction … |

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import { fileAccessError, syncFile } from '../shared/file-access.ts'
import type { Proc } from '../shared/proc.ts'
import { addToCrc, finishCrc, initialCrc } from '../wal/crc32c.ts'
import { decodePrepared, encodePrepared, type PreparedState } from './prepared-state.ts'
import { precedes } from './transaction-id.ts'

export interface PreparedTransaction {
  readonly gid: string
  readonly xid: number
  /** Undefined until its record is in the WAL. */
  state: PreparedState | undefined
  /** The end of its record; 0: it comes from its file. */
  lsn: number
  /** Undefined while WAL is replayed: it runs elsewhere, or did. */
  proc: Proc | undefined
  onDisk: boolean
  /** A session is about to end it. */
  isLocked: boolean
}

const folder = 'pg_twophase'
const longestGid = 200

export class PreparedTransactions {
  private readonly environment: ServerEnvironment
  private readonly entries: PreparedTransaction[] = []

  constructor(environment: ServerEnvironment) {
    this.environment = environment
  }

  get all(): readonly PreparedTransaction[] {
    return this.entries
  }

  has(xid: number): boolean {
    return this.entries.some(each => each.xid === xid)
  }

  /** MarkAsPreparing: a place for it, under a name that nobody else uses. */
  begin(gid: string, xid: number): PreparedTransaction {
    const limit = this.environment.settings.get('max_prepared_transactions')
    if (gid.length >= longestGid) fail('22023', `transaction identifier "${gid}" is too long`)
    if (limit === 0) {
      fail('55000', 'prepared transactions are disabled', {
        hint: 'Set max_prepared_transactions to a nonzero value.',
      })
    }
    if (this.entries.some(each => each.gid === gid)) {
      fail('42710', `transaction identifier "${gid}" is already in use`)
    }
    if (this.entries.length >= limit) {
      fail('53200', 'maximum number of prepared transactions reached', {
        hint: `Increase max_prepared_transactions (currently ${limit}).`,
      })
    }
    const entry = { gid, xid, state: undefined, lsn: 0, proc: undefined, onDisk: false, isLocked: false }
    this.entries.push(entry)
    return entry
  }

  /** LockGXact: for the one session that ends it. */
  lock(gid: string): PreparedTransaction {
    const entry = this.entries.find(each => each.gid === gid && each.proc !== undefined)
    if (!entry) fail('42704', `prepared transaction with identifier "${gid}" does not exist`)
    if (entry.isLocked) fail('55000', `prepared transaction with identifier "${gid}" is busy`)
    entry.isLocked = true
    return entry
  }

  /** Also removes its file. */
  remove(entry: PreparedTransaction): void {
    const index = this.entries.indexOf(entry)
    if (index >= 0) this.entries.splice(index, 1)
    if (entry.onDisk) this.environment.data.remove(this.pathOf(entry.xid))
  }

  // Replay

  /** PrepareRedoAdd. One that was on disk before redo began is there already. */
  add(state: PreparedState, lsn: number, onDisk: boolean): void {
    const { gid, xid } = state
    if (this.has(xid)) return
    this.entries.push({ gid, xid, state, lsn, proc: undefined, onDisk, isLocked: false })
  }

  /** PrepareRedoRemove: its end was replayed. */
  endedElsewhere(xid: number): void {
    const entry = this.entries.find(each => each.xid === xid)
    if (entry) this.remove(entry)
  }

  /** PrescanPreparedTransactions: those that run when nobody else does, with their subtransactions. */
  ids(): number[] {
    return this.entries.flatMap(({ xid, state }) => [xid, ...(state?.subxids ?? [])])
  }

  // Files

  /** CheckPointTwoPhase: what would not be in the WAL that the next recovery reads goes into files. Gives how many. */
  *checkpoint(me: Process, redo: number): Coroutine<number> {
    let written = 0
    for (const entry of [...this.entries]) {
      if (entry.onDisk || !entry.state || entry.lsn === 0 || entry.lsn > redo) continue
      yield* this.write(me, entry.xid, encodePrepared(entry.state))
      entry.onDisk = true
      written++
      // Somebody has ended it meanwhile.
      if (!this.entries.includes(entry)) this.environment.data.remove(this.pathOf(entry.xid))
    }
    return written
  }

  private *write(me: Process, xid: number, bytes: Uint8Array): Coroutine {
    const { data, settings } = this.environment
    const path = this.pathOf(xid)
    const file = new Uint8Array(bytes.length + 4)
    file.set(bytes)
    new DataView(file.buffer).setUint32(bytes.length, checksum(file), true)
    data.create(path)
    try {
      data.write(me, path, 0, file)
      yield* syncFile(me, { settings, volume: data }, path, 'TwophaseFileSync')
    } catch (error) {
      throw fileAccessError(error, 'ERROR', `could not write file "${path}"`)
    }
  }

  /** restoreTwoPhaseData: before redo, those that were prepared before the WAL that it reads. */
  restore(me: Process, nextXid: number, hasEnded: (xid: number) => boolean): void {
    const { data, log } = this.environment
    for (const path of data.list(`${folder}/`)) {
      const xid = Number.parseInt(path.slice(-8), 16)
      const isFuture = !precedes(xid, nextXid)
      if (isFuture || hasEnded(xid)) {
        const message = `removing ${isFuture ? 'future' : 'stale'} two-phase state file for transaction ${xid}`
        log.report(me, { level: 'WARNING', sqlstate: '01000', message })
        data.remove(path)
        continue
      }
      const bytes = data.peek(path)
      const isWhole = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true) === checksum(bytes)
      const state = isWhole ? decodePrepared(bytes.slice(0, -4)) : undefined
      if (state?.xid !== xid) return fail('XX001', `corrupted two-phase state file for transaction ${xid}`)
      this.add(state, 0, true)
    }
  }

  /** Since 17 with the epoch before the transaction's number. */
  private pathOf(xid: number): string {
    const name = xid.toString(16).toUpperCase().padStart(8, '0')
    return `${folder}/${this.environment.version < 17 ? name : `00000000${name}`}`
  }
}

function checksum(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  return finishCrc(addToCrc(initialCrc, view, 0, file.length - 4))
}
