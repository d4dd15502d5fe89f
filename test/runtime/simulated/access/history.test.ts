// Random histories against a model of what each snapshot must see; and a crash with redo afterwards, which must bring
// back exactly what had committed.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Relation } from '../../../../src/runtime/simulated/access/relation.ts'
import type { Datum } from '../../../../src/runtime/simulated/access/tuple-descriptor.ts'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import { descriptorOf, int4, type Session, SmallServer, text } from './small-server.ts'

type Row = [number, number, string]

/** What a step does; `key` from 0 to 7. */
interface Step {
  readonly kind: 'insert' | 'update' | 'update key' | 'delete' | 'savepoint' | 'rollback to' | 'look'
  readonly key: number
  readonly value: number
}

interface History {
  readonly isolation: 'read committed' | 'repeatable read'
  readonly commits: boolean
  readonly steps: readonly Step[]
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('insert', 'update', 'update', 'update key', 'delete', 'savepoint', 'rollback to', 'look'),
  key: fc.integer({ min: 0, max: 7 }),
  value: fc.integer({ min: 0, max: 999 }),
})

const history: fc.Arbitrary<History> = fc.record({
  isolation: fc.constantFrom('read committed', 'repeatable read'),
  commits: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
})

function sorted(rows: readonly (readonly Datum[])[]): readonly (readonly Datum[])[] {
  return [...rows].sort((a, b) => (a[0] as number) - (b[0] as number))
}

function newTable(server: SmallServer): Relation {
  return server.table('t', descriptorOf(int4, int4, text), [[0]])
}

/** Long enough that pages fill up, and updates are cold as well as hot. */
function padding(value: number): string {
  return 'x'.repeat(200 + (value % 7) * 150)
}

/** Runs one step in the session and in the model alike. */
function* play(session: Session, table: Relation, model: Map<number, Row>, { kind, key, value }: Step): Coroutine {
  if (kind === 'insert' && !model.has(key)) {
    model.set(key, [key, value, padding(value)])
    yield* session.insert(table, [key, value, padding(value)])
  } else if (kind === 'update') {
    if (model.has(key)) model.set(key, [key, value, padding(value)])
    yield* session.update(table, key, () => [key, value, padding(value)])
  } else if (kind === 'update key' && !model.has(key + 100)) {
    const row = model.get(key)
    model.delete(key)
    if (row) model.set(key + 100, [key + 100, row[1], row[2]])
    yield* session.update(table, key, old => [key + 100, old[1], old[2]])
  } else if (kind === 'delete') {
    model.delete(key)
    yield* session.delete(table, key)
  }
}

/** One transaction after the other: what is seen in it, and what is left of it. */
function* playAlone(session: Session, table: Relation, committed: Map<number, Row>, history: History): Coroutine {
  const model = new Map(committed)
  const savepoints: Map<number, Row>[] = []
  yield* session.begin(history.isolation === 'repeatable read' ? 'repeatable read' : undefined)
  for (const step of history.steps) {
    if (step.kind === 'savepoint') {
      savepoints.push(new Map(model))
      yield* session.savepoint('s')
    } else if (step.kind === 'rollback to' && savepoints.length > 0) {
      const before = savepoints[savepoints.length - 1]
      model.clear()
      for (const [key, row] of before) model.set(key, row)
      yield* session.rollbackTo('s')
    } else yield* play(session, table, model, step)
    expect(sorted(yield* session.select(table))).toEqual(sorted([...model.values()]))
  }
  if (!history.commits) return yield* session.rollback()
  yield* session.commit()
  committed.clear()
  for (const [key, row] of model) committed.set(key, row)
}

function* checkByIndex(session: Session, table: Relation, model: ReadonlyMap<number, Row>): Coroutine {
  for (let key = 0; key < 8; key++) {
    for (const each of [key, key + 100]) {
      expect((yield* session.lookup(table, each))?.row).toEqual(model.get(each))
    }
  }
}

describe('a history of one session', () => {
  test('is as the model says, and so again after a crash and redo', () => {
    fc.assert(
      fc.property(fc.array(history, { minLength: 1, maxLength: 8 }), fc.boolean(), (histories, vacuums) => {
        const server = new SmallServer()
        const table = newTable(server)
        const committed = new Map<number, Row>()
        for (const each of histories) {
          server.run(session => playAlone(session, table, committed, each))
          if (vacuums) server.run(session => session.vacuum(table, 'on'))
        }
        server.run(session => checkByIndex(session, table, committed))
        server.crash()
        server.run(function* (session) {
          expect(sorted(yield* session.select(table))).toEqual(sorted([...committed.values()]))
          yield* checkByIndex(session, table, committed)
        })
      }),
      { numRuns: 60, seed: 1 },
    )
  })
})

describe('transfers of many sessions', () => {
  /** Sums of what a repeatable read transaction sees are the same at every look, and always the same total. */
  test('keep the sum in every snapshot, and after a crash', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), seed => {
        const server = new SmallServer({ seed })
        const table = newTable(server)
        const random = server.machine.kernel.random.fork()
        server.run(function* (session) {
          for (let key = 0; key < 8; key++) yield* session.insert(table, [key, 100, padding(key)])
        })
        const handles = [1, 2, 3, 4].map(() =>
          server.start(function* (session) {
            for (let round = 0; round < 6; round++) {
              yield* session.begin()
              const [from, to] = twoOf(random.integer(0, 7), random.integer(0, 6))
              yield* session.update(table, from, row => [row[0], (row[1] as number) - 10, padding(round)])
              yield* session.me.sleep(random.integer(0, 3_000_000), 'test')
              yield* session.update(table, to, row => [row[0], (row[1] as number) + 10, row[2]])
              yield* random.integer(0, 3) === 0 ? session.rollback() : session.commit()
            }
          }),
        )
        const looker = server.start(function* (session) {
          for (let round = 0; round < 10; round++) {
            yield* session.begin('repeatable read')
            const first = yield* session.select(table)
            expect(sum(first)).toBe(800)
            yield* session.me.sleep(2_000_000, 'test')
            expect(yield* session.select(table)).toEqual(first)
            yield* session.commit()
          }
        })
        server.pass(100_000)
        // A deadlock ends a session with an error; nothing else may.
        for (const handle of handles) expect([handle.done, handle.error?.sqlstate ?? '40P01']).toEqual([true, '40P01'])
        expect([looker.done, looker.error]).toEqual([true, undefined])
        const before = server.run(session => session.select(table))
        expect(sum(before)).toBe(800)
        server.crash()
        expect(sorted(server.run(session => session.select(table)))).toEqual(sorted(before))
      }),
      { numRuns: 25, seed: 2 },
    )
  })
})

function twoOf(first: number, other: number): [number, number] {
  return [first, other < first ? other : other + 1]
}

function sum(rows: readonly (readonly Datum[])[]): number {
  return rows.reduce((total, row) => total + (row[1] as number), 0)
}
