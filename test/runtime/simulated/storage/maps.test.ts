import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import { BufferPool } from '../../../../src/runtime/simulated/storage/buffer-pool.ts'
import { FreeSpaceMap } from '../../../../src/runtime/simulated/storage/free-space-map.ts'
import {
  heapBlocksPerMapPage,
  VisibilityMap,
  visibility,
} from '../../../../src/runtime/simulated/storage/visibility-map.ts'
import { Machine } from '../wal/machine.ts'

const table = { tablespace: 1663, database: 5, relation: 16384 }

function* start(me: Process, machine: Machine, blocks: number): Coroutine<BufferPool> {
  const pool = new BufferPool(machine.environment, yield* machine.freshWal(me), machine.requests)
  machine.environment.data.create('base/5/16384')
  machine.environment.data.resize('base/5/16384', blocks * 8192)
  return pool
}

describe('the free space map', () => {
  test('is three pages of a small table, and finds what it was told', () => {
    const machine = new Machine()
    machine.run(function* (me) {
      const pool = yield* start(me, machine, 10)
      const map = new FreeSpaceMap(pool)
      expect(yield* map.find(me, table, 100)).toBeUndefined()
      expect(machine.environment.data.exists('base/5/16384_fsm')).toBe(false)
      yield* map.record(me, table, 3, 1000)
      expect(machine.environment.data.sizeOf('base/5/16384_fsm')).toBe(24_576)
      // The pages above don't know it yet.
      expect(yield* map.find(me, table, 100)).toBeUndefined()
      yield* map.vacuum(me, table)
      expect(yield* map.find(me, table, 992)).toBe(3)
      expect(yield* map.find(me, table, 993)).toBeUndefined()
      expect(yield* map.available(me, table, 3)).toBe(992)
      expect(yield* map.recordAndFind(me, table, 3, 0, 100)).toBeUndefined()
    })
  })

  test('never promises what is not there, and finds it if it is', () => {
    const blocks = 9000
    const step = fc.record({
      block: fc.oneof(fc.nat(20), fc.nat(blocks - 1)),
      available: fc.integer({ min: 0, max: 8160 }),
      needed: fc.integer({ min: 1, max: 8160 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const machine = new Machine()
        machine.run(function* (me) {
          const pool = yield* start(me, machine, blocks)
          const map = new FreeSpaceMap(pool)
          const model = new Map<number, number>()
          for (const { block, available, needed } of steps) {
            model.set(block, Math.floor(available / 32))
            const found = yield* map.recordAndFind(me, table, block, available, needed)
            if (found !== undefined) expect(model.get(found)).toBeGreaterThanOrEqual(Math.ceil(needed / 32))
          }
          yield* map.vacuum(me, table)
          for (const { needed } of steps) {
            const category = Math.min(255, Math.ceil(needed / 32))
            const exists = [...model.values()].some(value => value >= category)
            const found = yield* map.find(me, table, needed)
            expect(found !== undefined).toBe(exists)
            if (found !== undefined) expect(model.get(found)).toBeGreaterThanOrEqual(category)
          }
        })
      }),
      { numRuns: 30 },
    )
  })

  test('forgets blocks that are cut off, and those that it was told of too early', () => {
    const machine = new Machine()
    machine.run(function* (me) {
      const pool = yield* start(me, machine, 10)
      const map = new FreeSpaceMap(pool)
      for (const block of [2, 8]) yield* map.record(me, table, block, 100 * block)
      yield* map.record(me, table, 50, 8000)
      yield* map.vacuum(me, table)
      expect(yield* map.find(me, table, 5000)).toBeUndefined()
      expect(yield* map.find(me, table, 700)).toBe(8)
      expect(yield* map.prepareTruncate(me, table, 5)).toBe(3)
      pool.truncate(table, 0, 5)
      yield* map.vacuum(me, table, 5)
      expect(yield* map.find(me, table, 200)).toBeUndefined()
      expect(yield* map.find(me, table, 150)).toBe(2)
    })
  })
})

describe('the visibility map', () => {
  test('keeps two bits a block in a file of one page', () => {
    const { allVisible, allFrozen } = visibility
    const machine = new Machine()
    machine.run(function* (me) {
      const pool = yield* start(me, machine, 10)
      const map = new VisibilityMap(pool)
      expect(yield* map.statusOf(me, table, 4)).toBe(0)
      expect(machine.environment.data.exists('base/5/16384_vm')).toBe(false)
      const buffer = yield* map.pin(me, table, 4)
      expect(machine.environment.data.sizeOf('base/5/16384_vm')).toBe(8192)
      map.set(buffer, 4, allVisible)
      map.set(buffer, 5, allVisible | allFrozen)
      expect([3, 4, 5, 6].map(block => map.status(buffer, block))).toEqual([0, 1, 3, 0])
      expect(yield* map.count(me, table)).toEqual({ allVisible: 2, allFrozen: 1 })
      expect(map.clear(buffer, 5, allFrozen)).toBe(true)
      expect(map.clear(buffer, 5, allFrozen)).toBe(false)
      expect(map.status(buffer, 5)).toBe(1)
      expect(map.clear(buffer, 5, allVisible | allFrozen)).toBe(true)
      expect(map.clear(buffer, 6, allVisible | allFrozen)).toBe(false)
      expect(map.covers(buffer, heapBlocksPerMapPage - 1)).toBe(true)
      expect(map.covers(buffer, heapBlocksPerMapPage)).toBe(false)
      expect(heapBlocksPerMapPage).toBe(32_672)
      expect(yield* map.prepareTruncate(me, table, 4)).toBe(1)
      expect(map.status(buffer, 4)).toBe(0)
    })
  })
})
