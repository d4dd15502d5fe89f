// A temporary file of a session: it grows while a sort or hash has more rows than work_mem, and is told of when it goes.
// Mirrors fd.c and buffile.c. Its bytes are zeros: what would be in it is kept by who wrote it.

import { chunkSize } from '../../machine/file.ts'
import { FileError } from '../../machine/file-error.ts'
import type { Process } from '../../machine/process.ts'
import { pageCopy } from '../../machine/profile.ts'
import type { ServerEnvironment } from '../../shared/environment.ts'
import { fail } from '../../shared/error.ts'
import { fileAccessError } from '../../shared/file-access.ts'
import type { Proc } from '../../shared/proc.ts'

export interface FileOwner {
  readonly me: Process
  readonly proc: Proc
  readonly environment: ServerEnvironment
  /** Of all temporary files of the session, in bytes. */
  temporaryBytes: number
}

export class TemporaryFile {
  readonly path: string
  size = 0
  private readonly owner: FileOwner

  constructor(owner: FileOwner, path: string) {
    this.owner = owner
    this.path = path
    owner.environment.data.create(path)
  }

  /** Writes so many bytes to its end, block by block. */
  grow(bytes: number): void {
    const { owner } = this
    const limit = owner.proc.settings.get('temp_file_limit')
    if (limit < 0 || owner.temporaryBytes + bytes <= limit) return this.write(bytes)
    const left = Math.max(0, limit - owner.temporaryBytes)
    this.write(left - (left % chunkSize))
    const name = owner.environment.version < 18 ? 'temp_file_limit' : '"temp_file_limit"'
    fail('53400', `temporary file size exceeds ${name} (${limit / 1024}kB)`)
  }

  private write(bytes: number): void {
    const { owner, path } = this
    const { me, environment } = owner
    try {
      environment.data.resize(path, this.size + bytes)
    } catch (error) {
      if (error instanceof FileError) this.written(environment.data.sizeOf(path)! - this.size)
      throw fileAccessError(error, 'ERROR', `could not write to file "${path}"`)
    }
    this.written(bytes)
    me.charge(Math.ceil((pageCopy * bytes) / chunkSize))
  }

  /** Reads all of it again. */
  readBack(): void {
    this.owner.me.charge(Math.ceil((pageCopy * this.size) / chunkSize))
  }

  /** `statement`: for the log. */
  remove(statement: string | undefined): void {
    const { me, proc, environment } = this.owner
    environment.data.remove(this.path)
    this.owner.temporaryBytes -= this.size
    const minimum = proc.settings.get('log_temp_files')
    if (minimum < 0 || this.size < minimum) return
    environment.log.log(me, `temporary file: path "${this.path}", size ${this.size}`, { statement })
  }

  private written(bytes: number): void {
    this.size += bytes
    this.owner.temporaryBytes += bytes
  }
}
