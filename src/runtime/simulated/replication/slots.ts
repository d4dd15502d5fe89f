// Replication slots: they keep WAL for a standby or a subscriber that is away. Mirrors slot.c. A slot's state is on the
// platter, so that it survives a crash; who holds it is not.

import { faultOfSlotName } from '../../../model/slot-names.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { ConditionVariable } from '../shared/condition-variable.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail, fatal, PostgresError } from '../shared/error.ts'
import { fileAccessError, syncFile } from '../shared/file-access.ts'
import { versionFacts } from '../shared/versions.ts'
import { segmentOf } from '../wal/lsn.ts'
import type { Wal } from '../wal/wal.ts'
import type { WalLevel } from '../wal/wal-level.ts'
import { hasMoved, type LogicalSlot, markSaved } from './logical-slot.ts'
import { newSlot, type ReplicationSlot } from './slot.ts'
import { decode, encode, statePath } from './slot-file.ts'
import { type Condition, invalidationReport, type Release } from './slot-invalidation.ts'
import { isSynchronizedStandby } from './standby-confirmation.ts'
import { type WalExtent, type WalStatus, walStatus } from './wal-availability.ts'

export class ReplicationSlots {
  private readonly environment: ServerEnvironment
  private readonly wal: Wal
  /** In the order of their creation. */
  private readonly slots = new Map<string, ReplicationSlot>()
  /** What was last told of each. */
  private readonly told = new Map<ReplicationSlot, string>()
  private readonly released = new ConditionVariable()
  /** Broadcast when a standby that logical replication waits for has flushed more. */
  readonly confirmed = new ConditionVariable()

  constructor(environment: ServerEnvironment, wal: Wal) {
    this.environment = environment
    this.wal = wal
    wal.whenSegmentFills = () => this.review()
    for (const path of environment.data.list('pg_replslot/')) this.load(path)
  }

  get all(): readonly ReplicationSlot[] {
    return [...this.slots.values()]
  }

  find(name: string): ReplicationSlot | undefined {
    return this.slots.get(name)
  }

  /**
   * At the start: nobody could decode for a logical slot from the WAL that is written from now on, or stream for another
   * one. On a standby nobody could ask for a logical slot, or take its place, unless there are sessions.
   */
  refuseUselessSlots(isStandby: boolean): void {
    for (const slot of this.all) {
      if (slot.logical ? !this.wal.isLogical : this.wal.isMinimal) this.refuseForLevel(slot)
      if (slot.logical && isStandby) this.refuseWithoutSessions(slot)
    }
  }

  private refuseForLevel({ name, logical }: ReplicationSlot): never {
    const needs: WalLevel = logical ? 'logical' : 'replica'
    const { settingName, settingChoice } = versionFacts(this.environment.version)
    const setting = settingName('wal_level')
    const kind = logical ? 'logical' : 'physical'
    fatal('55000', `${kind} replication slot "${name}" exists, but ${setting} < ${settingChoice(needs)}`, {
      hint: `Change ${setting} to be ${settingChoice(needs)} or higher.`,
    })
  }

  private refuseWithoutSessions({ name }: ReplicationSlot): void {
    const { settings, version } = this.environment
    if (version < 16 || settings.get('hot_standby')) return
    const { settingName, settingChoice } = versionFacts(version)
    const setting = settingName('hot_standby')
    fatal(
      '55000',
      `logical replication slot "${name}" exists on the standby, but ${setting} = ${settingChoice('off')}`,
      {
        hint: `Change ${setting} to be ${settingChoice('on')}.`,
      },
    )
  }

  /** Makes a slot that is on the platter when this returns. A temporary one is its maker's, and goes with him. */
  *create(
    me: Process,
    name: string,
    restartLsn: number,
    logical?: LogicalSlot,
    isTemporary = false,
  ): Coroutine<ReplicationSlot> {
    validateName(name)
    if (this.slots.has(name)) fail('42710', `replication slot "${name}" already exists`)
    if (this.slots.size >= this.environment.settings.get('max_replication_slots')) {
      fail('53400', 'all replication slots are in use', {
        hint: 'Free one or increase max_replication_slots.',
      })
    }
    const slot = newSlot(name, restartLsn, me.now(), logical)
    slot.isTemporary = isTemporary
    if (isTemporary) {
      slot.activePid = me.pid
      me.atExit(() => this.dropTemporary(me))
    }
    this.slots.set(name, slot)
    yield* this.save(me, slot)
    this.tell(slot, me.cause)
    return slot
  }

  drop(me: Process, name: string): void {
    const slot = this.free(me, name)
    this.slots.delete(name)
    this.told.delete(slot)
    this.environment.data.remove(statePath(name))
  }

  /** ReplicationSlotsDropDBSlots: those that decode a database, which goes. */
  dropOf(me: Process, database: number): void {
    for (const { name, logical } of this.all) if (logical?.database === database) this.drop(me, name)
  }

  /** Those that this process made, all or some. */
  dropTemporary(me: Process, which: (slot: ReplicationSlot) => boolean = () => true): void {
    const own = this.all.filter(slot => slot.isTemporary && slot.activePid === me.pid)
    for (const slot of own.filter(which)) this.drop(me, slot.name)
  }

  /** A slot that nobody else holds. */
  free(me: Process, name: string): ReplicationSlot {
    const slot = this.slots.get(name)
    if (!slot) fail('42704', `replication slot "${name}" does not exist`)
    if (slot.activePid !== 0 && slot.activePid !== me.pid) {
      fail('55006', `replication slot "${name}" is active for PID ${slot.activePid}`)
    }
    return slot
  }

  /** The slot is its own until it ends. `briefly`: for as long as a function runs, which is not told. */
  acquire(me: Process, name: string, briefly = false): ReplicationSlot {
    const slot = this.free(me, name)
    if (slot.invalidation && versionFacts(this.environment.version).refusesInvalidSlots) {
      fail('55000', `can no longer access replication slot "${name}"`, {
        detail: `This replication slot has been invalidated due to "${slot.invalidation}".`,
      })
    }
    slot.activePid = me.pid
    slot.inactiveSince = undefined
    if (!briefly) this.tell(slot, me.cause)
    me.atExit(() => this.release(me, slot))
    return slot
  }

  /** By who holds it; others that wait for it go on. */
  release(me: Process, slot: ReplicationSlot): void {
    if (slot.activePid !== me.pid) return
    slot.inactiveSince = me.now()
    if (slot.isTemporary) return
    slot.activePid = 0
    this.tell(slot, me.cause)
    this.released.broadcast(me.cause)
  }

  /** The slot's standby has all before `lsn` on its platter. */
  advance(slot: ReplicationSlot, lsn: number, cause: number | undefined): void {
    const before = slot.restartLsn
    slot.restartLsn = lsn
    slot.isDirty = true
    if (before === 0 || segmentOf(before) !== segmentOf(lsn)) this.tell(slot, cause)
    if (isSynchronizedStandby(this.environment, slot.name)) this.confirmed.broadcast(cause)
  }

  /** As pg_replication_slots has it; undefined: the slot never held any WAL. */
  statusOf(slot: ReplicationSlot): WalStatus | undefined {
    if (slot.invalidation) return 'lost'
    if (slot.restartLsn === 0) return undefined
    const status = walStatus(this.environment.settings, this.extent(), slot.restartLsn)
    // While somebody reads from it nothing is lost for certain.
    return status === 'lost' && slot.activePid !== 0 ? 'unreserved' : status
  }

  /** Tells of the slots whose state has changed: when the WAL grew or was removed, or limits were set anew. */
  review(cause?: number): void {
    for (const slot of this.slots.values()) this.tell(slot, cause)
  }

  private extent(): WalExtent {
    const { wal } = this
    return { written: wal.writtenLsn, lastRemoved: wal.segments.lastRemoved, required: this.requiredLsn() }
  }

  private tell(slot: ReplicationSlot, cause: number | undefined): void {
    const status = this.statusOf(slot)
    if (status === undefined) return
    const active = slot.activePid !== 0
    const state = `${active} ${status}`
    if (this.told.get(slot) === state) return
    this.told.set(slot, state)
    const { trace, name } = this.environment
    trace.emit('slot.changed', { node: name }, { slot: slot.name, active, wal_status: status }, cause)
  }

  /** The oldest WAL that a slot needs; infinity if none does. */
  requiredLsn(): number {
    const needed = this.all.filter(slot => slot.restartLsn > 0 && !slot.invalidation).map(slot => slot.restartLsn)
    return Math.min(Number.POSITIVE_INFINITY, ...needed)
  }

  /** The same of logical slots alone. */
  requiredLogicalLsn(): number {
    const needed = this.all.flatMap(slot => (slot.logical && slot.restartLsn > 0 ? [slot.restartLsn] : []))
    return Math.min(Number.POSITIVE_INFINITY, ...needed)
  }

  /** The oldest transaction that a standby's snapshots need; 0: none. */
  requiredXmin(): number {
    const needed = this.all.filter(slot => slot.xmin > 0 && !slot.invalidation).map(slot => slot.xmin)
    return needed.length === 0 ? 0 : Math.min(...needed)
  }

  /** The oldest transaction whose catalog logical decoding needs, here or at a standby; 0: none. */
  requiredCatalogXmin(): number {
    const needed = this.all.filter(slot => slot.catalogXmin > 0 && !slot.invalidation).map(slot => slot.catalogXmin)
    return needed.length === 0 ? 0 : Math.min(...needed)
  }

  /** Writes what a logical slot has come to. */
  *persist(me: Process, slot: ReplicationSlot): Coroutine {
    yield* this.save(me, slot)
  }

  /**
   * Checkpoints write what has changed; what can't be written is told, and left for the next. How far a consumer has come
   * that knows it himself is written at a shutdown alone, from 17 on, so that an upgrade finds it.
   */
  *checkpoint(me: Process, isShutdown: boolean): Coroutine {
    const savesAll = isShutdown && this.environment.version >= 17
    for (const slot of this.all) {
      if (!slot.isDirty && !(savesAll && hasMoved(slot.logical))) continue
      try {
        yield* this.save(me, slot)
      } catch (error) {
        if (!(error instanceof PostgresError)) throw error
        slot.isDirty = true
        this.environment.log.report(me, { level: 'LOG', sqlstate: error.sqlstate, message: error.message })
      }
    }
  }

  /** Gives up those of which the condition holds; who reads from one is ended, and waited for. True if there were any. */
  *invalidate(me: Process, condition: Condition, release: Release): Coroutine<boolean> {
    let any = false
    for (const slot of this.all) {
      let signaled = 0
      while (this.slots.get(slot.name) === slot && !slot.invalidation && condition.concerns(slot)) {
        const { activePid } = slot
        if (activePid === 0) {
          const report = invalidationReport(this.environment, slot, condition)
          slot.invalidation = condition.reason
          if (condition.reason === 'wal_removed') slot.restartLsn = 0
          yield* this.save(me, slot)
          this.tell(slot, me.cause)
          this.environment.log.log(me, report.message, report.more)
          any = true
          break
        }
        if (signaled !== activePid) {
          const { more } = invalidationReport(this.environment, slot, condition)
          const message = `terminating process ${activePid} to release replication slot "${slot.name}"`
          this.environment.log.log(me, message, more)
          release(activePid)
          signaled = activePid
        }
        yield* this.released.sleep(me, 'ReplicationSlotDrop')
      }
    }
    return any
  }

  private *save(me: Process, slot: ReplicationSlot): Coroutine {
    const { data, settings } = this.environment
    const path = statePath(slot.name)
    slot.isDirty = false
    markSaved(slot.logical)
    if (!data.exists(path)) data.create(path)
    try {
      data.write(me, path, 0, encode(slot))
    } catch (error) {
      throw fileAccessError(error, 'ERROR', `could not write to file "${path}.tmp"`)
    }
    try {
      yield* syncFile(me, { settings, volume: data }, path, 'ReplicationSlotSync')
    } catch (error) {
      throw fileAccessError(error, 'ERROR', `could not fsync file "${path}.tmp"`)
    }
  }

  private load(path: string): void {
    const name = path.split('/')[1]
    const { data, kernel } = this.environment
    const slot = decode(name, data.peek(path), kernel.now)
    // Who made a temporary one is gone; a logical one that had not found its beginning yet was nobody's.
    if (slot.isTemporary || slot.logical?.confirmedFlush === 0) data.remove(path)
    else this.slots.set(name, slot)
  }
}

function validateName(name: string): void {
  const fault = faultOfSlotName(name)
  if (fault) fail(fault.sqlstate, fault.message, { hint: fault.hint })
}
