// What a session has in hand while a statement runs, or as long as a cursor is open: memory for its sorts and hashes, up
// to work_mem each, and temporary files for what is more. All of it goes at the end of the statement or cursor.

import type { Process } from '../../machine/process.ts'
import type { ServerEnvironment } from '../../shared/environment.ts'
import type { Proc } from '../../shared/proc.ts'
import { allocate } from '../../shared/process-memory.ts'
import type { PendingStatistics } from '../../statistics/pending-statistics.ts'
import { temporaryDirectory, temporaryFilePath } from '../../storage/temporary-files.ts'
import { type FileOwner, TemporaryFile } from './temporary-file.ts'

/** The system is asked for memory in steps, as malloc does. */
const step = 128 * 1024

export class WorkArea implements FileOwner {
  readonly me: Process
  readonly proc: Proc
  readonly environment: ServerEnvironment
  temporaryBytes = 0
  /** Where its temporary files go, in turn; empty: to that of the database. */
  tablespaces: readonly number[] = []
  private readonly statistics: PendingStatistics
  private readonly files = new Set<TemporaryFile>()
  private readonly fileNames: { count: number }
  private used = 0
  private allocated = 0

  constructor(
    me: Process,
    proc: Proc,
    environment: ServerEnvironment,
    statistics: PendingStatistics,
    fileNames = { count: 0 },
  ) {
    this.me = me
    this.proc = proc
    this.environment = environment
    this.statistics = statistics
    this.fileNames = fileNames
  }

  /** One that ends for itself; the names of its files are others. */
  another(): WorkArea {
    const area = new WorkArea(this.me, this.proc, this.environment, this.statistics, this.fileNames)
    area.tablespaces = this.tablespaces
    return area
  }

  /** What one sort may have, in bytes. An observer leaves nothing behind, so it has as much as it wants. */
  get sortMemory(): number {
    return this.proc.backendType === 'observer' ? Number.POSITIVE_INFINITY : this.proc.settings.get('work_mem')
  }

  /** What one hash table may have, in bytes. */
  get hashMemory(): number {
    return this.sortMemory * this.proc.settings.get('hash_mem_multiplier')
  }

  /** Takes memory, or gives some of it back; `context` is PostgreSQL's name of what it is for. */
  use(bytes: number, context: string): void {
    this.used += bytes
    while (this.used > this.allocated) {
      allocate(this.me, step, context, bytes)
      this.allocated += step
    }
  }

  makeFile(): TemporaryFile {
    const { data, version } = this.environment
    const number = this.fileNames.count++
    const tablespace = this.tablespaces[number % this.tablespaces.length] ?? this.proc.databaseTablespace
    const directory = temporaryDirectory(data, version, tablespace)
    const file = new TemporaryFile(this, temporaryFilePath(directory, this.me.pid, number))
    this.files.add(file)
    return file
  }

  remove(file: TemporaryFile): void {
    this.discard(file, this.proc.statement)
  }

  /** The statement or cursor is over. */
  end(): void {
    this.giveBack(this.proc.statement)
  }

  /** The statement has failed: the log has named it, and does not do so again. */
  abort(): void {
    this.giveBack(undefined)
  }

  private discard(file: TemporaryFile, statement: string | undefined): void {
    if (!this.files.delete(file)) return
    file.remove(statement)
    this.statistics.temporaryFile(file.size)
  }

  /** The newest goes first. */
  private giveBack(statement: string | undefined): void {
    if (this.files.size > 0) for (const file of [...this.files].reverse()) this.discard(file, statement)
    if (this.allocated > 0) this.me.host.memory.give(this.me, this.allocated)
    this.used = 0
    this.allocated = 0
  }
}
