// What a crash leaves of the WAL: all that was flushed, perhaps more, never a record that was not written like that.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import { getLsn } from '../../../../src/runtime/simulated/wal/page-header.ts'
import { WalReader } from '../../../../src/runtime/simulated/wal/reader.ts'
import { xlogInfo } from '../../../../src/runtime/simulated/wal/record.ts'
import { resourceManagers } from '../../../../src/runtime/simulated/wal/resource-managers.ts'
import type { Wal } from '../../../../src/runtime/simulated/wal/wal.ts'
import { Machine, systemIdentifier, walStart } from './machine.ts'
import { SegmentsSource } from './segments-source.ts'

type Step = { readonly insert: number } | 'flush' | 'background' | { readonly wait: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ insert: fc.integer({ min: 0, max: 400 }) }) },
  { weight: 2, arbitrary: fc.record({ insert: fc.integer({ min: 0, max: 30_000 }) }) },
  { weight: 2, arbitrary: fc.constant('flush' as const) },
  { weight: 1, arbitrary: fc.constant('background' as const) },
  { weight: 1, arbitrary: fc.record({ wait: fc.integer({ min: 0, max: 300_000 }) }) },
)

/** The messages with which a log may end where it was cut off. */
const endings =
  /^(invalid record length at|invalid magic number|invalid resource manager ID|incorrect resource manager data checksum|there is no contrecord flag|invalid contrecord length|record with incorrect prev-link)/

/** Every record carries its number. */
function insert(me: Process, wal: Wal, number: number, size: number): number {
  const record = wal.begin(resourceManagers.transaction, 0, number)
  for (let i = 0; i < size; i++) record.data.u8(number + i)
  return wal.insert(me, record)
}

/** Of the records that a backend inserts, those up to `flushed` are promised. */
class Ledger {
  inserted = 0
  flushed = 0
}

function* work(me: Process, wal: Wal, steps: readonly Step[], ledger: Ledger): Coroutine {
  for (const each of steps) {
    if (each === 'flush') {
      const promised = ledger.inserted
      yield* wal.flush(me, wal.endLsn)
      ledger.flushed = Math.max(ledger.flushed, promised)
    } else if (each === 'background') yield* wal.backgroundFlush(me)
    else if ('wait' in each) yield* me.sleep(each.wait, 'Test')
    else insert(me, wal, ++ledger.inserted, each.insert)
    yield* me.pause()
  }
}

function* readNumbers(me: Process, machine: Machine): Coroutine<{ numbers: number[]; reader: WalReader }> {
  const reader = new WalReader(
    machine.environment.version,
    new SegmentsSource(machine.environment, 1),
    systemIdentifier,
  )
  const numbers: number[] = []
  reader.begin(walStart)
  for (let record = yield* reader.next(me); record; record = yield* reader.next(me)) {
    if (record.resourceManager === resourceManagers.transaction) {
      numbers.push(record.xid)
      expect(record.data.every((byte, i) => byte === ((record.xid + i) & 255))).toBe(true)
    } else {
      expect(getLsn(new DataView(record.data.buffer, record.data.byteOffset), 0)).toBe(reader.overwrittenRecord)
    }
  }
  return { numbers, reader }
}

/** What recovery does with the log: goes on where it ends, and marks a record that breaks off as overwritten. */
function* goOn(me: Process, machine: Machine, reader: WalReader): Coroutine<Wal> {
  const wal = machine.newWal()
  const aborted = reader.ending?.aborted
  const end = aborted ? aborted.missing : reader.end
  yield* wal.startInserting(me, {
    timeline: 1,
    end,
    lastRecord: reader.lastRecord,
    redo: walStart,
    overwritesContrecord: aborted !== undefined,
  })
  if (aborted) {
    const record = wal.begin(resourceManagers.xlog, xlogInfo.overwriteContrecord, 0)
    record.data.u64(aborted.record)
    record.data.u64(0)
    wal.insert(me, record)
  }
  return wal
}

describe('after a power cut', () => {
  test('the log is a prefix that has all that was flushed, and can be continued, again and again', () => {
    const life = fc.record({
      backends: fc.array(fc.array(step, { maxLength: 30 }), { minLength: 1, maxLength: 3 }),
      cutAfter: fc.integer({ min: 0, max: 4_000_000 }),
    })
    fc.assert(
      fc.property(fc.array(life, { minLength: 1, maxLength: 3 }), fc.integer(), (lives, seed) => {
        const machine = new Machine({ seed, settings: { wal_buffers: '64kB' } })
        const ledger = new Ledger()
        let wal = machine.run(me => machine.freshWal(me))
        for (const { backends, cutAfter } of lives) {
          for (const steps of backends) machine.start(me => work(me, wal, steps, ledger))
          machine.kernel.run(machine.kernel.now + cutAfter)
          machine.powerCut()
          const { numbers, reader } = machine.run(me => readNumbers(me, machine))
          expect(numbers).toEqual(numbers.map((_, index) => index + 1))
          expect(numbers.length).toBeGreaterThanOrEqual(ledger.flushed)
          expect(numbers.length).toBeLessThanOrEqual(ledger.inserted)
          expect(reader.ending?.message).toMatch(endings)
          ledger.inserted = numbers.length
          ledger.flushed = numbers.length
          wal = machine.run(me => goOn(me, machine, reader))
          machine.run(me => wal.flush(me, wal.endLsn))
        }
      }),
      { numRuns: 150 },
    )
  })

  test('a process that is killed in the midst of anything leaves a log that can be read', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(step, { maxLength: 30 }), { minLength: 2, maxLength: 3 }),
        fc.integer({ min: 0, max: 2_000_000 }),
        (backends, killAfter) => {
          const machine = new Machine({ settings: { wal_buffers: '64kB' } })
          const ledger = new Ledger()
          const wal = machine.run(me => machine.freshWal(me))
          const processes = backends.map(steps => machine.start(me => work(me, wal, steps, ledger)))
          machine.kernel.run(machine.kernel.now + killAfter)
          for (const process of processes) process.signal('KILL')
          const { numbers } = machine.run(me => readNumbers(me, machine))
          expect(numbers).toEqual(numbers.map((_, index) => index + 1))
          expect(numbers.length).toBeGreaterThanOrEqual(ledger.flushed)
        },
      ),
      { numRuns: 100 },
    )
  })
})
