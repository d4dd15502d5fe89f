// Where a page is in the pool: tablespace, database, relation, fork, block. Mirrors buf_table.c, with arrays in place of a
// hash.

import { forks, type RelationLocator } from '../wal/record.ts'
import { type BufferUsage, ForkBuffers } from './buffer.ts'
import type { RelationFiles } from './relation-files.ts'

/** A database's relations in one tablespace: the forks of each by their numbers. */
interface Place {
  readonly tablespace: number
  readonly database: number
  readonly relations: Map<number, ForkBuffers[]>
  readonly usage: BufferUsage
}

export class BufferTable {
  private readonly files: RelationFiles
  private places: Place[] = []
  /** Of the look-up before: most are followed by another one in the same place. */
  private last: Place | undefined

  constructor(files: RelationFiles) {
    this.files = files
  }

  of(locator: RelationLocator, fork: number): ForkBuffers {
    const place = this.placeOf(locator)
    return (place.relations.get(locator.relation) ?? this.add(place, locator))[fork]
  }

  remove(locator: RelationLocator): void {
    this.placeOf(locator).relations.delete(locator.relation)
  }

  usageOf(database: number): BufferUsage {
    const places = this.places.filter(each => each.database === database)
    return {
      hits: places.reduce((sum, { usage }) => sum + usage.hits, 0),
      reads: places.reduce((sum, { usage }) => sum + usage.reads, 0),
    }
  }

  removeDatabase(database: number): void {
    this.places = this.places.filter(each => each.database !== database)
    this.last = undefined
  }

  private placeOf({ tablespace, database }: RelationLocator): Place {
    const { last } = this
    if (last !== undefined && last.database === database && last.tablespace === tablespace) return last
    let place = this.places.find(each => each.database === database && each.tablespace === tablespace)
    if (!place) {
      place = { tablespace, database, relations: new Map(), usage: { hits: 0, reads: 0 } }
      this.places.push(place)
    }
    this.last = place
    return place
  }

  private add({ relations, usage }: Place, locator: RelationLocator): ForkBuffers[] {
    const isUnlogged = this.files.isUnlogged(locator)
    const homes = Object.values(forks).map(fork => {
      const isPermanent = fork === forks.init || !isUnlogged
      return new ForkBuffers(locator, fork, { path: this.files.path(locator, fork), isPermanent, usage })
    })
    relations.set(locator.relation, homes)
    return homes
  }
}
