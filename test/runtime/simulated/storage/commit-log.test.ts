import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CommitLog, transactionStatus } from '../../../../src/runtime/simulated/storage/commit-log.ts'
import { WalReader } from '../../../../src/runtime/simulated/wal/reader.ts'
import { Machine, walStart } from '../wal/machine.ts'
import { SegmentsSource } from '../wal/segments-source.ts'

const { inProgress, committed, aborted, subcommitted } = transactionStatus

describe('the commit log', () => {
  test('keeps two bits for each transaction, through a checkpoint and a start', () => {
    const change = fc.record({ xid: fc.integer({ min: 3, max: 70_000 }), status: fc.constantFrom(committed, aborted) })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 50 }), changes => {
        const machine = new Machine()
        const model = new Map<number, number>()
        machine.run(function* (me) {
          const log = new CommitLog(machine.environment, yield* machine.freshWal(me), machine.requests)
          for (const { xid, status } of changes) {
            log.setStatus(xid, status)
            model.set(xid, status)
          }
          for (const [xid, status] of model) expect(log.status(xid)).toBe(status)
          yield* log.writeDirty(me)
          for (const path of machine.requests.fsyncRequests.absorb()) {
            yield* machine.environment.data.fsync(me, path, 'Test')
          }
        })
        machine.powerCut()
        machine.run(function* (me) {
          const log = new CommitLog(machine.environment, yield* machine.freshWal(me), machine.requests)
          yield* log.load(me)
          for (const [xid, status] of model) {
            expect(log.status(xid)).toBe(status)
            for (const near of [xid - 1, xid + 1]) expect(log.status(near)).toBe(model.get(near) ?? inProgress)
          }
        })
      }),
      { numRuns: 60 },
    )
  })

  test('a page is written only when the WAL of its asynchronous commits is flushed', () => {
    const machine = new Machine()
    machine.run(function* (me) {
      const wal = yield* machine.freshWal(me)
      const log = new CommitLog(machine.environment, wal, machine.requests)
      const record = wal.begin(1, 0, 731)
      record.data.u64(0)
      const lsn = wal.insert(me, record)
      log.setStatus(731, committed, lsn)
      log.setStatus(732, committed)
      // 32 transactions share one LSN.
      expect([731, 732, 704, 735, 703, 736].map(xid => log.commitLsn(xid))).toEqual([lsn, lsn, lsn, lsn, 0, 0])
      expect(wal.flushedLsn).toBe(walStart)
      expect(yield* log.writeDirty(me)).toBe(1)
      expect(wal.flushedLsn).toBe(lsn)
      expect(yield* log.writeDirty(me)).toBe(0)
      expect(machine.environment.data.sizeOf('pg_xact/0000')).toBe(8192)
    })
  })

  test('a subtransaction that has committed stays so', () => {
    const machine = new Machine()
    machine.run(function* (me) {
      const log = new CommitLog(machine.environment, yield* machine.freshWal(me), machine.requests)
      log.setStatus(800, subcommitted)
      log.setStatus(800, committed)
      log.setStatus(800, subcommitted)
      expect(log.status(800)).toBe(committed)
    })
  })

  test('a new page is logged, and redo makes it', () => {
    for (const [version, length] of [
      [15, 30],
      [17, 34],
    ] as const) {
      const machine = new Machine({ version })
      machine.run(function* (me) {
        const wal = yield* machine.freshWal(me)
        const log = new CommitLog(machine.environment, wal, machine.requests)
        log.extend(me, 32_767)
        expect(wal.usage.records).toBe(0)
        log.extend(me, 32_768 * 33)
        yield* wal.flush(me, wal.endLsn)
        log.setStatus(32_768 * 33 + 5, committed)
        const reader = new WalReader(version, new SegmentsSource(machine.environment, 1))
        reader.begin(walStart)
        const record = (yield* reader.next(me))!
        expect([record.resourceManager, record.length]).toEqual([3, length])
        yield* log.redo(me, record)
        expect(log.status(32_768 * 33 + 5)).toBe(inProgress)
        expect(machine.environment.data.sizeOf('pg_xact/0001')).toBe(2 * 8192)
      })
    }
  })

  test('what lies behind the next transaction is forgotten at the end of recovery', () => {
    const machine = new Machine()
    machine.run(function* (me) {
      const log = new CommitLog(machine.environment, yield* machine.freshWal(me), machine.requests)
      for (let xid = 730; xid < 750; xid++) log.setStatus(xid, committed)
      log.trim(737)
      expect([736, 737, 738, 749].map(xid => log.status(xid))).toEqual([committed, inProgress, inProgress, inProgress])
    })
  })
})
