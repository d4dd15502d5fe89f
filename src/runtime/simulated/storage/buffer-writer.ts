// Writes a page from the pool to its file, never before the WAL that describes its changes is on the platter. Mirrors
// FlushBuffer of bufmgr.c.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { PostgresError } from '../shared/error.ts'
import { versionFacts } from '../shared/versions.ts'
import type { Wal } from '../wal/wal.ts'
import type { Buffer } from './buffer.ts'
import { checksumOf } from './page-checksum.ts'
import type { RelationFiles } from './relation-files.ts'

export class BufferWriter {
  private readonly environment: ServerEnvironment
  private readonly wal: Wal
  private readonly files: RelationFiles

  constructor(environment: ServerEnvironment, wal: Wal, files: RelationFiles) {
    this.environment = environment
    this.wal = wal
    this.files = files
  }

  /** Writes the page to the page cache of the operating system, its WAL flushed before. */
  *flush(me: Process, buffer: Buffer): Coroutine {
    buffer.pins++
    const home = buffer.home
    const { page } = buffer
    try {
      // The page may change again while its WAL is flushed. A damaged LSN is asked for once, and may get a mere warning.
      for (let asked = 0; page.lsn > asked && this.wal.needsFlush(page.lsn); ) {
        asked = page.lsn
        yield* this.wal.flush(me, asked)
      }
    } catch (error) {
      throw withContext(error, buffer)
    } finally {
      buffer.unpin()
    }
    if (buffer.dirty && buffer.home === home) this.write(me, buffer)
  }

  /** The same for a page whose WAL is flushed. */
  write(me: Process, buffer: Buffer): void {
    const { path } = buffer.home!
    const { page, block } = buffer
    if (versionFacts(this.environment.version).checksums && !page.isNew) page.checksum = checksumOf(page, block)
    try {
      this.files.write(me, path, block, page.bytes)
    } catch (error) {
      throw withContext(error, buffer)
    }
    buffer.dirty = false
    buffer.checkpointNeeded = false
    const { trace } = this.environment
    if (trace.wants('buffer.written')) {
      trace.emit('buffer.written', me.place, { relation: path, block: buffer.block, by: me.type }, me.cause)
    }
  }
}

function withContext(error: unknown, { home, block }: Buffer): unknown {
  if (error instanceof PostgresError && home) error.context = `writing block ${block} of relation ${home.path}`
  return error
}
