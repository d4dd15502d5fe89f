// The whole of it: backends change pages, a checkpointer writes them, the power goes. Redo from the last checkpoint
// then makes every page what the log says it was.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import { BufferPool } from '../../../../src/runtime/simulated/storage/buffer-pool.ts'
import { RedoPages } from '../../../../src/runtime/simulated/storage/redo-pages.ts'
import { WalReader } from '../../../../src/runtime/simulated/wal/reader.ts'
import type { WalRecord } from '../../../../src/runtime/simulated/wal/record.ts'
import { registerFlag } from '../../../../src/runtime/simulated/wal/record-builder.ts'
import { resourceManagers } from '../../../../src/runtime/simulated/wal/resource-managers.ts'
import type { Wal } from '../../../../src/runtime/simulated/wal/wal.ts'
import { Machine, walStart } from '../wal/machine.ts'
import { SegmentsSource } from '../wal/segments-source.ts'

const table = { tablespace: 1663, database: 5, relation: 16384 }
const blocks = 40

type Step = { readonly block: number; readonly at: number } | 'flush'

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ block: fc.nat(blocks - 1), at: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.constant('flush' as const) },
)

/** Where a change is on the page: far apart, so that a torn page has some and lacks others. */
function placeOf(at: number): number {
  return 200 + at * 190
}

/** Writes `value` in one place of a page; the record says no more than that. */
function* change(me: Process, wal: Wal, pool: BufferPool, block: number, at: number, value: number): Coroutine {
  const buffer = pool.tryPin(me, table, 0, block) ?? (yield* pool.pin(me, table, 0, block))
  const willInit = buffer.page.isNew
  if (willInit) {
    buffer.page.initialize()
    buffer.page.upper = 100
  }
  buffer.page.view.setUint32(placeOf(at), value, true)
  pool.markDirty(buffer)
  const record = wal.begin(resourceManagers.heap, 0, value)
  const data = record.block(0, buffer, willInit ? registerFlag.willInit : registerFlag.standard)
  data.u16(placeOf(at))
  data.u32(value)
  buffer.page.lsn = wal.insert(me, record)
  pool.unpin(buffer)
}

function* checkpoint(me: Process, machine: Machine, wal: Wal, pool: BufferPool): Coroutine<number> {
  wal.redoLsn = wal.insertLsn
  const redo = wal.redoLsn
  for (const buffer of pool.beginCheckpoint()) {
    yield* pool.writeForCheckpoint(me, buffer)
    yield* me.sleep(20_000, 'CheckpointWriteDelay')
  }
  for (const path of machine.requests.fsyncRequests.absorb()) {
    yield* machine.environment.data.fsync(me, path, 'DataFileSync')
  }
  yield* wal.flush(me, wal.endLsn)
  return redo
}

function* records(me: Process, machine: Machine, from: number): Coroutine<WalRecord[]> {
  const reader = new WalReader(15, new SegmentsSource(machine.environment, 1))
  reader.begin(from)
  const all: WalRecord[] = []
  for (let record = yield* reader.next(me); record; record = yield* reader.next(me)) all.push(record)
  return all
}

function* redo(me: Process, machine: Machine, from: number): Coroutine<BufferPool> {
  const pool = new BufferPool(machine.environment, machine.newWal(), machine.requests)
  const redoPages = new RedoPages(machine.environment, pool)
  for (const record of yield* records(me, machine, from)) {
    const { action, buffer } = yield* redoPages.read(me, record, 0)
    if (action === 'needs redo') {
      const { data, willInit } = record.blocks[0]
      if (willInit) {
        buffer.page.initialize()
        buffer.page.upper = 100
      }
      buffer.page.bytes.set(data!.subarray(2), data![0] + data![1] * 256)
      buffer.page.lsn = record.end
      pool.markDirty(buffer)
    }
    if (buffer) pool.unpin(buffer)
  }
  redoPages.check(me)
  return pool
}

/** What stands in each place, by the log from its beginning. */
function expectedOf(log: readonly WalRecord[], values: ReadonlyMap<number, readonly [number, number]>): number[][] {
  const pages = Array.from({ length: blocks }, () => Array<number>(41).fill(0))
  for (const { xid } of log) {
    const [block, at] = values.get(xid)!
    pages[block][at] = xid
  }
  return pages
}

test('redo from the last checkpoint makes every page what the log says', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(step, { maxLength: 80 }), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 0, max: 20_000_000 }),
      fc.integer(),
      (backends, cutAfter, seed) => {
        const machine = new Machine({ seed, settings: { shared_buffers: '128kB' } })
        const values = new Map<number, readonly [number, number]>()
        let lastRedo = walStart
        const { wal, pool } = machine.run(function* (me) {
          const wal = yield* machine.freshWal(me)
          const pool = new BufferPool(machine.environment, wal, machine.requests)
          machine.environment.data.install('base/5/16384', new Uint8Array(blocks * 8192))
          return { wal, pool }
        })
        for (const steps of backends) {
          machine.start(function* (me) {
            for (const each of steps) {
              if (each === 'flush') yield* wal.flush(me, wal.endLsn)
              else {
                const value = values.size + 1
                values.set(value, [each.block, each.at])
                yield* change(me, wal, pool, each.block, each.at, value)
              }
              yield* me.sleep(30_000, 'Test')
            }
          })
        }
        machine.start(function* (me) {
          for (;;) {
            yield* me.sleep(500_000, 'Test')
            lastRedo = yield* checkpoint(me, machine, wal, pool)
          }
        })
        machine.kernel.run(machine.kernel.now + cutAfter)
        machine.powerCut()
        machine.run(function* (me) {
          const expected = expectedOf(yield* records(me, machine, walStart), values)
          const pool = yield* redo(me, machine, lastRedo)
          for (let block = 0; block < blocks; block++) {
            const buffer = pool.tryPin(me, table, 0, block) ?? (yield* pool.pin(me, table, 0, block))
            const found = expected[block].map((_, at) => buffer.page.view.getUint32(placeOf(at), true))
            expect({ block, found }).toEqual({ block, found: expected[block] })
            pool.unpin(buffer)
          }
        })
      },
    ),
    { numRuns: 60 },
  )
})
