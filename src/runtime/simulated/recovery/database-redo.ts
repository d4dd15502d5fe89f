// Redo of what the WAL says of databases. Mirrors dbase_redo of dbcommands.c. On a standby nobody may be in a database that
// goes, and the logical slots that decode it go with it.

import type { Coroutine } from '../kernel/task.ts'
import type { LockManager } from '../locks/lock-manager.ts'
import { AccessExclusiveLock } from '../locks/lock-mode.ts'
import { databaseTag } from '../locks/lock-tag.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { copyFolder, folderOf, makeDatabaseFolder, removeFolder } from '../storage/database-files.ts'
import { type DatabaseChange, readDatabaseChange } from '../storage/database-records.ts'
import type { WalRecord } from '../wal/record.ts'
import { type ResourceManager, resourceManagers } from '../wal/resource-managers.ts'
import type { RecoveryServices } from './services.ts'
import { recoverDirectory } from './tablespace-redo.ts'

interface DatabaseRedoServices extends RecoveryServices {
  readonly locks: LockManager
}

/** As pg_waldump describes that a database goes; undefined for all other records. */
export function describeDatabaseDrop(record: WalRecord): string | undefined {
  const change = record.resourceManager === resourceManagers.database ? readDatabaseChange(record) : undefined
  if (change?.kind !== 'dropped') return undefined
  return `Database/DROP: dir${change.places.map(({ tablespace, database }) => ` ${tablespace}/${database}`).join('')}`
}

export class DatabaseRedo implements ResourceManager {
  readonly id = resourceManagers.database
  readonly name = 'Database'
  private readonly environment: ServerEnvironment
  private readonly services: () => DatabaseRedoServices

  constructor(environment: ServerEnvironment, services: () => DatabaseRedoServices) {
    this.environment = environment
    this.services = services
  }

  *redo(me: Process, record: WalRecord): Coroutine {
    const { environment } = this
    const change = readDatabaseChange(record)
    if (change.kind === 'dropped') return yield* this.drop(me, change)
    const folder = folderOf(environment, change.place)
    const { buffers, redoPages } = this.services()
    const parent = folder.slice(0, folder.lastIndexOf('/'))
    if (change.kind === 'copied') removeFolder(environment.data, folder)
    recoverDirectory(me, environment, redoPages, parent)
    if (change.kind === 'created') return yield* makeDatabaseFolder(me, environment, folder)
    const source = folderOf(environment, change.from)
    recoverDirectory(me, environment, redoPages, source)
    // The copy is of the files, and what redo has done so far may be in the buffers alone.
    yield* buffers.flushDatabase(me, change.from.database)
    yield* copyFolder(me, environment, source, folder)
  }

  private *drop(me: Process, { database, places }: Extract<DatabaseChange, { kind: 'dropped' }>): Coroutine {
    const { locks, transactions, statistics, slots, buffers, redoPages } = this.services()
    const lock = databaseTag(database)
    const { owner } = transactions.standbyLocks
    const isWatched = owner !== undefined && transactions.conflicts.isHotStandby
    if (isWatched) {
      // Until it is gone nobody comes in.
      if (!locks.tryAcquire(owner, lock, AccessExclusiveLock, session)) {
        yield* locks.acquire(owner, lock, AccessExclusiveLock, session)
      }
      yield* transactions.conflicts.resolveDatabase(me, database)
    }
    statistics.drop(database)
    slots.dropOf(me, database)
    transactions.slotCatalogXmin = slots.requiredCatalogXmin()
    buffers.dropDatabase(database)
    redoPages.forgetDatabase(database)
    for (const place of places) {
      const folder = folderOf(this.environment, place)
      buffers.files.forgetFolder(folder)
      if (this.environment.data.list(`${folder}/`).length === 0) this.complainOfMissing(me, folder)
      removeFolder(this.environment.data, folder)
    }
    if (isWatched) locks.release(owner, lock, AccessExclusiveLock, session)
  }

  /** It has been replayed before, by a server that did not note how far it had come. */
  private complainOfMissing(me: Process, folder: string): void {
    const context = this.services().transactions.conflicts.context?.()
    const messages = [
      `could not open directory "${folder}": No such file or directory`,
      `some useless files may be left behind in old database directory "${folder}"`,
    ]
    for (const message of messages) {
      this.environment.log.report(me, { level: 'WARNING', sqlstate: '01000', message, context })
    }
  }
}

const session = { session: true } as const
