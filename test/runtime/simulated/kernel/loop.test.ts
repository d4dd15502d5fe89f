import { describe, expect, test } from 'vitest'
import { Kernel } from '../../../../src/runtime/simulated/kernel/kernel.ts'
import { type Coroutine, Task } from '../../../../src/runtime/simulated/kernel/task.ts'

/** A coroutine that notes through whom its task was woken. */
function* watched(body: Coroutine<string>, resumed: () => void): Coroutine<string> {
  const inner = body[Symbol.iterator]()
  for (let result = inner.next(); ; result = inner.next()) {
    if (result.done) return result.value
    yield
    resumed()
  }
}

function play(makeMain: (task: () => Task) => Coroutine): unknown[] {
  const kernel = new Kernel(1)
  const endings: unknown[] = []
  const task: Task = new Task(
    kernel,
    makeMain(() => task),
    error => endings.push(error ?? 'returned'),
  )
  for (let time = 1; time <= 10; time++) kernel.at(time, () => task.wake())
  kernel.run(20)
  return endings
}

describe('a loop', () => {
  test('is gone on with directly: those around it hear of its end alone, and have what it gave', () => {
    const seen: string[] = []
    let passed = 0
    const endings = play(function* (task) {
      yield
      const given: string = yield* watched(
        (function* (): Coroutine<string> {
          return yield* task().enter(
            (function* (): Coroutine<string> {
              for (let turn = 1; turn <= 3; turn++) {
                seen.push(`turn ${turn}`)
                yield
              }
              return 'done'
            })(),
          )
        })(),
        () => passed++,
      )
      seen.push(given)
      yield
      seen.push('after')
    })
    expect(seen).toEqual(['turn 1', 'turn 2', 'turn 3', 'done', 'after'])
    expect(passed).toBe(1)
    expect(endings).toEqual(['returned'])
  })

  test('throws where it is waited for', () => {
    const seen: string[] = []
    play(function* (task) {
      try {
        yield* task().enter(
          (function* () {
            yield
            throw new Error('out of the loop')
          })(),
        )
      } catch (error) {
        seen.push((error as Error).message)
      }
      yield
      seen.push('goes on')
    })
    expect(seen).toEqual(['out of the loop', 'goes on'])
  })

  test('may stand in another one, and end without a wait', () => {
    const seen: string[] = []
    play(function* (task) {
      yield* task().enter(
        (function* () {
          for (let round = 1; round <= 2; round++) {
            const inner = yield* task().enter(
              (function* () {
                if (round === 2) yield
                return `inner ${round}`
              })(),
            )
            seen.push(inner)
            yield
          }
        })(),
      )
      seen.push('over')
    })
    expect(seen).toEqual(['inner 1', 'inner 2', 'over'])
  })
})
