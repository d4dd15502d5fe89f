// The statistics outlive a clean shutdown in a file, which the next start takes in and removes. After a crash it is not
// there, or not to be trusted. Mirrors pgstat_write_statsfile and pgstat_read_statsfile, with a layout of its own.

import type { Process } from '../machine/process.ts'
import type { Volume } from '../machine/volume.ts'
import { type CumulativeStatistics, DatabaseCounts } from './cumulative-statistics.ts'
import { TableStatistics } from './table-statistics.ts'

const path = 'pg_stat/pgstat.stat'

const databaseFields = fieldsOf(new DatabaseCounts())
const tableFields = fieldsOf(new TableStatistics())

function fieldsOf<T extends object>(counts: T): readonly (keyof T)[] {
  return Object.keys(counts) as (keyof T)[]
}

/** By the last process of a server that shuts down. It is not flushed: a power cut may cost it. */
export function saveStatistics(me: Process, data: Volume, statistics: CumulativeStatistics): void {
  const numbers: number[] = []
  for (const [oid, database] of statistics.all()) {
    const tables = [...database.all()]
    numbers.push(oid, ...databaseFields.map(field => database.counts[field]), tables.length)
    for (const [relation, table] of tables) numbers.push(relation, ...tableFields.map(field => table[field]))
  }
  if (data.exists(path)) data.remove(path)
  data.create(path)
  data.write(me, path, 0, new Uint8Array(Float64Array.from(numbers).buffer))
}

/** `isClean`: the server was shut down in order. */
export function restoreStatistics(data: Volume, statistics: CumulativeStatistics, isClean: boolean): void {
  if (!data.exists(path)) return
  const bytes = data.peek(path).slice()
  data.remove(path)
  if (!isClean || bytes.length % 8 !== 0) return
  const numbers = new Float64Array(bytes.buffer)
  let at = 0
  while (at < numbers.length) {
    const database = statistics.of(numbers[at++])
    for (const field of databaseFields) database.counts[field] = numbers[at++]
    for (let tables = numbers[at++]; tables > 0; tables--) {
      const table = database.entry(numbers[at++])
      for (const field of tableFields) table[field] = numbers[at++]
    }
  }
}
