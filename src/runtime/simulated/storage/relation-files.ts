// The files of relations on the data volume: paths, sizes, reading and writing of blocks. Mirrors md.c.
// A relation is one file, however large: PostgreSQL's segments of 1 GB have no effect that could be seen here.
//
// | fault | what happens |
// |---|---|
// | the data volume is full | ERROR 53100 could not extend file "…": No space left on device |
// | a write fails | ERROR 58030 could not write block … in file "…": Input/output error |
// | a block is missing | ERROR XX001 could not read block … in file "…": read only 0 of 8192 bytes |

import type { Coroutine } from '../kernel/task.ts'
import { FileError } from '../machine/file-error.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import { dataSyncLevel, fileAccessError, syncFile } from '../shared/file-access.ts'
import type { Requests } from '../shared/requests.ts'
import { versionFacts } from '../shared/versions.ts'
import type { Version } from '../wal/page-header.ts'
import { defaultTablespace, forks, globalTablespace, type RelationLocator } from '../wal/record.ts'
import { pageSize } from './page.ts'
import {
  directoryExists,
  hasOwnDirectory,
  makeDirectories,
  tablespacesPath,
  versionPath,
} from './tablespace-directories.ts'

const forkSuffixes = ['', '_fsm', '_vm', '_init']

/** As messages and events name it: base/5/16384, base/5/16384_fsm, global/1262. */
export function relationPath(version: Version, locator: RelationLocator, fork: number): string {
  return `${databasePath(version, locator)}/${locator.relation}${forkSuffixes[fork]}`
}

/** The folder of a database in a tablespace: base/5, global, pg_tblspc/16385/PG_15_202209061/5. */
export function databasePath(version: Version, { tablespace, database }: Omit<RelationLocator, 'relation'>): string {
  if (tablespace === globalTablespace) return 'global'
  if (tablespace === defaultTablespace) return `base/${database}`
  return `${versionPath(version, tablespace)}/${database}`
}

export class RelationFiles {
  private readonly environment: ServerEnvironment
  private readonly requests: Requests
  /** Main forks that were emptied; their names stay taken until the next checkpoint. */
  private unlinks: string[] = []

  constructor(environment: ServerEnvironment, requests: Requests) {
    this.environment = environment
    this.requests = requests
  }

  path(locator: RelationLocator, fork: number): string {
    return relationPath(this.environment.version, locator, fork)
  }

  exists(path: string): boolean {
    return this.environment.data.exists(path)
  }

  /** Only unlogged relations have an init fork: what they become after a crash. */
  isUnlogged(locator: RelationLocator): boolean {
    return this.exists(this.path(locator, forks.init))
  }

  /** In blocks; 0 if there is no such file. */
  blockCount(path: string): number {
    return Math.floor((this.environment.data.sizeOf(path) ?? 0) / pageSize)
  }

  /** Fails if somebody has dropped the tablespace in which a relation is to be made. */
  requireDirectory({ tablespace, database }: RelationLocator): void {
    const { data, version } = this.environment
    if (!hasOwnDirectory(tablespace) || directoryExists(data, versionPath(version, tablespace))) return
    const path = databasePath(version, { tablespace, database })
    fail('58P01', `could not create directory "${path}": No such file or directory`)
  }

  /** Makes an empty file, and the folders that it is in if a tablespace lacks them; one that is there is left alone. */
  create(path: string): void {
    if (this.exists(path)) return
    const { data } = this.environment
    if (path.startsWith(`${tablespacesPath}/`)) makeDirectories(data, path.slice(0, path.lastIndexOf('/')))
    data.create(path)
  }

  /** Reads from the page cache; false if the disk must be asked. */
  tryRead(me: Process, path: string, block: number, target: Uint8Array): boolean {
    const count = this.environment.data.tryRead(me, path, block * pageSize, target)
    if (count === undefined) return false
    this.checkRead(path, block, count)
    return true
  }

  *read(me: Process, path: string, block: number, target: Uint8Array): Coroutine {
    this.checkRead(path, block, yield* this.environment.data.read(me, path, block * pageSize, target, 'DataFileRead'))
  }

  private checkRead(path: string, block: number, count: number): void {
    if (count === pageSize) return
    const blocks = versionFacts(this.environment.version).blocksInMessages(block)
    fail('XX001', `could not read ${blocks} in file "${path}": read only ${count} of ${pageSize} bytes`)
  }

  /** Writes into the page cache; the next checkpoint flushes it. */
  write(me: Process, path: string, block: number, bytes: Uint8Array): void {
    const { data, version } = this.environment
    try {
      data.write(me, path, block * pageSize, bytes)
    } catch (error) {
      const blocks = versionFacts(version).blocksInMessages(block)
      throw fileAccessError(error, 'ERROR', `could not write ${blocks} in file "${path}"`)
    }
    this.requests.fsyncRequests.register(path)
  }

  /** Appends a block of zeros; gives its number. */
  extend(me: Process, path: string): number {
    const { data } = this.environment
    const block = this.blockCount(path)
    try {
      data.write(me, path, block * pageSize, zeros)
    } catch (error) {
      const hint = 'Check free disk space.'
      // From 16 on the rest is tried as well, and that says that nothing is left.
      if (error instanceof FileError && error.written > 0 && this.environment.version < 16) {
        const wrote = `wrote only ${error.written} of ${pageSize} bytes at block ${block}`
        fail('53100', `could not extend file "${path}": ${wrote}`, { hint })
      }
      throw fileAccessError(error, 'ERROR', `could not extend file "${path}"`, { hint })
    }
    this.requests.fsyncRequests.register(path)
    return block
  }

  /** smgrimmedsync: what was written is on the platter; a file that is not there needs nothing. */
  *sync(me: Process, path: string): Coroutine {
    const { data, settings } = this.environment
    if (!data.exists(path)) return
    try {
      yield* syncFile(me, { settings, volume: data }, path, 'DataFileImmediateSync')
    } catch (error) {
      throw fileAccessError(error, dataSyncLevel(settings), `could not fsync file "${path}"`)
    }
  }

  truncate(path: string, blocks: number): void {
    if (this.blockCount(path) <= blocks) return
    this.environment.data.resize(path, blocks * pageSize)
    this.requests.fsyncRequests.register(path)
  }

  /**
   * Removes all forks; the main fork's name only after the next checkpoint, so that it isn't used again before. Replay
   * removes it at once: what a checkpoint would wait for is in the WAL.
   */
  remove(locator: RelationLocator, isRedo: boolean): void {
    const { data } = this.environment
    for (const fork of Object.values(forks)) {
      const path = this.path(locator, fork)
      if (!data.exists(path)) continue
      this.requests.fsyncRequests.forget(path)
      if (fork === forks.main && !isRedo) {
        data.resize(path, 0)
        this.unlinks.push(path)
      } else data.remove(path)
    }
  }

  /** ForgetDatabaseSyncRequests: of a folder whose files go, nothing waits for the next checkpoint. */
  forgetFolder(folder: string): void {
    this.requests.fsyncRequests.forgetIn(`${folder}/`)
    this.unlinks = this.unlinks.filter(path => !path.startsWith(`${folder}/`))
  }

  /** Takes the names that a checkpoint, which begins now, will remove when it is done. */
  takeUnlinks(): string[] {
    return this.unlinks.splice(0)
  }

  /** The checkpoint is done. */
  unlink(paths: readonly string[]): void {
    for (const path of paths) this.environment.data.remove(path)
  }
}

const zeros = new Uint8Array(pageSize)
