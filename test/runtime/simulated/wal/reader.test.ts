// Where the WAL ends, and what PostgreSQL says about it. The messages were compared with pg_waldump's on the same bytes.

import { describe, expect, test } from 'vitest'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import { segmentSize } from '../../../../src/runtime/simulated/wal/lsn.ts'
import { WalReader } from '../../../../src/runtime/simulated/wal/reader.ts'
import { resourceManagers } from '../../../../src/runtime/simulated/wal/resource-managers.ts'
import type { Wal } from '../../../../src/runtime/simulated/wal/wal.ts'
import { Machine, type MachineOptions, systemIdentifier, walStart } from './machine.ts'
import { SegmentsSource } from './segments-source.ts'

const path = 'pg_wal/000000010000000000000001'

function insert(me: Process, wal: Wal, size: number): number {
  const record = wal.begin(resourceManagers.transaction, 0, 731)
  for (let i = 0; i < size; i++) record.data.u8(i)
  return wal.insert(me, record)
}

/** Writes records of these sizes, lets the bytes be damaged, and gives how many can be read and why there are no more. */
function endOf(
  sizes: readonly number[],
  damage: (write: (offset: number, ...bytes: number[]) => void) => void = () => {},
  options: MachineOptions = {},
) {
  const machine = new Machine(options)
  return machine.run(function* (me) {
    const wal = yield* machine.freshWal(me)
    for (const size of sizes) insert(me, wal, size)
    yield* wal.flush(me, wal.endLsn)
    damage((offset, ...bytes) => machine.environment.pgWal.write(me, path, offset, new Uint8Array(bytes)))
    const reader = new WalReader(
      machine.environment.version,
      new SegmentsSource(machine.environment, 1),
      systemIdentifier,
    )
    reader.begin(walStart)
    let records = 0
    while (yield* reader.next(me)) records++
    return { records, ending: reader.ending }
  })
}

describe('the end of the log', () => {
  test('zeros behind the last record', () => {
    expect(endOf([8]).ending).toEqual({
      lsn: walStart + 80,
      message: 'invalid record length at 0/1000050: wanted 24, got 0',
    })
    expect(endOf([8], undefined, { version: 16 }).ending?.message).toBe(
      'invalid record length at 0/1000050: expected at least 24, got 0',
    )
  })

  test('zeros where a page should begin', () => {
    // One record up to the end of the page.
    expect(endOf([8192 - 40 - 29]).ending).toEqual({
      lsn: walStart + 8192,
      message: 'invalid magic number 0000 in log segment 000000010000000000000001, offset 8192',
    })
    expect(endOf([8192 - 40 - 29], undefined, { version: 17 }).ending?.message).toBe(
      'invalid magic number 0000 in WAL segment 000000010000000000000001, LSN 0/1002000, offset 8192',
    )
  })

  test('a segment that does not exist ends it without a word', () => {
    const machine = new Machine()
    const ending = machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      insert(me, wal, 8)
      yield* wal.switchSegment(me)
      const reader = new WalReader(15, new SegmentsSource(machine.environment, 1))
      reader.begin(walStart)
      while (yield* reader.next(me));
      return reader.ending
    })
    expect(ending).toEqual({ lsn: walStart + segmentSize, message: undefined })
  })

  test('a changed byte', () => {
    expect(endOf([100, 100], write => write(40 + 24 + 2 + 50, 0xff))).toMatchObject({
      records: 0,
      ending: { message: 'incorrect resource manager data checksum in record at 0/1000028' },
    })
  })

  test('a stale record, as a recycled page may have one at the right place', () => {
    expect(endOf([8, 8], write => write(80 + 8, 0, 0, 0, 0))).toMatchObject({
      records: 1,
      ending: { message: 'record with incorrect prev-link 0/0 at 0/1000050' },
    })
  })

  test('a length, a resource manager and flags that can not be', () => {
    expect(endOf([8, 8], write => write(80, 23)).ending?.message).toBe(
      'invalid record length at 0/1000050: wanted 24, got 23',
    )
    expect(endOf([8, 8], write => write(80 + 17, 99)).ending?.message).toBe(
      'invalid resource manager ID 99 at 0/1000050',
    )
    expect(endOf([9000, 8], write => write(8192 + 2, 0x41)).ending?.message).toBe(
      'invalid info bits 0041 in log segment 000000010000000000000001, offset 8192',
    )
  })

  test('a record that breaks off at the end of a page', () => {
    const lost = endOf([8, 9000], write => write(8192 + 2, 0x04))
    expect(lost).toMatchObject({
      records: 1,
      ending: {
        message: 'there is no contrecord flag at 0/1000050',
        aborted: { record: walStart + 80, missing: walStart + 8192 },
      },
    })
    expect(endOf([8, 9000], write => write(8192 + 16, 1, 0)).ending?.message).toBe(
      'invalid contrecord length 1 (expected 917) at 0/1000050',
    )
  })

  test('a page of the segment that this file was before', () => {
    const machine = new Machine()
    const ending = machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      while (wal.endLsn < walStart + segmentSize) yield* wal.flush(me, insert(me, wal, 200_000))
      // The first segment becomes the third, with its old content.
      const counts = { added: 0, removed: 0, recycled: 0 }
      const removal = { last: 1, end: wal.endLsn, timeline: 1, recycleUpTo: 10, inArchiveRecovery: false }
      wal.segments.removeOld(me, removal, counts)
      expect(counts).toEqual({ added: 0, removed: 0, recycled: 1 })
      while (wal.endLsn < walStart + 2 * segmentSize) yield* wal.flush(me, insert(me, wal, 50_000))
      const reader = new WalReader(15, new SegmentsSource(machine.environment, 1), systemIdentifier)
      reader.begin(walStart + segmentSize + 8192)
      return { end: wal.endLsn, first: yield* reader.next(me), ending: reader.ending }
    })
    expect(ending.first).toBeUndefined()
    expect(machine.environment.pgWal.list('pg_wal/')).toEqual([
      'pg_wal/000000010000000000000002',
      'pg_wal/000000010000000000000003',
    ])
    const after = machine.run(function* (me) {
      const page = ending.end - (ending.end % 8192)
      const reader = new WalReader(15, new SegmentsSource(machine.environment, 1), systemIdentifier)
      reader.begin(page + 8192)
      yield* reader.next(me)
      return reader.ending?.message
    })
    const offset = (ending.end % segmentSize) - (ending.end % 8192) + 8192
    expect(after).toBe(
      `unexpected pageaddr 0/${(walStart + offset).toString(16).toUpperCase()} in log segment 000000010000000000000003, offset ${offset}`,
    )
  })

  test('a segment that is too short', () => {
    const machine = new Machine()
    const ending = machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      yield* wal.flush(me, insert(me, wal, 9000))
      machine.environment.pgWal.resize(path, 8192)
      const reader = new WalReader(15, new SegmentsSource(machine.environment, 1))
      reader.begin(walStart)
      yield* reader.next(me)
      return reader.ending
    })
    expect(ending).toEqual({
      lsn: walStart + 40,
      message: 'could not read from log segment 000000010000000000000001, offset 8192: read 0 of 8192',
      aborted: { record: walStart + 40, missing: walStart + 8192 },
    })
  })

  test('the WAL of another cluster', () => {
    const machine = new Machine()
    const ending = machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      yield* wal.flush(me, insert(me, wal, 8))
      const reader = new WalReader(15, new SegmentsSource(machine.environment, 1), 7n)
      reader.begin(walStart)
      yield* reader.next(me)
      return reader.ending?.message
    })
    expect(ending).toBe(
      'WAL file is from different database system: WAL file database system identifier is 7455555555555555555, pg_control database system identifier is 7',
    )
  })
})

describe('a record that stands whole in the page that is loaded', () => {
  /** Two readers of the same log, of records of these sizes. */
  function readers(sizes: readonly number[]) {
    const machine = new Machine()
    machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      for (const size of sizes) insert(me, wal, size)
      yield* wal.flush(me, wal.endLsn)
    })
    const source = new SegmentsSource(machine.environment, 1)
    const made = [1, 2].map(() => new WalReader(15, source, systemIdentifier))
    for (const reader of made) reader.begin(walStart)
    return { machine, readers: made }
  }

  test('is read without waiting, and is the same as if it had been waited for', () => {
    const {
      machine,
      readers: [quick, slow],
    } = readers([100, 50, 8, 8100, 7])
    machine.run(function* (me) {
      const waited: number[] = []
      for (let count = 0; count < 5; count++) {
        const atOnce = quick.tryNext()
        if (!atOnce) waited.push(count)
        const record = atOnce ?? (yield* quick.next(me))
        expect(record).toEqual(yield* slow.next(me))
        expect([quick.end, quick.lastRecord]).toEqual([slow.end, slow.lastRecord])
      }
      // The first one loads the page, the fourth goes on in the next one.
      expect(waited).toEqual([0, 3])
      expect(quick.tryNext()).toBeUndefined()
      expect(yield* quick.next(me)).toBeUndefined()
      expect(yield* slow.next(me)).toBeUndefined()
      expect(quick.ending).toEqual(slow.ending)
    })
  })

  test('is decoded once for all who have the same bytes', () => {
    const { machine, readers: both } = readers([100, 50])
    machine.run(function* (me) {
      const [first, second] = [yield* both[0].next(me), yield* both[1].next(me)]
      expect(first).toBeDefined()
      expect(second).toBe(first)
    })
  })

  test('is another one if one byte differs, and none if its checksum is wrong then', () => {
    const { machine, readers: both } = readers([100, 50])
    machine.run(function* (me) {
      for (let record = yield* both[0].next(me); record; record = yield* both[0].next(me));
      const page = new Uint8Array(8192)
      yield* machine.environment.pgWal.read(me, path, 0, page, 'WALRead')
      const middle = 40 + 24 + 2 + 50
      machine.environment.pgWal.write(me, path, middle, new Uint8Array([page[middle] ^ 1]))
      expect(both[1].tryNext()).toBeUndefined()
      expect(yield* both[1].next(me)).toBeUndefined()
      expect(both[1].ending?.message).toBe('incorrect resource manager data checksum in record at 0/1000028')
    })
  })

  test('at the place of one of another log is not taken for it', () => {
    const first = readers([100, 50])
    const second = readers([100, 51])
    const last = (log: typeof first) =>
      log.machine.run(function* (me) {
        yield* log.readers[0].next(me)
        return log.readers[0].tryNext()
      })
    expect(last(first)?.data).toHaveLength(50)
    expect(last(second)?.data).toHaveLength(51)
    expect(last(first)).toBeUndefined()
  })
})
