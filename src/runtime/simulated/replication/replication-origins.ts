// How far a server has come with what it repeats of others: for each replication origin the last commit there, and the
// commit here that brought it. The commit record has both, so that a crash forgets either both or none. Mirrors origin.c;
// the names of origins stand in pg_replication_origin.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import { fileAccessError } from '../shared/file-access.ts'
import { versionFacts } from '../shared/versions.ts'
import { viewOf, type WalRecord } from '../wal/record.ts'
import { type ResourceManager, resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'

const path = 'pg_logical/replorigin_checkpoint'
/** Before the entries a magic number, after them a checksum. */
const magicSize = 4
const entrySize = 16
const checksumSize = 4

const originInfo = { set: 0x00, drop: 0x10 } as const

export interface OriginProgress {
  readonly id: number
  /** The end of the last transaction there that has been repeated here; 0: none was. */
  remoteLsn: number
  /** The end of its commit record here. */
  localLsn: number
  /** The process that goes on with it; 0: none. */
  activePid: number
}

export class ReplicationOrigins implements ResourceManager {
  readonly id = resourceManagers.replicationOrigin
  readonly name = 'ReplicationOrigin'
  private readonly environment: ServerEnvironment
  private readonly wal: Wal
  /** In the order in which they were first used. */
  private readonly states = new Map<number, OriginProgress>()

  constructor(environment: ServerEnvironment, wal: Wal) {
    this.environment = environment
    this.wal = wal
  }

  get all(): readonly OriginProgress[] {
    return [...this.states.values()]
  }

  progress(id: number): OriginProgress | undefined {
    return this.states.get(id)
  }

  /** Takes the origin for as long as the process lives; nobody else may go on with it meanwhile. */
  acquire(me: Process, id: number): OriginProgress {
    const state = this.states.get(id) ?? this.add(id)
    if (state.activePid !== 0) {
      fail('55006', `replication origin with ID ${id} is already active for PID ${state.activePid}`)
    }
    state.activePid = me.pid
    me.atExit(() => {
      if (state.activePid === me.pid) state.activePid = 0
    })
    return state
  }

  private add(id: number): OriginProgress {
    const { settings, version } = this.environment
    const setting = version >= 18 ? 'max_active_replication_origins' : 'max_replication_slots'
    const limit = version >= 18 ? settings.get('max_active_replication_origins') : settings.get('max_replication_slots')
    if (this.states.size >= limit) {
      fail('53400', `could not find free replication state slot for replication origin with ID ${id}`, {
        hint: `Increase ${versionFacts(version).settingName(setting)} and try again.`,
      })
    }
    const state = { id, remoteLsn: 0, localLsn: 0, activePid: 0 }
    this.states.set(id, state)
    return state
  }

  /** A commit record that ends at `localLsn` repeats what ends at `remoteLsn` there. */
  advance(id: number, remoteLsn: number, localLsn: number): void {
    const state = this.states.get(id) ?? this.add(id)
    if (remoteLsn > state.remoteLsn) state.remoteLsn = remoteLsn
    if (localLsn > state.localLsn) state.localLsn = localLsn
  }

  /** Sets it, back too: where a copy of a table begins to be a copy. */
  set(me: Process, id: number, remoteLsn: number): void {
    const state = this.states.get(id) ?? this.add(id)
    const record = this.wal.begin(this.id, originInfo.set, 0)
    record.data.u64(remoteLsn)
    record.data.u32(id)
    record.data.u32(1)
    this.wal.insert(me, record)
    state.remoteLsn = remoteLsn
  }

  drop(me: Process, id: number): void {
    if (!this.states.delete(id)) return
    const record = this.wal.begin(this.id, originInfo.drop, 0)
    record.data.u16(id)
    this.wal.insert(me, record)
  }

  *redo(_me: Process, { info, data }: WalRecord): Coroutine {
    const view = viewOf(data)
    if ((info & originInfo.drop) !== 0) {
      this.states.delete(view.getUint16(0, true))
      return
    }
    const id = view.getUint32(8, true)
    const state = this.states.get(id) ?? this.add(id)
    state.remoteLsn = Number(view.getBigUint64(0, true))
  }

  /**
   * CheckPointReplicationOrigin: a small file at every checkpoint, in which a full volume is noticed first. As long as
   * it says nothing its flush takes no time here.
   */
  *checkpoint(me: Process): Coroutine {
    const { data, settings, version } = this.environment
    if (version < 18 && settings.get('max_replication_slots') === 0) return
    const states = this.all
    for (const { localLsn } of states) yield* this.wal.flush(me, localLsn)
    const temporary = `${path}.tmp`
    data.create(temporary)
    try {
      data.write(me, temporary, 0, encode(states))
    } catch (error) {
      throw fileAccessError(error, 'PANIC', `could not write to file "${temporary}"`)
    }
    if (states.length > 0 && settings.get('fsync')) yield* data.fsync(me, temporary, 'ReplicationOriginCheckpointSync')
    data.rename(temporary, path)
  }

  /** Before redo: what the last checkpoint knew. */
  restore(me: Process): void {
    const { data, log } = this.environment
    if (!data.exists(path)) return
    for (const state of decode(data.peek(path))) {
      this.states.set(state.id, state)
      log.log(me, `recovered replication state of node ${state.id} to ${formatLsn(state.remoteLsn)}`)
    }
  }
}

function encode(states: readonly OriginProgress[]): Uint8Array {
  const bytes = new Uint8Array(magicSize + entrySize * states.length + checksumSize)
  const view = viewOf(bytes)
  for (const [index, { id, remoteLsn }] of states.entries()) {
    view.setUint16(magicSize + entrySize * index, id, true)
    view.setBigUint64(magicSize + entrySize * index + 8, BigInt(remoteLsn), true)
  }
  return bytes
}

function decode(bytes: Uint8Array): OriginProgress[] {
  const view = viewOf(bytes)
  const count = Math.floor((bytes.length - magicSize - checksumSize) / entrySize)
  return Array.from({ length: count }, (_, index) => ({
    id: view.getUint16(magicSize + entrySize * index, true),
    remoteLsn: Number(view.getBigUint64(magicSize + entrySize * index + 8, true)),
    localLsn: 0,
    activePid: 0,
  }))
}
