// Making and dropping tablespaces in the WAL, and replaying it. Mirrors tblspc_redo, recovery_create_dbdir and
// CheckTablespaceDirectory. Replay may be far behind what was dropped since: folders that are missing until the data makes
// sense are just made, and will be dropped again later in the WAL; after that they mean that something is wrong.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { panic } from '../shared/error.ts'
import { versionFacts } from '../shared/versions.ts'
import type { RedoPages } from '../storage/redo-pages.ts'
import {
  type Complaint,
  makeDirectories,
  removeDirectories,
  tablespacesPath,
  versionPath,
} from '../storage/tablespace-directories.ts'
import type { Transactions } from '../transactions/transactions.ts'
import { resourceManagerInfoMask, viewOf, type WalRecord } from '../wal/record.ts'
import { type ResourceManager, resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'

export const tablespaceInfo = { create: 0x00, drop: 0x10 } as const

/** `location`: empty, in place; the record has no other. */
export function logTablespaceCreation(me: Process, wal: Wal, xid: number, tablespace: number): number {
  const record = wal.begin(resourceManagers.tablespace, tablespaceInfo.create, xid)
  record.data.u32(tablespace)
  record.data.u8(0)
  return wal.insert(me, record)
}

export function logTablespaceDrop(me: Process, wal: Wal, xid: number, tablespace: number): number {
  const record = wal.begin(resourceManagers.tablespace, tablespaceInfo.drop, xid)
  record.data.u32(tablespace)
  return wal.insert(me, record)
}

/** As pg_waldump describes such a record; undefined for all others. */
export function describeTablespace({ resourceManager, info, data }: WalRecord): string | undefined {
  if (resourceManager !== resourceManagers.tablespace) return undefined
  const tablespace = viewOf(data).getUint32(0, true)
  const isDrop = (info & resourceManagerInfoMask) === tablespaceInfo.drop
  return isDrop ? `Tablespace/DROP: ${tablespace}` : `Tablespace/CREATE: ${tablespace} ""`
}

export class TablespaceRedo implements ResourceManager {
  readonly id = resourceManagers.tablespace
  readonly name = 'Tablespace'
  private readonly environment: ServerEnvironment
  private readonly transactions: Transactions

  constructor(environment: ServerEnvironment, transactions: Transactions) {
    this.environment = environment
    this.transactions = transactions
  }

  *redo(me: Process, record: WalRecord): Coroutine {
    const { data, version, log } = this.environment
    const tablespace = viewOf(record.data).getUint32(0, true)
    if ((record.info & resourceManagerInfoMask) === tablespaceInfo.create) {
      makeDirectories(data, versionPath(version, tablespace))
      return
    }
    const { conflicts } = this.transactions
    const complain: Complaint = (level, message, sqlstate) =>
      log.report(me, { level, message, sqlstate, context: conflicts.context?.() })
    const remove = () => removeDirectories(data, version, tablespace, true, complain)
    if (remove()) return
    // Nothing was in it where it was dropped, so that these can only be temporary files of this server's sessions.
    yield* conflicts.resolveTablespace(me)
    if (remove()) return
    log.log(me, `directories for tablespace ${tablespace} could not be removed`, {
      sqlstate: '55000',
      hint: 'You can remove the directories manually if necessary.',
      context: conflicts.context?.(),
    })
  }
}

/** For a folder that replay is about to work in. */
export function recoverDirectory(
  me: Process,
  { data, settings, log }: ServerEnvironment,
  { reachedConsistency }: RedoPages,
  path: string,
): void {
  if (data.list(`${path}/`).length > 0) return
  if (reachedConsistency && !settings.get('allow_in_place_tablespaces')) {
    panic('XX000', `missing directory "${path}"`)
  }
  const level = reachedConsistency ? 'WARNING' : 'DEBUG1'
  log.report(me, { level, sqlstate: '01000', message: `creating missing directory: ${path}` })
  makeDirectories(data, path)
}

/** When the data makes sense: all that was made for want of a link should have gone. */
export function checkTablespaceDirectories(me: Process, { data, settings, log, version }: ServerEnvironment): void {
  const own = data.list(`${tablespacesPath}/`).filter(path => /^pg_tblspc\/\d+\/$/.test(path))
  const { settingName, tablespacesInMessages } = versionFacts(version)
  for (const path of own) {
    const name = path.slice(tablespacesPath.length + 1, -1)
    const message = `unexpected directory entry "${name}" found in ${tablespacesInMessages}`
    const detail = `All directory entries in ${tablespacesPath}/ should be symbolic links.`
    const hint = `Remove those directories, or set ${settingName('allow_in_place_tablespaces')} to ON transiently to let recovery complete.`
    if (!settings.get('allow_in_place_tablespaces')) panic('XX001', message, { detail, hint })
    log.report(me, { level: 'WARNING', sqlstate: 'XX001', message, detail, hint })
  }
}
