import { describe, expect, test } from 'vitest'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import { Page } from '../../../../src/runtime/simulated/storage/page.ts'
import { segmentSize } from '../../../../src/runtime/simulated/wal/lsn.ts'
import { WalReader } from '../../../../src/runtime/simulated/wal/reader.ts'
import type { WalRecord } from '../../../../src/runtime/simulated/wal/record.ts'
import { type RegisteredPage, registerFlag } from '../../../../src/runtime/simulated/wal/record-builder.ts'
import { resourceManagers } from '../../../../src/runtime/simulated/wal/resource-managers.ts'
import type { Wal } from '../../../../src/runtime/simulated/wal/wal.ts'
import { Machine, systemIdentifier, walStart } from './machine.ts'
import { SegmentsSource } from './segments-source.ts'

/** A record of 24 + 2 + `size` bytes (up to 255 of data), or 24 + 5 + `size`. */
function insert(me: Process, wal: Wal, size: number, xid = 731): number {
  const record = wal.begin(resourceManagers.transaction, 0, xid)
  for (let i = 0; i < size; i++) record.data.u8(i)
  return wal.insert(me, record)
}

function* readAll(me: Process, machine: Machine): Coroutine<{ records: WalRecord[]; reader: WalReader }> {
  const reader = new WalReader(
    machine.environment.version,
    new SegmentsSource(machine.environment, 1),
    systemIdentifier,
  )
  reader.begin(walStart)
  const records: WalRecord[] = []
  for (let record = yield* reader.next(me); record; record = yield* reader.next(me)) records.push(record)
  return { records, reader }
}

describe('insertion', () => {
  test('counts the long header of a segment, aligns to 8, and links the records', () => {
    const machine = new Machine()
    const { records } = machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      expect(wal.insertLsn).toBe(walStart + 40)
      expect(insert(me, wal, 8)).toBe(walStart + 40 + 40)
      expect(insert(me, wal, 20)).toBe(walStart + 40 + 40 + 48)
      yield* wal.flush(me, wal.endLsn)
      return yield* readAll(me, machine)
    })
    expect(records.map(record => [record.start - walStart, record.length, record.previous])).toEqual([
      [40, 34, 0],
      [80, 46, walStart + 40],
    ])
    expect([...records[1].data]).toEqual([...Array(20).keys()])
  })

  test('a record goes on behind the header of the next page, and in the next segment', () => {
    const machine = new Machine()
    const { records } = machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      insert(me, wal, 9000)
      while (wal.endLsn < walStart + segmentSize) insert(me, wal, 200_000)
      yield* wal.flush(me, wal.endLsn)
      return yield* readAll(me, machine)
    })
    expect(records[0].length).toBe(24 + 5 + 9000)
    // Two page headers lie in it: its own begins behind the first.
    expect(records[0].end).toBe(walStart + 40 + 9032 + 24)
    expect(records.at(-1)!.end).toBeGreaterThan(walStart + segmentSize)
    expect(records.at(-1)!.data.length).toBe(200_000)
    expect(machine.environment.pgWal.list('pg_wal/')).toEqual([
      'pg_wal/000000010000000000000001',
      'pg_wal/000000010000000000000002',
    ])
  })

  test('a switch ends the segment', () => {
    const machine = new Machine()
    const { records, reader } = machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      insert(me, wal, 8)
      expect(yield* wal.switchSegment(me)).toBe(walStart + 80 + 24)
      expect(wal.endLsn).toBe(walStart + segmentSize)
      expect(yield* wal.switchSegment(me)).toBe(wal.endLsn)
      insert(me, wal, 8)
      yield* wal.flush(me, wal.endLsn)
      return yield* readAll(me, machine)
    })
    expect(records.map(record => record.length)).toEqual([34, 24, 34])
    expect(records[1].end).toBe(walStart + segmentSize)
    expect(records[2].start).toBe(walStart + segmentSize + 40)
    expect(reader.ending?.message).toBe('invalid record length at 0/2000050: wanted 24, got 0')
  })

  test('more than the buffers hold is written without waiting', () => {
    const machine = new Machine({ settings: { wal_buffers: '64kB' } })
    const { records } = machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      for (let i = 0; i < 2000; i++) insert(me, wal, 200)
      expect(wal.flushedLsn).toBe(walStart)
      expect(wal.writtenLsn).toBeGreaterThan(wal.endLsn - 65_536 - 8192)
      expect(wal.usage.buffersFull).toBeGreaterThan(0)
      yield* wal.flush(me, wal.endLsn)
      return yield* readAll(me, machine)
    })
    expect(records.length).toBe(2000)
  })
})

describe('whole pages', () => {
  const locator = { tablespace: 1663, database: 5, relation: 16384 }

  function pageAt(lsn: number, relation = 16384, block = 0): RegisteredPage & { readonly page: Page } {
    const page = new Page()
    page.initialize()
    page.lsn = lsn
    page.bytes.fill(7, page.upper - 100, page.upper)
    page.upper -= 100
    return { locator: { ...locator, relation }, fork: 0, block, needsWal: true, page }
  }

  function logInsert(me: Process, wal: Wal, page: RegisteredPage, flags: number): WalRecord['length'] {
    const before = wal.usage.bytes
    const record = wal.begin(resourceManagers.heap, 0x00, 731)
    record.data.u16(1)
    record.data.u8(0)
    const data = record.block(0, page, flags)
    data.u16(2)
    data.u16(0)
    data.u8(24)
    data.append(new Uint8Array(8))
    data.u8(0)
    wal.insert(me, record)
    return wal.usage.bytes - before
  }

  test('have the sizes that a server has', () => {
    const machine = new Machine()
    const { records } = machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      wal.redoLsn = walStart + 40
      // A page that was changed since the redo point: an insert of (int, int) has 63 bytes.
      expect(logInsert(me, wal, pageAt(walStart + 48), registerFlag.standard)).toBe(24 + 20 + 14 + 2 + 3)
      // Its first change: the data gives way to the page without its hole.
      expect(logInsert(me, wal, pageAt(walStart + 40), registerFlag.standard)).toBe(24 + 25 + 2 + 3 + 124)
      expect(logInsert(me, wal, pageAt(0), 0)).toBe(24 + 25 + 2 + 3 + 8192)
      expect(logInsert(me, wal, pageAt(0), registerFlag.willInit)).toBe(63)
      expect(logInsert(me, wal, pageAt(0), registerFlag.noImage)).toBe(63)
      expect(logInsert(me, wal, pageAt(0), registerFlag.keepData | registerFlag.standard)).toBe(
        24 + 25 + 2 + 3 + 124 + 14,
      )
      wal.fullPageWrites = false
      expect(logInsert(me, wal, pageAt(0), registerFlag.standard)).toBe(63)
      wal.backupStarted()
      expect(logInsert(me, wal, pageAt(0), registerFlag.standard)).toBe(24 + 25 + 2 + 3 + 124)
      wal.backupStopped()
      expect(logInsert(me, wal, pageAt(0), registerFlag.forceImage | registerFlag.standard)).toBe(178)
      yield* wal.flush(me, wal.endLsn)
      return yield* readAll(me, machine)
    })
    expect(records.length).toBe(9)
    expect(records[1].blocks[0].image).toEqual(pageAt(walStart + 40).page.bytes)
    expect(records[1].blocks[0]).toMatchObject({ locator, fork: 0, block: 0, applyImage: true, willInit: false })
    expect(records[1].blocks[0].data).toBeUndefined()
    expect(records[3].blocks[0]).toMatchObject({ willInit: true, applyImage: false })
    expect(records[5].blocks[0].data?.length).toBe(14)
    expect(records[0].blocks[0].data?.length).toBe(14)
    expect([...records[0].data]).toEqual([1, 0, 0])
  })

  test('a second block of the same relation names it no more', () => {
    const machine = new Machine()
    const { records } = machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      for (const relation of [16384, 16385]) {
        const record = wal.begin(resourceManagers.heap, 0x40, 731)
        record.block(0, pageAt(0, 16384, 7), registerFlag.noImage).u8(1)
        record.block(1, pageAt(0, relation, 8), registerFlag.noImage)
        record.data.u8(9)
        wal.insert(me, record)
      }
      yield* wal.flush(me, wal.endLsn)
      return yield* readAll(me, machine)
    })
    expect(records.map(record => record.length)).toEqual([24 + 20 + 8 + 2 + 1 + 1, 24 + 20 + 20 + 2 + 1 + 1])
    expect(records[0].blocks.map(each => [each.id, each.locator.relation, each.block])).toEqual([
      [0, 16384, 7],
      [1, 16384, 8],
    ])
    expect(records[1].blocks[1].locator.relation).toBe(16385)
  })
})

describe('flush', () => {
  test('who holds the lock flushes for all who wait', () => {
    const machine = new Machine()
    const done: [number, number][] = []
    machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      for (let i = 0; i < 8; i++) {
        machine.start(function* (backend) {
          const lsn = insert(backend, wal, 100)
          yield* wal.flush(backend, lsn)
          expect(wal.flushedLsn).toBeGreaterThanOrEqual(lsn)
          done.push([backend.pid, machine.kernel.now])
        })
      }
      yield* me.sleep(10_000_000, 'Test')
      expect(wal.fileCounts.syncs).toBe(2)
    })
    expect(done.length).toBe(8)
    expect(new Set(done.map(([, time]) => time)).size).toBe(2)
  })

  test('commit_delay makes the first wait for more, if enough others are in a transaction', () => {
    for (const [siblings, syncs] of [
      ['3', 1],
      ['4', 2],
    ] as const) {
      const machine = new Machine({ settings: { commit_delay: '500', commit_siblings: siblings } })
      machine.run(function* (me) {
        const wal = yield* machine.freshWal(me)
        for (let i = 0; i < 4; i++) {
          machine.start(function* (backend) {
            machine.procArray.add(backend, 'client backend', machine.environment.settings).xid = 731 + i
            yield* backend.sleep(i * 100_000, 'Test')
            yield* wal.flush(backend, insert(backend, wal, 100))
          })
        }
        yield* me.sleep(10_000_000, 'Test')
        expect(wal.flushedLsn).toBe(wal.endLsn)
        expect(wal.fileCounts.syncs).toBe(syncs)
      })
    }
  })

  test('an asynchronous commit is flushed by the WAL writer, whole pages first', () => {
    const machine = new Machine()
    machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      machine.requests.walWriterLatch = me.latch
      const first = insert(me, wal, 100)
      wal.setAsyncCommitLsn(first)
      // Not even a page is full: it has time until the next round.
      expect(me.latch.isSet).toBe(false)
      insert(me, wal, 9000)
      const commit = insert(me, wal, 100)
      wal.setAsyncCommitLsn(commit)
      expect(me.latch.isSet).toBe(true)
      expect(yield* wal.backgroundFlush(me)).toBe(true)
      expect(wal.flushedLsn).toBe(walStart + 8192)
      expect(yield* wal.backgroundFlush(me)).toBe(true)
      expect(wal.writtenLsn).toBe(commit)
      // Written, but a flush comes only after wal_writer_delay, or with enough pages.
      expect(wal.flushedLsn).toBe(walStart + 8192)
      yield* me.sleep(200_000_000, 'Test')
      expect(yield* wal.backgroundFlush(me)).toBe(true)
      expect(wal.flushedLsn).toBe(commit)
      expect(yield* wal.backgroundFlush(me)).toBe(false)
    })
  })

  test('a log that has lost its end refuses to flush beyond it', () => {
    const machine = new Machine()
    const error = machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      insert(me, wal, 8)
      try {
        yield* wal.flush(me, walStart + 1000)
      } catch (error) {
        return error
      }
    })
    expect(error).toMatchObject({
      sqlstate: 'XX000',
      message: 'xlog flush request 0/10003E8 is not satisfied --- flushed only to 0/1000050',
    })
    expect(machine.events.filter(each => each.kind === 'log.line')).toMatchObject([
      { message: 'request to flush past end of generated WAL; request 0/10003E8, current position 0/1000050' },
    ])
  })

  test('a full disk is a PANIC', () => {
    const machine = new Machine({ size: 1.5 * segmentSize })
    const error = machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      try {
        for (;;) yield* wal.flush(me, insert(me, wal, 200_000))
      } catch (error) {
        return error
      }
    })
    expect(error).toMatchObject({
      level: 'PANIC',
      sqlstate: '53100',
      message: 'could not write to file "pg_wal/xlogtemp.100": No space left on device',
    })
    expect(machine.environment.pgWal.list('pg_wal/')).toEqual(['pg_wal/000000010000000000000001'])
  })

  test('a full segment asks for a checkpoint once enough of them came since the last one', () => {
    const machine = new Machine({ settings: { max_wal_size: '64MB' } })
    machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      // 64 MB / 16 MB / 1.9: two segments.
      while (wal.endLsn < walStart + segmentSize) yield* wal.flush(me, insert(me, wal, 200_000))
      expect(machine.requests.checkpoint.flags).toBe(0)
      while (wal.endLsn < walStart + 2 * segmentSize) yield* wal.flush(me, insert(me, wal, 200_000))
      expect(machine.requests.checkpoint.flags).toBe(0xc0)
    })
  })
})
