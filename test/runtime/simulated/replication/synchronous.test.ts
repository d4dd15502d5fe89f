import { describe, expect, test } from 'vitest'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import { parseConninfo } from '../../../../src/runtime/simulated/replication/conninfo.ts'
import { SynchronousReplication } from '../../../../src/runtime/simulated/replication/synchronous-replication.ts'
import {
  parseSynchronousStandbyNames,
  priorityOf,
} from '../../../../src/runtime/simulated/replication/synchronous-standby-names.ts'
import { WalSenders } from '../../../../src/runtime/simulated/replication/wal-senders.ts'
import type { Proc } from '../../../../src/runtime/simulated/shared/proc.ts'
import { Play } from '../processes/play.ts'

describe('synchronous_standby_names', () => {
  test.each([
    ['', undefined],
    ['s1', { method: 'priority', count: 1, names: ['s1'] }],
    ['s1, s2', { method: 'priority', count: 1, names: ['s1', 's2'] }],
    ['2 (s1, s2, s3)', { method: 'priority', count: 2, names: ['s1', 's2', 's3'] }],
    ['FIRST 2 (s1, "s-2", *)', { method: 'priority', count: 2, names: ['s1', 's-2', '*'] }],
    ['any 1 (s1,s2)', { method: 'quorum', count: 1, names: ['s1', 's2'] }],
    ['first', { method: 'priority', count: 1, names: ['first'] }],
    ['s1 s2', 'syntax error at or near "s2"'],
    ['s1,', 'syntax error at end of input'],
    ['ANY 2 s1', 'syntax error at or near "s1"'],
    ['ANY 0 (s1)', 'number of synchronous standbys (0) must be greater than zero'],
  ])('%s', (text, parsed) => {
    expect(parseSynchronousStandbyNames(text)).toEqual(parsed)
  })

  test('the place in the list is the priority; a quorum knows none', () => {
    const first = { method: 'priority', count: 1, names: ['a', 'b', '*'] } as const
    expect(['a', 'B', 'c'].map(name => priorityOf(first, name))).toEqual([1, 2, 3])
    expect(priorityOf({ method: 'quorum', count: 1, names: ['a', 'b'] }, 'b')).toBe(1)
    expect(priorityOf({ method: 'quorum', count: 1, names: ['a', 'b'] }, 'c')).toBe(0)
  })
})

describe('commits that wait', () => {
  function waiting(names: string, standbys: readonly string[], commit = 'on') {
    const play = new Play()
    const { environment } = play.primary(17, { synchronous_standby_names: names, synchronous_commit: commit })
    const senders = new WalSenders()
    const replication = new SynchronousReplication(environment, senders)
    const process = environment.host.fork('walsender', function* (me) {
      yield* me.waitLatch({ waitEvent: 'Test' })
    })
    const list = standbys.map(name =>
      Object.assign(senders.add(process, { applicationName: name } as Proc), { phase: 'streaming', flushed: 1 }),
    )
    for (const sender of list) replication.releaseWaiters(sender)
    const released: number[] = []
    const proc = { settings: environment.settings, diePending: false, cancelPending: false } as unknown as Proc
    for (const lsn of [100, 200]) {
      environment.host.fork('backend', function* (me: Process) {
        yield* replication.wait(me, proc, lsn)
        released.push(lsn)
      })
    }
    play.until(1000)
    const confirm = (index: number, written: number, flushed: number, applied: number) => {
      Object.assign(list[index], { written, flushed, applied })
      replication.releaseWaiters(list[index])
      play.until(play.kernel.now + 1000)
      return [...released]
    }
    return { replication, list, released, confirm, proc, play }
  }

  test('with priorities the first of the list decides', () => {
    const { confirm, replication, list } = waiting('s1, s2', ['s2', 's1'])
    expect(list.map(sender => replication.stateOf(sender))).toEqual(['potential', 'sync'])
    expect(confirm(0, 300, 300, 300)).toEqual([])
    expect(confirm(1, 150, 150, 0)).toEqual([100])
    expect(confirm(1, 200, 200, 0)).toEqual([100, 200])
  })

  test('FIRST 2 needs both of the first two', () => {
    const { confirm } = waiting('FIRST 2 (s1, s2, s3)', ['s1', 's2', 's3'])
    confirm(2, 300, 300, 300)
    expect(confirm(0, 300, 300, 300)).toEqual([])
    expect(confirm(1, 100, 100, 100)).toEqual([100])
  })

  test('ANY 2 needs any two', () => {
    const { confirm } = waiting('ANY 2 (s1, s2, s3)', ['s1', 's2', 's3'])
    expect(confirm(2, 200, 200, 200)).toEqual([])
    expect(confirm(0, 100, 100, 100)).toEqual([100])
    expect(confirm(1, 300, 300, 300)).toEqual([100, 200])
  })

  test.each([
    ['remote_write', [150, 50, 0]],
    ['on', [150, 150, 0]],
    ['remote_apply', [150, 150, 150]],
  ] as const)('%s waits for its own kind of confirmation', (level, [written, flushed, applied]) => {
    const { confirm } = waiting('s1', ['s1'], level)
    const less = { remote_write: [50, 50, 50], on: [150, 50, 50], remote_apply: [150, 150, 50] }[level]
    expect(confirm(0, less[0], less[1], less[2])).toEqual([])
    expect(confirm(0, written, flushed, applied)).toEqual([100])
  })

  test.each(['off', 'local'])('%s waits for nobody', level => {
    expect(waiting('s1', [], level).released).toEqual([100, 200])
  })

  test('a wait that is cancelled says that the transaction has committed here', () => {
    const { released, proc, play } = waiting('s1', [])
    expect(released).toEqual([])
    proc.cancelPending = true
    for (const process of play.processes('backend')) process.latch.set()
    play.until(5000)
    expect(released).toEqual([100])
    expect(play.log('primary')).toEqual([])
    expect(play.events.filter(event => event.kind === 'log.line')).toMatchObject([
      { level: 'WARNING', message: 'canceling wait for synchronous replication due to user request' },
    ])
  })
})

test('a connection string', () => {
  expect([...parseConninfo(`host=p port = 5433 application_name='my \\'s1\\'' user=''`)]).toEqual([
    ['host', 'p'],
    ['port', '5433'],
    ['application_name', "my 's1'"],
    ['user', ''],
  ])
})
