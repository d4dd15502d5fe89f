import { describe, expect, test } from 'vitest'
import { Kernel } from '../../../../src/runtime/simulated/kernel/kernel.ts'
import { Task } from '../../../../src/runtime/simulated/kernel/task.ts'

describe('the kernel', () => {
  test('takes what is due by time, then in the order in which it came', () => {
    const kernel = new Kernel(1)
    const seen: string[] = []
    for (const [time, name] of [
      [20, 'late'],
      [10, 'first'],
      [10, 'second'],
      [10, 'third'],
    ] as const) {
      kernel.at(time, () => seen.push(`${name} at ${kernel.now}`))
    }
    kernel.run(100)
    expect(seen).toEqual(['first at 10', 'second at 10', 'third at 10', 'late at 20'])
    expect(kernel.now).toBe(100)
  })

  test('a time that has passed is now', () => {
    const kernel = new Kernel(1)
    const seen: number[] = []
    kernel.at(50, () => kernel.at(10, () => seen.push(kernel.now)))
    kernel.run(100)
    expect(seen).toEqual([50])
  })

  test('an entry hands over to what is next anyway at once, and to anything else in its turn', () => {
    const kernel = new Kernel(1)
    const seen: string[] = []
    const target = (name: string) => ({ due: (token: number) => seen.push(`${name} ${token} in step ${kernel.steps}`) })
    kernel.at(10, () => kernel.handOver(target('alone'), 1))
    kernel.at(20, () => {
      kernel.at(20, () => seen.push('made due before'))
      kernel.handOver(target('behind it'), 2)
    })
    kernel.at(30, () => kernel.handOver(target('behind the other'), 3))
    kernel.at(30, () => seen.push('other'))
    kernel.run(100)
    expect(seen).toEqual([
      'alone 1 in step 1',
      'made due before',
      'behind it 2 in step 4',
      'other',
      'behind the other 3 in step 7',
    ])
  })

  test('what becomes due at this instant comes after what was due at it before, in its order', () => {
    const kernel = new Kernel(1)
    const seen: string[] = []
    const note = (name: string) => () => seen.push(name)
    kernel.at(10, () => {
      for (let count = 0; count < 20; count++) kernel.at(10, note(`new ${count}`))
    })
    kernel.at(10, note('old'))
    kernel.at(11, note('later'))
    kernel.run(100)
    expect(seen).toEqual(['old', ...Array.from({ length: 20 }, (_, count) => `new ${count}`), 'later'])
  })

  test('lets no time pass while something is due at this instant', () => {
    const kernel = new Kernel(1)
    kernel.at(0, () => {})
    expect(kernel.nextDueAt()).toBe(0)
    expect(kernel.tryAdvance(1)).toBe(false)
    expect(kernel.step()).toBe(true)
    expect(kernel.step()).toBe(false)
    expect(kernel.tryAdvance(1)).toBe(true)
  })

  test('lets time pass without an event only if nothing is due meanwhile', () => {
    const kernel = new Kernel(1)
    kernel.at(100, () => {})
    expect(kernel.tryAdvance(99)).toBe(true)
    expect(kernel.now).toBe(99)
    expect(kernel.tryAdvance(1)).toBe(false)
    expect(kernel.now).toBe(99)
  })

  test('a cancelled timer is silent', () => {
    const kernel = new Kernel(1)
    let rang = false
    kernel
      .at(10, () => {
        rang = true
      })
      .cancel()
    kernel.run(20)
    expect(rang).toBe(false)
  })
})

describe('a task', () => {
  test('goes on at the first of several wakeups; the others are stale', () => {
    const kernel = new Kernel(1)
    const seen: number[] = []
    const task: Task = new Task(
      kernel,
      (function* () {
        for (let i = 0; i < 3; i++) {
          seen.push(kernel.now)
          yield
        }
      })(),
      () => {},
    )
    task.wake()
    kernel.at(5, () => {
      task.wakeAt(30)
      task.wakeAt(10)
      task.wakeAt(20)
    })
    kernel.run(100)
    expect(seen).toEqual([0, 10])
  })

  test('has the place among others that its timeout had when it began to wait', () => {
    const kernel = new Kernel(1)
    const seen: string[] = []
    const task: Task = new Task(
      kernel,
      (function* () {
        for (;;) {
          seen.push(`task at ${kernel.now}`)
          yield
        }
      })(),
      () => {},
    )
    task.wake()
    kernel.at(1, () => task.wakeAtLatest(20))
    kernel.at(2, () => task.wake())
    kernel.at(3, () => {
      kernel.at(30, () => seen.push('before'))
      task.wakeAtLatest(30)
      kernel.at(30, () => seen.push('after'))
    })
    kernel.run(100)
    // What is left of the first wait is stale, and still an entry of its own.
    expect(seen).toEqual(['task at 0', 'task at 2', 'before', 'task at 30', 'after'])
    expect(kernel.steps).toBe(9)
  })

  test('keeps timeouts that end in the order in which they began, and any other ones too', () => {
    const kernel = new Kernel(1)
    const seen: number[] = []
    function* waiter() {
      for (let round = 0; ; round++) {
        seen.push(kernel.now)
        task.wakeAtLatest(kernel.now + (round % 3 === 2 ? 5 : 1000 + round))
        yield
      }
    }
    const task: Task = new Task(kernel, waiter(), () => {})
    task.wake()
    for (let time = 1; time <= 5; time++) kernel.at(time, () => task.wake())
    kernel.run(10)
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 10])
    kernel.run(1006)
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 10])
    kernel.run(1016)
    expect(seen.slice(7)).toEqual([1016])
  })

  test('that is dropped does not run its finally', () => {
    const kernel = new Kernel(1)
    let cleaned = false
    const task = new Task(
      kernel,
      (function* () {
        try {
          yield
        } finally {
          cleaned = true
        }
      })(),
      () => {},
    )
    task.wake()
    kernel.run(1)
    task.drop()
    task.wake()
    kernel.run(2)
    expect(cleaned).toBe(false)
    expect(task.alive).toBe(false)
  })

  test('that is suspended remembers that it was woken', () => {
    const kernel = new Kernel(1)
    const seen: number[] = []
    const task = new Task(
      kernel,
      (function* () {
        yield
        seen.push(kernel.now)
      })(),
      () => {},
    )
    task.wake()
    kernel.run(1)
    task.suspend()
    task.wakeAt(5)
    kernel.run(10)
    expect(seen).toEqual([])
    task.resume()
    kernel.run(20)
    expect(seen).toEqual([10])
  })

  test('hands on the error that it threw', () => {
    const kernel = new Kernel(1)
    let thrown: unknown
    const task = new Task(
      kernel,
      (function* () {
        throw new Error('a bug')
      })(),
      error => {
        thrown = error
      },
    )
    task.wake()
    kernel.run(1)
    expect(String(thrown)).toBe('Error: a bug')
  })
})

test('chance comes from the seed alone', () => {
  const draw = (seed: number) => {
    const random = new Kernel(seed).random
    return [random.integer(1, 1_000_000), random.fraction(), random.fork().integer(1, 6)]
  }
  expect(draw(42)).toEqual(draw(42))
  expect(draw(42)).not.toEqual(draw(43))
})
