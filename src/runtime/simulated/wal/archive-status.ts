// Which WAL files wait for the archiver and which it has archived: NAME.ready and NAME.done in pg_wal/archive_status.
// Mirrors xlogarchive.c. Who archives is processes/archiver.ts.

import type { Process } from '../machine/process.ts'
import type { Volume } from '../machine/volume.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import type { Requests } from '../shared/requests.ts'

const directory = 'pg_wal/archive_status/'

/** Names that can be archived: segments, partial ones, histories of timelines and of backups. */
const readyFile = /^([0-9A-F.a-z]{16,40})\.ready$/

/** Names of the files that wait for the archiver, sorted. */
export function filesToArchive(pgWal: Volume): string[] {
  const names: string[] = []
  for (const path of pgWal.list(directory)) {
    const match = readyFile.exec(path.slice(directory.length))
    if (match) names.push(match[1])
  }
  return names
}

export class ArchiveStatus {
  private readonly environment: ServerEnvironment
  private readonly requests: Requests

  constructor(environment: ServerEnvironment, requests: Requests) {
    this.environment = environment
    this.requests = requests
  }

  /** Whether this server archives what it writes. */
  get isActive(): boolean {
    return this.environment.settings.get('archive_mode') !== 'off'
  }

  /** Whether it archives what it gets from another server, too. */
  get isAlways(): boolean {
    return this.environment.settings.get('archive_mode') === 'always'
  }

  waiting(): string[] {
    return filesToArchive(this.environment.pgWal)
  }

  isReady(name: string): boolean {
    return this.environment.pgWal.exists(`${directory}${name}.ready`)
  }

  isDone(name: string): boolean {
    return this.environment.pgWal.exists(`${directory}${name}.done`)
  }

  /** The file is complete: the archiver may have it. */
  notify(me: Process, name: string): void {
    const { pgWal, trace } = this.environment
    let queued = 0
    if (!this.isReady(name)) {
      pgWal.create(`${directory}${name}.ready`)
      if (trace.wants('archive.queued')) {
        queued = trace.emit('archive.queued', me.place, { segment: name, ready: this.waiting().length }, me.cause)
      }
    }
    // A new timeline must be known in the archive as soon as possible, or another server may choose the same number.
    if (name.endsWith('.history')) this.requests.archiveDirectoryScan = true
    this.requests.archiverLatch?.set(queued || me.cause)
  }

  /** The file came from another server, which archives it: this one need not, unless archive_mode is always. */
  received(me: Process, name: string): void {
    if (this.isAlways) this.notify(me, name)
    else this.markDone(name)
  }

  markDone(name: string): void {
    const { pgWal } = this.environment
    if (this.isDone(name)) return
    if (this.isReady(name)) pgWal.rename(`${directory}${name}.ready`, `${directory}${name}.done`)
    else pgWal.create(`${directory}${name}.done`)
  }

  /** Whether a file that is not needed any more may go. If nobody has queued it yet, it is queued now. */
  mayRemove(me: Process, name: string, inArchiveRecovery: boolean): boolean {
    if (!this.isActive || (inArchiveRecovery && !this.isAlways)) return true
    if (this.isDone(name)) return true
    if (!this.isReady(name)) this.notify(me, name)
    return false
  }

  /** The file is gone: so is what was known of it. */
  forget(name: string): void {
    const { pgWal } = this.environment
    pgWal.remove(`${directory}${name}.done`)
    pgWal.remove(`${directory}${name}.ready`)
  }
}
