import { expect, test } from 'vitest'
import { day, hour, second } from '../../../../src/model/units.ts'
import { ProcArray } from '../../../../src/runtime/simulated/shared/proc-array.ts'
import { Requests } from '../../../../src/runtime/simulated/shared/requests.ts'
import { formatDate, formatTimestamp, formatTimestampTz } from '../../../../src/runtime/simulated/shared/timestamp.ts'
import { Play } from '../processes/play.ts'

test('the wall clock begins with 2025, and what was prepared lies before', () => {
  expect(formatTimestamp(0)).toBe('2025-01-01 00:00:00 UTC')
  expect(formatTimestamp(-hour)).toBe('2024-12-31 23:00:00 UTC')
  expect(formatTimestamp(-1)).toBe('2024-12-31 23:59:59 UTC')
  expect(formatTimestampTz(61.0203 * second)).toBe('2025-01-01 00:01:01.0203+00')
  expect(formatTimestampTz(61 * second)).toBe('2025-01-01 00:01:01+00')
  expect(formatTimestampTz(-0.5 * second)).toBe('2024-12-31 23:59:59.5+00')
  expect([58, 59, 364, 365, 365 + 365 + 365 + 59, -306, -307].map(days => formatDate(days * day))).toEqual([
    '2025-02-28',
    '2025-03-01',
    '2025-12-31',
    '2026-01-01',
    '2028-02-29',
    '2024-03-01',
    '2024-02-29',
  ])
})

test('a checkpoint that is waited for is one that began after the request', () => {
  const play = new Play()
  const { environment } = play.server('n', 17)
  const requests = new Requests()
  const done: number[] = []
  for (const delay of [0, 5]) {
    environment.host.fork('requester', function* (me) {
      yield* me.sleep(delay, 'Test')
      yield* requests.waitForCheckpoint(me, 0)
      done.push(play.kernel.now)
    })
  }
  environment.host.fork('checkpointer', function* (me) {
    for (const _ of [1, 2]) {
      yield* me.sleep(3, 'Test')
      requests.checkpoint.started++
      requests.checkpoint.startCondition.broadcast()
      yield* me.sleep(10, 'Test')
      requests.checkpoint.done = requests.checkpoint.started
      requests.checkpoint.doneCondition.broadcast()
    }
  })
  play.until(100)
  expect(done).toEqual([13, 26])
})

test('a proc takes the lowest free slot', () => {
  const play = new Play()
  const { environment } = play.server('n', 17)
  const procs = new ProcArray()
  const add = () =>
    procs.add(
      environment.host.fork('backend', function* () {}),
      'client backend',
      environment.settings,
    )
  const [first, second] = [add(), add()]
  expect([first.backendId, second.backendId, add().backendId]).toEqual([1, 2, 3])
  procs.remove(first)
  expect(procs.byPid(first.pid)).toBeUndefined()
  expect(add().backendId).toBe(1)
})
