// Where a page is in the pool: database, relation, fork, block. Mirrors buf_table.c, with arrays in place of a hash.

import { forks, type RelationLocator } from '../wal/record.ts'
import { ForkBuffers } from './buffer.ts'
import { type RelationFiles, relationPath } from './relation-files.ts'

export class BufferTable {
  private readonly files: RelationFiles
  /** By database and relation; the forks of a relation by their numbers. */
  private readonly databases = new Map<number, Map<number, ForkBuffers[]>>()

  constructor(files: RelationFiles) {
    this.files = files
  }

  of(locator: RelationLocator, fork: number): ForkBuffers {
    const homes = this.databases.get(locator.database)?.get(locator.relation)
    return homes !== undefined ? homes[fork] : this.add(locator)[fork]
  }

  remove(locator: RelationLocator): void {
    this.databases.get(locator.database)?.delete(locator.relation)
  }

  private add(locator: RelationLocator): ForkBuffers[] {
    let relations = this.databases.get(locator.database)
    if (!relations) {
      relations = new Map()
      this.databases.set(locator.database, relations)
    }
    const isUnlogged = this.files.isUnlogged(locator)
    const homes = Object.values(forks).map(
      fork => new ForkBuffers(locator, fork, relationPath(locator, fork), fork === forks.init || !isUnlogged),
    )
    relations.set(locator.relation, homes)
    return homes
  }
}
