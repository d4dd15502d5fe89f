// Where a page is in the pool: tablespace, database, relation, fork, block. Mirrors buf_table.c, with arrays in place of a
// hash.

import { forks, type RelationLocator } from '../wal/record.ts'
import { ForkBuffers } from './buffer.ts'
import type { RelationFiles } from './relation-files.ts'

/** A database's relations in one tablespace: the forks of each by their numbers. */
interface Place {
  readonly tablespace: number
  readonly database: number
  readonly relations: Map<number, ForkBuffers[]>
}

export class BufferTable {
  private readonly files: RelationFiles
  private readonly places: Place[] = []
  /** Of the look-up before: most are followed by another one in the same place. */
  private last: Place | undefined

  constructor(files: RelationFiles) {
    this.files = files
  }

  of(locator: RelationLocator, fork: number): ForkBuffers {
    const { relations } = this.placeOf(locator)
    return (relations.get(locator.relation) ?? this.add(relations, locator))[fork]
  }

  remove(locator: RelationLocator): void {
    this.placeOf(locator).relations.delete(locator.relation)
  }

  private placeOf({ tablespace, database }: RelationLocator): Place {
    const { last } = this
    if (last !== undefined && last.database === database && last.tablespace === tablespace) return last
    let place = this.places.find(each => each.database === database && each.tablespace === tablespace)
    if (!place) {
      place = { tablespace, database, relations: new Map() }
      this.places.push(place)
    }
    this.last = place
    return place
  }

  private add(relations: Map<number, ForkBuffers[]>, locator: RelationLocator): ForkBuffers[] {
    const isUnlogged = this.files.isUnlogged(locator)
    const homes = Object.values(forks).map(
      fork => new ForkBuffers(locator, fork, this.files.path(locator, fork), fork === forks.init || !isUnlogged),
    )
    relations.set(locator.relation, homes)
    return homes
  }
}
