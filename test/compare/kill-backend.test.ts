// The log of a real PostgreSQL 15 whose backend was killed, beside the simulation's; and what is found when one line of
// it is dropped, added or moved.

import { beforeAll, describe, expect, it } from 'vitest'
import { compareRuns } from '../../src/compare/compare.ts'
import { type Comparison, isDifference } from '../../src/compare/comparison.ts'
import { textOf } from '../../src/compare/text.ts'
import type { TraceEvent } from '../../src/model/trace.ts'
import { plain } from '../../src/report/index.ts'
import type { ReportedRun } from '../../src/report/run.ts'
import { asReal, observable, renumbered, simulate, thinned, withLog } from './runs.ts'

const file = 'scenarios/02-crash/kill-backend.drill'
let simulated: ReportedRun
let real: ReportedRun
let log: readonly TraceEvent<'log.line'>[]

beforeAll(async () => {
  simulated = thinned(await simulate(file, { postgres: 15 }))
  const other = thinned(await simulate(file, { postgres: 15, seed: 5 }))
  // The fault strikes at 5 s; this server was killed 4.043 s after its first line.
  real = withLog(other, 'primary', 'test/compare/logs/kill-backend-15.log', 0.958e9)
  log = real.events.filter((event): event is TraceEvent<'log.line'> => event.kind === 'log.line')
}, 60_000)

function compare(events: readonly TraceEvent[]): Comparison {
  return compareRuns(simulated, [asReal(real, events)], { observable })
}

function told({ differences }: Comparison): readonly string[] {
  return differences.map(({ kind, place, mark, text }) => `${kind} ${place} ${mark}: ${text}`)
}

/** Lines that a rule lets come and go, or repeat. */
const loose = /invalid record length/

describe('a real server and the simulation', () => {
  it('tell the same of a killed backend', () => {
    const comparison = compare(real.events)
    expect(told(comparison)).toEqual([])
    expect(comparison).toMatchObject({ server: '15.18', postgres: 15, agrees: true, repeats: 1 })
    expect(comparison.checks.map(({ result }) => result)).toEqual(Array(5).fill('both hold'))
    const rows = comparison.rounds[0].logs.flatMap(phase => phase.rows)
    expect(rows.filter(({ mark }) => mark === 'same').length).toBeGreaterThanOrEqual(15)
    expect(comparison.rounds[0].logs.map(({ after }) => after)).toEqual(['', 'kill -9 backend 107 of teller[0]'])
  })

  it('are plain data', () => {
    const comparison = compare(real.events.filter(event => event !== log[3]))
    expect(JSON.parse(JSON.stringify(comparison))).toEqual(comparison)
  })

  it('differ by any line that is dropped', () => {
    for (const line of log) {
      const found = told(compare(real.events.filter(event => event !== line)))
      if (loose.test(line.message)) continue
      // A checkpoint whose start is missing has lost the reason of its end.
      expect(found, line.message).toHaveLength(line.message.startsWith('checkpoint starting') ? 2 : 1)
      expect(found[0]).toMatch(/^log primary only simulated: /)
    }
  })

  it('differ by any line that is told twice', () => {
    for (const line of log) {
      const found = told(compare(renumbered(real.events.flatMap(event => (event === line ? [event, event] : event)))))
      if (loose.test(line.message)) expect(found).toEqual([])
      else expect(found, line.message).toEqual([`log primary only real: LOG: ${line.message}`])
    }
  })

  it('differ by a line that PostgreSQL never said', () => {
    const odd = { ...log[5], message: 'server process (PID 7) was terminated by signal 11: Segmentation fault' }
    const found = told(compare(real.events.map(event => (event === log[5] ? odd : event))))
    expect(found).toHaveLength(2)
    expect(found.join()).toContain('signal 11')
  })

  it('differ by lines of one process that change places', () => {
    let swaps = 0
    for (let at = 0; at + 1 < log.length; at++) {
      const [one, other] = [log[at], log[at + 1]]
      if (one.process !== other.process || loose.test(one.message + other.message)) continue
      const events = real.events.map(event => (event === one ? other : event === other ? one : event))
      // From one phase to the next they have more than their places changed.
      const [found] = told(compare(renumbered(events)))
      expect(found, `${one.message} / ${other.message}`).toMatch(/^log primary /)
      swaps++
    }
    expect(swaps).toBeGreaterThan(5)
  })

  it('differ by lines of two processes whose order is guaranteed', () => {
    const ready = log.findLast(({ message }) => message.includes('ready to accept connections'))!
    const redo = log.find(({ message }) => message.startsWith('redo starts'))!
    const others = real.events.filter(event => event !== ready)
    const at = others.indexOf(redo)
    const found = told(compare(renumbered([...others.slice(0, at), ready, ...others.slice(at)])))
    expect(found.some(each => each.startsWith('order primary'))).toBe(true)
  })

  it('do not differ by lines of two processes that have no order', () => {
    const socket = log.find(({ message }) => message.startsWith('listening on Unix'))!
    const shut = log.find(({ message }) => message.startsWith('database system was shut down'))!
    const events = real.events.map(event => (event === socket ? shut : event === shut ? socket : event))
    expect(told(compare(renumbered(events)))).toEqual([])
  })

  it('do not differ by a line that is read a moment after the fault', () => {
    const late = log.find(({ message }) => message.startsWith('database system was shut down'))!
    const fault = real.events.findIndex(({ kind }) => kind === 'fault.injected')
    const moved = (time: number) =>
      renumbered([
        ...real.events.slice(0, fault + 1).filter(event => event !== late),
        { ...late, time: real.events[fault].time + time },
        ...real.events.slice(fault + 1),
      ])
    expect(told(compare(moved(20e6)))).toEqual([])
    expect(told(compare(moved(900e6)))).toHaveLength(2)
  })

  it('differ by processes that are not there, and by clients that hear something else', () => {
    const writers = real.events.filter(event => event.kind === 'process.started' && event.type === 'walwriter')
    expect(told(compare(real.events.filter(event => event !== writers[1])))).toEqual([
      'event primary only simulated: walwriter started',
    ])
    const heard = real.events.map(event =>
      event.kind === 'client.error' ? { ...event, level: 'ERROR', message: 'out of memory' } : event,
    )
    expect(told(compare(heard)).join()).toContain('out of memory')
  })

  it('is stable or not: what only some real runs have is no difference', () => {
    const without = asReal(
      real,
      real.events.filter(event => event !== log[3]),
    )
    const twice = compareRuns(simulated, [real, without], { observable })
    expect(told(twice)).toEqual([])
    expect(twice.unstable).toMatchObject([{ kind: 'log', mark: 'only simulated', seen: 1 }])
    expect(twice.tolerated.map(({ rule }) => rule)).toContain('real-servers-vary')
    const always = compareRuns(simulated, [without, without, without], { observable })
    expect(always.differences).toMatchObject([{ seen: 3 }])
  })

  it('is told in two columns, where it differs', async () => {
    const ready = log.findLast(({ message }) => message.includes('ready to accept connections'))!
    const odd = {
      ...log[5],
      detail: undefined,
      message: 'checkpointer process (PID 7) was terminated by signal 9: Killed',
    }
    const events = renumbered(real.events.flatMap(event => (event === ready ? [] : event === log[5] ? [odd] : event)))
    const comparison = compare(events)
    for (const width of [80, 120]) {
      const rows = textOf(comparison, { styles: plain, width })
      expect(rows.filter(row => row.length > width)).toEqual([])
      await expect(`${rows.join('\n')}\n`).toMatchFileSnapshot(`kill-backend.${width}.txt`)
    }
    expect(comparison.rounds[0].logs[1].rows.filter(isDifference)).toHaveLength(3)
  })
})
