import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import type { Buffer } from '../../../../src/runtime/simulated/storage/buffer.ts'
import { BufferPool } from '../../../../src/runtime/simulated/storage/buffer-pool.ts'
import { forks, type RelationLocator } from '../../../../src/runtime/simulated/wal/record.ts'
import { registerFlag } from '../../../../src/runtime/simulated/wal/record-builder.ts'
import { resourceManagers } from '../../../../src/runtime/simulated/wal/resource-managers.ts'
import type { Wal } from '../../../../src/runtime/simulated/wal/wal.ts'
import { Machine, type MachineOptions } from '../wal/machine.ts'

const table: RelationLocator = { tablespace: 1663, database: 5, relation: 16384 }
const other: RelationLocator = { tablespace: 1663, database: 5, relation: 16385 }

function* start(me: Process, machine: Machine): Coroutine<{ wal: Wal; pool: BufferPool }> {
  const wal = yield* machine.freshWal(me)
  const pool = new BufferPool(machine.environment, wal, machine.requests)
  for (const locator of [table, other]) pool.files.create(pool.files.path(locator, forks.main))
  return { wal, pool }
}

function* newPage(me: Process, pool: BufferPool, wal: Wal, locator = table, value = 0): Coroutine<number> {
  const buffer = yield* pool.extend(me, locator, forks.main)
  buffer.page.initialize()
  change(me, pool, wal, buffer, value)
  pool.unpin(buffer)
  return buffer.block
}

/** Writes a value into the page, with WAL. */
function change(me: Process, pool: BufferPool, wal: Wal, buffer: Buffer, value: number): void {
  buffer.page.view.setUint32(8000, value, true)
  pool.markDirty(buffer)
  const record = wal.begin(resourceManagers.heap, 0, 731)
  record.block(0, buffer, registerFlag.standard).u32(value)
  buffer.page.lsn = wal.insert(me, record)
}

function valueIn(buffer: Buffer): number {
  return buffer.page.view.getUint32(8000, true)
}

/** What a test would find wrong: a page on the volume whose WAL is not on the platter. */
function pagesAheadOfWal(machine: Machine, wal: Wal): string[] {
  const wrong: string[] = []
  const { data } = machine.environment
  for (const path of data.list('base/')) {
    const bytes = data.peek(path)
    const view = new DataView(bytes.buffer)
    for (let at = 0; at < bytes.length; at += 8192) {
      const lsn = view.getUint32(at, true) * 0x1_0000_0000 + view.getUint32(at + 4, true)
      if (lsn > wal.flushedLsn) wrong.push(`${path} ${at / 8192}`)
    }
  }
  return wrong
}

const small: MachineOptions = { settings: { shared_buffers: '128kB' } }

describe('pins', () => {
  test('a page that is here is had at once; one from the page cache too; one on the disk is waited for', () => {
    const machine = new Machine()
    const bytes = new Uint8Array(8192 * 2)
    machine.run(function* (me) {
      const { pool } = yield* start(me, machine)
      machine.environment.data.install('base/5/16384', bytes)
      expect(pool.tryPin(me, table, forks.main, 0)).toBeDefined()
      expect(pool.tryPin(me, table, forks.main, 0)?.pins).toBe(2)
      expect(pool.usageOf(5)).toEqual({ hits: 1, reads: 1 })
    })
    machine.powerCut()
    machine.run(function* (me) {
      const { pool } = yield* start(me, machine)
      machine.environment.data.install('base/5/16384', bytes)
      machine.host.volumes[0].losePageCache('power')
      expect(pool.tryPin(me, table, forks.main, 1)).toBeUndefined()
      const before = machine.kernel.now
      const buffer = yield* pool.pin(me, table, forks.main, 1)
      expect([buffer.block, buffer.pins]).toEqual([1, 1])
      expect(machine.kernel.now - before).toBeGreaterThan(80_000)
    })
  })

  test('two who want the same page share one read', () => {
    const machine = new Machine()
    machine.run(function* (me) {
      const { pool } = yield* start(me, machine)
      machine.environment.data.install('base/5/16384', new Uint8Array(8192))
      machine.host.volumes[0].losePageCache('power')
      const got: Buffer[] = []
      for (let i = 0; i < 3; i++) {
        machine.start(function* (backend) {
          got.push(yield* pool.pin(backend, table, forks.main, 0))
        })
      }
      yield* me.sleep(1_000_000, 'Test')
      expect(got.length).toBe(3)
      expect(new Set(got).size).toBe(1)
      expect(got[0].pins).toBe(3)
      expect(pool.usageOf(5)).toEqual({ hits: 2, reads: 1 })
    })
  })

  test('a pinned page stays; when all are pinned there is an error', () => {
    const machine = new Machine(small)
    const error = machine.run(function* (me) {
      const { pool } = yield* start(me, machine)
      try {
        for (;;) yield* pool.extend(me, table, forks.main)
      } catch (error) {
        return { error, pages: pool.blockCount(table, forks.main) }
      }
    })
    expect(error).toMatchObject({ error: { sqlstate: 'XX000', message: 'no unpinned buffers available' }, pages: 16 })
  })

  test('a page beyond the end, and a damaged one, are errors', () => {
    const machine = new Machine()
    const messages = machine.run(function* (me) {
      const { pool } = yield* start(me, machine)
      const page = new Uint8Array(8192)
      page[14] = 0xff
      page[15] = 0xff
      machine.environment.data.install('base/5/16384', page)
      const caught: unknown[] = []
      for (const block of [1, 0]) {
        try {
          yield* pool.pin(me, table, forks.main, block)
        } catch (error) {
          caught.push((error as { message: string }).message)
        }
      }
      return caught
    })
    expect(messages).toEqual([
      'could not read block 1 in file "base/5/16384": read only 0 of 8192 bytes',
      'invalid page in block 0 of relation base/5/16384',
    ])
  })

  test('a full volume is an error, and the frame is not lost', () => {
    const machine = new Machine({ ...small, size: 17 * 1024 * 1024 })
    machine.run(function* (me) {
      const { pool } = yield* start(me, machine)
      machine.environment.data.create('ballast')
      machine.environment.data.resize('ballast', 17 * 1024 * 1024 - 3 * 8192)
      for (let i = 0; i < 40; i++) {
        try {
          pool.unpin(yield* pool.extend(me, table, forks.main))
          expect(i).toBeLessThan(3)
        } catch (error) {
          expect(error).toMatchObject({
            sqlstate: '53100',
            message: 'could not extend file "base/5/16384": No space left on device',
            hint: 'Check free disk space.',
          })
        }
      }
      expect(pool.blockCount(table, forks.main)).toBe(3)
    })
  })
})

describe('WAL before data', () => {
  test('evicting a page flushes its WAL first', () => {
    const machine = new Machine(small)
    machine.run(function* (me) {
      const { wal, pool } = yield* start(me, machine)
      for (let i = 0; i < 100; i++) yield* newPage(me, pool, wal)
      expect(pagesAheadOfWal(machine, wal)).toEqual([])
      expect(pool.counts.writtenByBackends).toBe(84)
      for (let i = 0; i < 100; i++) {
        const buffer = pool.tryPin(me, table, forks.main, i) ?? (yield* pool.pin(me, table, forks.main, i))
        pool.unpin(buffer)
      }
      // Read in order, they pass through.
      expect(pool.counts.reads).toBe(100)
    })
  })

  test('pages have what was written last, whoever evicts them, and never run ahead of the WAL', () => {
    const access = fc.record({ relation: fc.boolean(), block: fc.nat(39), write: fc.boolean() })
    fc.assert(
      fc.property(
        fc.array(fc.array(access, { maxLength: 60 }), { minLength: 1, maxLength: 4 }),
        fc.integer(),
        (backends, seed) => {
          const machine = new Machine({ ...small, seed })
          const values = new Map<string, number>()
          let clock = 0
          const { wal, pool } = machine.run(function* (me) {
            const made = yield* start(me, machine)
            for (let i = 0; i < 40; i++) {
              for (const locator of [table, other]) yield* newPage(me, made.pool, made.wal, locator)
            }
            return made
          })
          for (const steps of backends) {
            machine.start(function* (me) {
              for (const { relation, block, write } of steps) {
                const locator = relation ? table : other
                const buffer =
                  pool.tryPin(me, locator, forks.main, block) ?? (yield* pool.pin(me, locator, forks.main, block))
                const key = `${locator.relation} ${block}`
                expect(valueIn(buffer)).toBe(values.get(key) ?? 0)
                if (write) {
                  values.set(key, ++clock)
                  change(me, pool, wal, buffer, clock)
                }
                if (block % 3 === 0) yield* me.sleep(1000 * block, 'Test')
                expect(valueIn(buffer)).toBe(values.get(key) ?? 0)
                pool.unpin(buffer)
                yield* me.pause()
              }
            })
          }
          for (let until = machine.kernel.now; machine.host.processes.size > 0; until += 200_000) {
            machine.kernel.run(until)
            expect(pagesAheadOfWal(machine, wal)).toEqual([])
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  test('a checkpoint writes what was dirty when it began, in the order of the files, and nothing twice', () => {
    const machine = new Machine()
    machine.run(function* (me) {
      const { wal, pool } = yield* start(me, machine)
      for (let i = 0; i < 5; i++) {
        yield* newPage(me, pool, wal, other)
        yield* newPage(me, pool, wal, table)
      }
      const buffers = pool.beginCheckpoint()
      expect(buffers.map(each => [each.locator.relation, each.block])).toEqual([
        ...[0, 1, 2, 3, 4].map(block => [16384, block]),
        ...[0, 1, 2, 3, 4].map(block => [16385, block]),
      ])
      let written = 0
      for (const buffer of [...buffers, ...buffers]) if (yield* pool.writeForCheckpoint(me, buffer)) written++
      expect(written).toBe(10)
      expect(pool.beginCheckpoint()).toEqual([])
      expect(machine.requests.fsyncRequests.absorb()).toEqual(['base/5/16385', 'base/5/16384'])
      expect(machine.events.filter(each => each.kind === 'buffer.written').length).toBe(10)
    })
  })

  test('hints need no WAL, unless wal_log_hints says so', () => {
    for (const [setting, images] of [
      ['off', 0],
      ['on', 1],
    ] as const) {
      const machine = new Machine({ settings: { wal_log_hints: setting } })
      machine.run(function* (me) {
        const { wal, pool } = yield* start(me, machine)
        const block = yield* newPage(me, pool, wal)
        for (const buffer of pool.beginCheckpoint()) yield* pool.writeForCheckpoint(me, buffer)
        wal.redoLsn = wal.insertLsn
        const before = wal.usage.records
        const buffer = pool.tryPin(me, table, forks.main, block)!
        pool.markDirtyHint(me, buffer)
        pool.markDirtyHint(me, buffer)
        expect(wal.usage.records - before).toBe(images)
        expect(buffer.dirty).toBe(true)
      })
    }
  })
})

describe('the clock hand', () => {
  test('takes what was used least; what was used often stays', () => {
    const machine = new Machine(small)
    machine.run(function* (me) {
      const { wal, pool } = yield* start(me, machine)
      for (let i = 0; i < 100; i++) yield* newPage(me, pool, wal)
      for (let round = 0; round < 5; round++) {
        pool.unpin(pool.tryPin(me, table, forks.main, 99)!)
      }
      for (let i = 0; i < 30; i++) {
        pool.unpin(pool.tryPin(me, table, forks.main, i) ?? (yield* pool.pin(me, table, forks.main, i)))
      }
      const before = pool.counts.reads
      pool.unpin(pool.tryPin(me, table, forks.main, 99)!)
      expect(pool.counts.reads).toBe(before)
    })
  })

  test('a big scan with a ring leaves the pool to the others', () => {
    const machine = new Machine({ settings: { shared_buffers: '4MB' } })
    machine.run(function* (me) {
      const { pool } = yield* start(me, machine)
      machine.environment.data.install('base/5/16384', new Uint8Array(8192 * 2000))
      machine.environment.data.install('base/5/16385', new Uint8Array(8192 * 300))
      const ring = pool.ring('bulk read')
      for (let block = 0; block < 300; block++) pool.unpin(pool.tryPin(me, other, forks.main, block)!)
      for (let block = 0; block < 2000; block++) pool.unpin(pool.tryPin(me, table, forks.main, block, ring)!)
      const before = pool.counts.reads
      for (let block = 0; block < 300; block++) pool.unpin(pool.tryPin(me, other, forks.main, block)!)
      expect(pool.counts.reads).toBe(before)
    })
  })

  test('the background writer cleans ahead of it, and sleeps deeply when nothing is used', () => {
    const machine = new Machine({ settings: { shared_buffers: '1MB' } })
    machine.run(function* (me) {
      const { wal, pool } = yield* start(me, machine)
      for (let i = 0; i < 400; i++) yield* newPage(me, pool, wal)
      expect(yield* pool.bgwriterRound(me)).toBe(false)
      for (let i = 0; i < 20; i++) yield* newPage(me, pool, wal)
      expect(yield* pool.bgwriterRound(me)).toBe(false)
      expect(pool.counts.writtenByCleaning).toBeGreaterThan(0)
      const written = pool.counts.writtenByBackends
      for (let i = 0; i < 20; i++) yield* newPage(me, pool, wal)
      expect(pool.counts.writtenByBackends).toBe(written)
      let rounds = 0
      while (!(yield* pool.bgwriterRound(me))) if (++rounds > 1000) throw new Error('it never rests')
      pool.wakeOnAllocation(me)
      expect(me.latch.isSet).toBe(false)
      yield* newPage(me, pool, wal)
      expect(me.latch.isSet).toBe(true)
    })
  })
})

describe('relations that go away', () => {
  test('their pages are forgotten without being written', () => {
    const machine = new Machine()
    machine.run(function* (me) {
      const { wal, pool } = yield* start(me, machine)
      for (let i = 0; i < 5; i++) yield* newPage(me, pool, wal, table, i + 1)
      pool.truncate(table, forks.main, 2)
      expect(pool.blockCount(table, forks.main)).toBe(2)
      expect(pool.beginCheckpoint().map(each => each.block)).toEqual([0, 1])
      expect(yield* newPage(me, pool, wal, table, 9)).toBe(2)
      pool.dropRelation(table, false)
      expect(pool.beginCheckpoint()).toEqual([])
      // The name stays taken until the next checkpoint.
      expect(machine.environment.data.sizeOf('base/5/16384')).toBe(0)
      pool.files.unlink(pool.files.takeUnlinks())
      expect(machine.environment.data.exists('base/5/16384')).toBe(false)
    })
  })
})
