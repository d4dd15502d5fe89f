// What a power cut does to pages, and what redo makes of them.

import { describe, expect, test } from 'vitest'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import { BufferPool } from '../../../../src/runtime/simulated/storage/buffer-pool.ts'
import { FreeSpaceMap } from '../../../../src/runtime/simulated/storage/free-space-map.ts'
import { RedoPages } from '../../../../src/runtime/simulated/storage/redo-pages.ts'
import { RelationStorage } from '../../../../src/runtime/simulated/storage/relation-storage.ts'
import { VisibilityMap } from '../../../../src/runtime/simulated/storage/visibility-map.ts'
import { WalReader } from '../../../../src/runtime/simulated/wal/reader.ts'
import type { WalRecord } from '../../../../src/runtime/simulated/wal/record.ts'
import { registerFlag } from '../../../../src/runtime/simulated/wal/record-builder.ts'
import { resourceManagers } from '../../../../src/runtime/simulated/wal/resource-managers.ts'
import type { Wal } from '../../../../src/runtime/simulated/wal/wal.ts'
import { Machine, walStart } from '../wal/machine.ts'
import { SegmentsSource } from '../wal/segments-source.ts'

const table = { tablespace: 1663, database: 5, relation: 16384 }
const path = 'base/5/16384'

interface Parts {
  readonly wal: Wal
  readonly pool: BufferPool
  readonly redoPages: RedoPages
  readonly storage: RelationStorage
}

function partsOf(machine: Machine, wal: Wal): Parts {
  const pool = new BufferPool(machine.environment, wal, machine.requests)
  const redoPages = new RedoPages(machine.environment, pool)
  const maps = { freeSpaceMap: new FreeSpaceMap(pool), visibilityMap: new VisibilityMap(pool) }
  return { wal, pool, redoPages, storage: new RelationStorage(wal, pool, maps, redoPages) }
}

/** Fills page 0 with a value, and logs that. */
function* fill(me: Process, { pool, wal }: Parts, value: number): Coroutine {
  const buffer = yield* pool.pin(me, table, 0, 0)
  buffer.page.bytes.fill(value, buffer.page.upper)
  const record = wal.begin(resourceManagers.heap, 0, 731)
  record.block(0, buffer, registerFlag.standard).u8(value)
  buffer.page.lsn = wal.insert(me, record)
  pool.markDirty(buffer)
  pool.unpin(buffer)
}

function* records(me: Process, machine: Machine, from: number): Coroutine<WalRecord[]> {
  const reader = new WalReader(15, new SegmentsSource(machine.environment, 1))
  reader.begin(from)
  const all: WalRecord[] = []
  for (let record = yield* reader.next(me); record; record = yield* reader.next(me)) all.push(record)
  return all
}

/** Replays from `from` on what `fill` and the storage logged, on a server that has just started. */
function* replay(me: Process, machine: Machine, from: number): Coroutine<Parts & { readonly actions: string[] }> {
  const parts = partsOf(machine, machine.newWal())
  const actions: string[] = []
  for (const record of yield* records(me, machine, from)) {
    if (record.resourceManager === resourceManagers.storage) {
      yield* parts.storage.redo(me, record)
      continue
    }
    const { action, buffer } = yield* parts.redoPages.read(me, record, 0)
    actions.push(action)
    if (!buffer) continue
    if (action === 'needs redo') {
      buffer.page.bytes.fill(record.blocks[0].data![0], buffer.page.upper)
      buffer.page.lsn = record.end
      parts.pool.markDirty(buffer)
    }
    parts.pool.unpin(buffer)
  }
  return { ...parts, actions }
}

function* makeTable(me: Process, parts: Parts): Coroutine {
  parts.storage.create(me, table, 731)
  const buffer = yield* parts.pool.extend(me, table, 0)
  buffer.page.initialize()
  buffer.page.upper = 1000
  parts.pool.markDirty(buffer)
  parts.pool.unpin(buffer)
}

function* writeAll(me: Process, { pool }: Parts): Coroutine {
  for (const buffer of pool.beginCheckpoint()) yield* pool.writeForCheckpoint(me, buffer)
}

/** The power goes while a checkpoint's page is on its way to the platter; then recovery. Gives the page's values. */
function valuesAfterTearing(fullPageWrites: boolean, seed: number): { values: number[]; actions: string[] } {
  const machine = new Machine({ seed, settings: { full_page_writes: fullPageWrites ? 'on' : 'off' } })
  const redo = machine.run(function* (me) {
    const parts = partsOf(machine, yield* machine.freshWal(me))
    yield* makeTable(me, parts)
    yield* fill(me, parts, 1)
    yield* writeAll(me, parts)
    yield* machine.environment.data.fsync(me, path, 'DataFileSync')
    parts.wal.redoLsn = parts.wal.insertLsn
    yield* fill(me, parts, 2)
    yield* fill(me, parts, 3)
    yield* writeAll(me, parts)
    return parts.wal.redoLsn
  })
  machine.start(me => machine.environment.data.fsync(me, path, 'DataFileSync'))
  machine.kernel.run(machine.kernel.now + 100_000)
  machine.powerCut()
  return machine.run(function* (me) {
    const { pool, actions } = yield* replay(me, machine, redo)
    const buffer = yield* pool.pin(me, table, 0, 0)
    return { values: [...new Set(buffer.page.bytes.subarray(1000))].sort(), actions }
  })
}

describe('a page that a power cut tears', () => {
  const seeds = Array.from({ length: 30 }, (_, seed) => seed)

  test('is made whole by its image in the WAL', () => {
    for (const seed of seeds) {
      expect(valuesAfterTearing(true, seed)).toEqual({ values: [3], actions: ['restored', 'needs redo'] })
    }
  })

  test('stays torn without full_page_writes, if the sector with the LSN has arrived', () => {
    const outcomes = seeds.map(seed => valuesAfterTearing(false, seed))
    for (const { values, actions } of outcomes) {
      if (actions[0] === 'needs redo') expect(values).toEqual([3])
      else expect({ values, actions }).toEqual({ values: [1, 3], actions: ['done', 'done'] })
    }
    expect(new Set(outcomes.map(each => each.actions[0]))).toEqual(new Set(['needs redo', 'done']))
  })
})

/** The page was changed twice and the WAL flushed, and then the power went. */
function machineAfterTwoChanges(): Machine {
  const machine = new Machine()
  machine.run(function* (me) {
    const parts = partsOf(machine, yield* machine.freshWal(me))
    parts.wal.redoLsn = walStart
    yield* makeTable(me, parts)
    yield* fill(me, parts, 1)
    yield* fill(me, parts, 2)
    yield* parts.wal.flush(me, parts.wal.endLsn)
  })
  machine.powerCut()
  return machine
}

describe('redo', () => {
  test('makes the file and the pages that a crash has lost', () => {
    const machine = machineAfterTwoChanges()
    machine.environment.data.remove(path)
    machine.run(function* (me) {
      const { pool, actions } = yield* replay(me, machine, walStart)
      expect(actions).toEqual(['restored', 'needs redo'])
      expect((yield* pool.pin(me, table, 0, 0)).page.bytes[8000]).toBe(2)
    })
  })

  test('is changed without waiting if it is in memory, and its image is put in place by one who waits', () => {
    const machine = machineAfterTwoChanges()
    machine.run(function* (me) {
      const [, image, change] = yield* records(me, machine, walStart)
      const { redoPages, pool } = partsOf(machine, machine.newWal())
      expect(redoPages.tryRead(me, image, 0)).toBeUndefined()
      expect(redoPages.tryRead(me, change, 0)).toBeUndefined()
      const { buffer } = yield* redoPages.read(me, image, 0)
      expect(redoPages.tryRead(me, image, 0)).toBeUndefined()
      expect(redoPages.tryRead(me, change, 0)).toEqual({ action: 'needs redo', buffer })
      expect(buffer?.pins).toBe(2)
      buffer!.page.lsn = change.end
      expect(redoPages.tryRead(me, change, 0)?.action).toBe('done')
      for (let pins = 3; pins > 0; pins--) pool.unpin(buffer!)
    })
  })

  test('a page that is missing must be cut off or dropped later in the WAL', () => {
    const machine = new Machine({ settings: { full_page_writes: 'off' } })
    const cutAt = machine.run(function* (me) {
      const parts = partsOf(machine, yield* machine.freshWal(me))
      yield* makeTable(me, parts)
      yield* fill(me, parts, 1)
      const cutAt = parts.wal.insertLsn
      yield* parts.storage.truncate(me, table, 0, 731)
      expect(machine.environment.data.sizeOf(path)).toBe(0)
      return cutAt
    })
    machine.powerCut()
    machine.run(function* (me) {
      const all = yield* records(me, machine, walStart)
      expect(all.map(each => [each.resourceManager, each.length, each.start === cutAt])).toEqual([
        [resourceManagers.storage, 42, false],
        [resourceManagers.heap, 45, false],
        [resourceManagers.storage, 46, true],
      ])
      const { redoPages, actions } = yield* replay(me, machine, walStart)
      expect(actions).toEqual(['not found'])
      redoPages.check(me)

      const parts = partsOf(machine, machine.newWal())
      expect((yield* parts.redoPages.read(me, all[1], 0)).action).toBe('not found')
      expect(() => parts.redoPages.check(me)).toThrow(
        expect.objectContaining({ level: 'PANIC', message: 'WAL contains references to invalid pages' }),
      )
      expect(machine.events.filter(each => each.kind === 'log.line')).toMatchObject([
        { level: 'WARNING', message: 'page 0 of relation base/5/16384 does not exist' },
      ])
      parts.redoPages.forget(table, 0)
      parts.redoPages.check(me)
    })
  })
})
