// What only SQL tells of a real server: its standbys, its slots, how far its WAL is. One query a look, over a
// connection of pgdrill's own. What the files of pg_wal tell is looked at in the same rhythm.

import { parseLsn } from '../../../model/format.ts'
import type { EventKind } from '../../../model/trace.ts'
import type { Teller } from '../teller.ts'
import type { ObservedNode } from './node-observer.ts'
import { WalFolder } from './wal-folder.ts'

type Row = readonly (string | null)[]
/** Gives all rows as text; undefined while there is no connection. */
export type ObservingQuery = (sql: string) => Promise<readonly Row[] | undefined>

/** Each row begins with what it is of. */
const sql = `
select 'standby', pid::text, application_name, state, sync_state, write_lsn::text, flush_lsn::text, replay_lsn::text
  from pg_catalog.pg_stat_replication
union all
select 'slot', slot_name, active::text, wal_status, null, null, null, null
  from pg_catalog.pg_replication_slots
union all
select 'wal',
  case when pg_catalog.pg_is_in_recovery() then null else pg_catalog.pg_current_wal_flush_lsn()::text end,
  case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_receive_lsn()::text end,
  case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()::text end,
  null, null, null, null`

/** The kinds above lifecycle that this looks for. */
const kinds: readonly EventKind[] = [
  'replication.acknowledged',
  'wal.flushed',
  'wal.received',
  'wal.replayed',
  'wal.segment_created',
  'wal.segment_removed',
  'volume.changed',
  'archive.queued',
  'archive.done',
]

type WalKind = 'wal.flushed' | 'wal.received' | 'wal.replayed'

export class ViewObserver {
  /** Somebody wants a kind that is not always recorded; standbys and slots are reasons to look of their own. */
  readonly isNeeded: boolean
  private readonly node: string
  private readonly teller: Teller
  private readonly query: ObservingQuery
  private readonly walFolder: WalFolder
  /** What was told last, by what it is of. */
  private told = new Map<string, string>()
  private readonly positions = new Map<WalKind, number>()

  constructor(node: ObservedNode, teller: Teller, query: ObservingQuery) {
    this.node = node.name
    this.teller = teller
    this.query = query
    this.walFolder = new WalFolder(node.dataFolder, node.name, teller)
    this.isNeeded = kinds.some(kind => teller.wants(kind))
  }

  async look(): Promise<void> {
    this.walFolder.look()
    const rows = await this.query(sql)
    if (!rows) return
    const before = this.told
    // Who is not seen any more is forgotten: a standby that comes back is told of again.
    this.told = new Map()
    for (const [what, ...columns] of rows) {
      if (what === 'standby') this.takeStandby(columns, before)
      else if (what === 'slot') this.takeSlot(columns, before)
      else this.takeWal(columns)
    }
  }

  private takeStandby(columns: Row, before: ReadonlyMap<string, string>): void {
    const [pid, standby, state, sync, written, flushed, replayed] = columns
    const place = { node: this.node, pid: Number(pid), process: 'walsender' }
    // Catching up is a matter of moments on the way; base backups are senders, too.
    if (state === 'streaming' && this.isNew(`standby ${pid}`, `${sync}`, before)) {
      this.teller.tell('replication.state', place, { standby: standby!, state, sync: sync! })
    }
    if (!this.teller.wants('replication.acknowledged') || written === null || flushed === null || replayed === null)
      return
    if (!this.isNew(`acknowledged ${pid}`, `${written} ${flushed} ${replayed}`, before)) return
    const positions = { written: parseLsn(written), flushed: parseLsn(flushed), replayed: parseLsn(replayed) }
    this.teller.tell('replication.acknowledged', place, { standby: standby!, ...positions })
  }

  private takeSlot([slot, active, status]: Row, before: ReadonlyMap<string, string>): void {
    // One that has reserved no WAL yet has no status either.
    if (status === null || !this.isNew(`slot ${slot}`, `${active} ${status}`, before)) return
    const fields = { slot: slot!, active: active === 'true', wal_status: status }
    this.teller.tell('slot.changed', { node: this.node }, fields)
  }

  private takeWal([flushed, received, replayed]: Row): void {
    this.advance('wal.flushed', flushed)
    this.advance('wal.received', received)
    this.advance('wal.replayed', replayed)
  }

  private advance(kind: WalKind, text: string | null): void {
    if (text === null || !this.teller.wants(kind)) return
    const lsn = parseLsn(text)
    const last = this.positions.get(kind)
    if (last === lsn) return
    this.positions.set(kind, lsn)
    const place = { node: this.node }
    if (kind === 'wal.flushed') {
      this.teller.tell(kind, place, { lsn, bytes: Math.max(0, lsn - (last ?? lsn)) })
    } else this.teller.tell(kind, place, { lsn })
  }

  private isNew(what: string, value: string, before: ReadonlyMap<string, string>): boolean {
    this.told.set(what, value)
    return before.get(what) !== value
  }
}
