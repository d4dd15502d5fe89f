// Physical replication slots: they keep WAL for a standby that is away. Mirrors slot.c. A slot's state is on the
// platter, so that it survives a crash; who holds it is not.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'

export interface ReplicationSlot {
  readonly name: string
  /** From here on the WAL is kept; 0: nothing is reserved yet. */
  restartLsn: number
  /** The oldest transaction that its standby's snapshots need; 0: none. */
  xmin: number
  /** The pid of the WAL sender that holds it; 0: nobody. */
  activePid: number
  /** Lost: the WAL that it needs was removed. */
  isInvalid: boolean
  /** What the platter has. */
  savedRestartLsn: number
}

const stateSize = 200

export class ReplicationSlots {
  private readonly environment: ServerEnvironment
  /** In the order of their creation. */
  private readonly slots = new Map<string, ReplicationSlot>()

  constructor(environment: ServerEnvironment) {
    this.environment = environment
    for (const path of environment.data.list('pg_replslot/')) this.load(path)
  }

  get all(): readonly ReplicationSlot[] {
    return [...this.slots.values()]
  }

  find(name: string): ReplicationSlot | undefined {
    return this.slots.get(name)
  }

  /** Makes a slot that is on the platter when this returns. */
  *create(me: Process, name: string, restartLsn: number): Coroutine<ReplicationSlot> {
    if (this.slots.has(name)) fail('42710', `replication slot "${name}" already exists`)
    if (this.slots.size >= this.environment.settings.get('max_replication_slots')) {
      fail('53400', 'all replication slots are in use', {
        hint: 'Free one or increase max_replication_slots.',
      })
    }
    const slot = newSlot(name, restartLsn)
    this.slots.set(name, slot)
    yield* this.save(me, slot)
    return slot
  }

  drop(name: string): void {
    const slot = this.slots.get(name)
    if (!slot) fail('42704', `replication slot "${name}" does not exist`)
    if (slot.activePid !== 0) fail('55006', `replication slot "${name}" is active for PID ${slot.activePid}`)
    this.slots.delete(name)
    this.environment.data.remove(statePath(name))
  }

  /** For a WAL sender: the slot is its own until it ends. */
  acquire(me: Process, name: string): ReplicationSlot {
    const slot = this.slots.get(name)
    if (!slot) fail('42704', `replication slot "${name}" does not exist`)
    if (slot.activePid !== 0) fail('55006', `replication slot "${name}" is active for PID ${slot.activePid}`)
    if (slot.isInvalid) {
      fail('55000', `cannot read from replication slot "${name}"`, {
        detail: 'This slot has been invalidated because it exceeded the maximum reserved size.',
      })
    }
    slot.activePid = me.pid
    me.atExit(() => {
      slot.activePid = 0
    })
    return slot
  }

  /** The oldest WAL that a slot needs; infinity if none does. */
  requiredLsn(): number {
    const needed = this.all.filter(slot => slot.restartLsn > 0 && !slot.isInvalid).map(slot => slot.restartLsn)
    return Math.min(Number.POSITIVE_INFINITY, ...needed)
  }

  /** The oldest transaction that a standby's snapshots need; 0: none. */
  requiredXmin(): number {
    const needed = this.all.filter(slot => slot.xmin > 0).map(slot => slot.xmin)
    return needed.length === 0 ? 0 : Math.min(...needed)
  }

  /** Checkpoints write what has changed. */
  *checkpoint(me: Process): Coroutine {
    for (const slot of this.all) if (slot.savedRestartLsn !== slot.restartLsn) yield* this.save(me, slot)
  }

  /**
   * Gives up the slots that hold WAL before `oldest`, as max_slot_wal_keep_size has it: their WAL senders end. True if
   * there were any.
   */
  invalidateObsolete(me: Process, oldest: number): boolean {
    let any = false
    for (const slot of this.all) {
      if (slot.isInvalid || slot.restartLsn === 0 || slot.restartLsn >= oldest) continue
      any = true
      this.invalidate(me, slot, oldest)
    }
    return any
  }

  private invalidate(me: Process, slot: ReplicationSlot, oldest: number): void {
    const { log, version, host } = this.environment
    const excess = oldest - slot.restartLsn
    const detail = `The slot's restart_lsn ${formatLsn(slot.restartLsn)} exceeds the limit by ${excess} bytes.`
    const hint = 'You might need to increase max_slot_wal_keep_size.'
    const more = version >= 16 ? { detail, hint } : {}
    if (slot.activePid !== 0) {
      const name = `replication slot "${slot.name}"`
      log.log(me, `terminating process ${slot.activePid} to release ${name}`, more)
      host.kill(slot.activePid, 'TERM', me.cause)
    }
    slot.isInvalid = true
    const place =
      version >= 16 ? '' : ` because its restart_lsn ${formatLsn(slot.restartLsn)} exceeds max_slot_wal_keep_size`
    log.log(
      me,
      `${version >= 16 ? 'invalidating obsolete replication slot' : 'invalidating slot'} "${slot.name}"${place}`,
      more,
    )
  }

  private *save(me: Process, slot: ReplicationSlot): Coroutine {
    const { data } = this.environment
    const path = statePath(slot.name)
    slot.savedRestartLsn = slot.restartLsn
    if (!data.exists(path)) data.create(path)
    data.write(me, path, 0, encode(slot))
    yield* data.fsync(me, path, 'ReplicationSlotSync')
  }

  private load(path: string): void {
    const name = path.split('/')[1]
    this.slots.set(name, decode(name, this.environment.data.peek(path)))
  }
}

export function newSlot(name: string, restartLsn: number): ReplicationSlot {
  return { name, restartLsn, xmin: 0, activePid: 0, isInvalid: false, savedRestartLsn: 0 }
}

export function statePath(name: string): string {
  return `pg_replslot/${name}/state`
}

/** Restart LSN, xmin, and whether it is lost, in a file of the size that PostgreSQL's has. */
export function encode(slot: ReplicationSlot): Uint8Array {
  const bytes = new Uint8Array(stateSize)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(slot.restartLsn), true)
  view.setUint32(8, slot.xmin, true)
  view.setUint8(12, slot.isInvalid ? 1 : 0)
  return bytes
}

function decode(name: string, bytes: Uint8Array): ReplicationSlot {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const restartLsn = Number(view.getBigUint64(0, true))
  return {
    name,
    restartLsn,
    savedRestartLsn: restartLsn,
    xmin: view.getUint32(8, true),
    isInvalid: view.getUint8(12) === 1,
    activePid: 0,
  }
}
