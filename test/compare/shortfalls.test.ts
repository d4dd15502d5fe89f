// What a real run could not do: from there on the two are different drills, or the real one says less.

import { beforeAll, describe, expect, it } from 'vitest'
import { compareRuns } from '../../src/compare/compare.ts'
import { fidelity } from '../../src/compare/fidelity.ts'
import { comparisonsText } from '../../src/compare/many.ts'
import { textOf } from '../../src/compare/text.ts'
import type { EventKind, TraceEvent } from '../../src/model/trace.ts'
import { plain } from '../../src/report/index.ts'
import type { ReportedRun } from '../../src/report/run.ts'
import { asReal, observable, renumbered, simulate, thinned } from './runs.ts'

let simulated: ReportedRun
let strikes: number

beforeAll(async () => {
  simulated = thinned(await simulate('scenarios/02-crash/power-cut.drill'))
  strikes = simulated.events.findIndex(({ kind }) => kind === 'fault.injected')
}, 60_000)

type Said = 'action.skipped' | 'action.limited'

function saying(kind: Said, reason: string): TraceEvent {
  const { time } = simulated.events[strikes]
  return { time, sequence: 0, kind, node: 'primary', text: 'cut power of primary', reason }
}

/** The power was not cut at all: everything goes on, and nothing is started again. */
function uncut(): ReportedRun {
  const before = simulated.events.slice(0, strikes).filter(({ kind }) => kind !== 'label.reached')
  const { verdicts } = simulated
  const run = asReal(simulated, [...before, saying('action.skipped', 'a machine has one power supply')])
  return {
    ...run,
    verdicts: verdicts.map((each, at) => (at === 0 ? { ...each, outcome: 'failed', actual: 'no' } : each)),
  }
}

/** The servers were killed, and the page cache is still there: the log ends elsewhere, and nothing is lost. */
function keptCache(spoil: (event: TraceEvent, at: number) => TraceEvent | undefined = event => event): ReportedRun {
  const events = simulated.events.flatMap((event, at) => {
    const spoiled = spoil(event, at)
    const all = spoiled === undefined ? [] : [spoiled]
    return at === strikes ? [...all, saying('action.limited', 'the page cache survives')] : all
  })
  return asReal(simulated, renumbered(events))
}

const compare = (real: ReportedRun) => compareRuns(simulated, [real], { observable })

describe('what no real server tells', () => {
  const undecided = (needed: EventKind): ReportedRun => {
    const [first, ...others] = simulated.verdicts
    return {
      ...asReal(simulated, simulated.events),
      verdicts: [{ ...first, outcome: 'undecided', actual: 'nothing to look at', needed }, ...others],
    }
  }

  it('excuses the check that would be decided by it', () => {
    const told = new Set([...observable].filter(kind => kind !== 'transaction.replayed'))
    const [check] = compareRuns(simulated, [undecided('transaction.replayed')], { observable: told }).checks
    expect(check).toMatchObject({
      result: 'skipped',
      reason: 'it is decided by transaction.replayed, which a real server does not tell',
    })
  })

  it('is no excuse where it could have been told', () => {
    expect(compare(undecided('node.down')).checks[0].result).toBe('differs')
  })
})

describe('what is skipped', () => {
  it('ends the comparison, and excuses the checks that are decided after it', () => {
    const comparison = compare(uncut())
    expect(comparison.differences).toEqual([])
    expect(comparison.checks[0]).toMatchObject({ result: 'skipped', reason: 'a machine has one power supply' })
    expect(comparison.checks[1].result).toBe('both hold')
    expect(comparison.shortfalls).toEqual([
      { kind: 'skipped', text: 'cut power of primary', reason: 'a machine has one power supply' },
    ])
  })

  it('excuses what an order led to that was given on both', () => {
    const { time } = simulated.events[strikes]
    const order = { time, sequence: 0, kind: 'order.given', node: 'primary', text: 'rewind primary' } as const
    const label = (done: boolean) => ({ time, sequence: 0, kind: 'label.reached', label: 'rewound', done }) as const
    const before = simulated.events.slice(0, strikes)
    const ours = { ...simulated, events: renumbered([...before, order, label(false), label(true)]) }
    const refusal = { ...saying('action.skipped', 'there is no pg_rewind'), text: 'rewind primary' } as TraceEvent
    const theirs = asReal(simulated, renumbered([...before, order, label(false), refusal]))
    expect(compareRuns(ours, [theirs], { observable }).differences).toEqual([])
  })

  it('excuses nothing before it', () => {
    const real = uncut()
    const lost = real.events.find(event => event.kind === 'log.line' && event.message.includes('ready to accept'))
    const { differences } = compare(
      asReal(
        real,
        real.events.filter(event => event !== lost),
      ),
    )
    expect(differences).toMatchObject([{ kind: 'log', mark: 'only simulated' }])
    const early = real.verdicts.map((each, at) => (at === 0 ? { ...each, at: 1 } : each))
    expect(compare({ ...real, verdicts: early }).checks[0].result).toBe('differs')
  })

  it('excuses no check that only the simulation fails', () => {
    const failing = simulated.verdicts.map(each => ({ ...each, outcome: 'failed' as const }))
    const { checks } = compareRuns({ ...simulated, verdicts: failing }, [asReal(simulated)], { observable })
    expect(new Set(checks.map(({ result }) => result))).toEqual(new Set(['differs']))
  })

  it('is told', async () => {
    const rows = textOf(compare(uncut()), { styles: plain, width: 100 })
    await expect(`${rows.join('\n')}\n`).toMatchFileSnapshot('skipped.txt')
  })
})

describe('what is done in part', () => {
  const isRestart = (event: TraceEvent) => event.time > simulated.events[strikes].time && event.kind === 'log.line'

  it('excuses what is told once the node starts again', () => {
    const other = (event: TraceEvent) =>
      isRestart(event) && 'message' in event && String(event.message).startsWith('redo starts') ? undefined : event
    const comparison = compare(keptCache(other))
    expect(comparison.differences).toEqual([])
    expect(comparison.tolerated.find(({ rule }) => rule === 'done-in-part')?.times).toBe(1)
    const real = asReal(simulated, renumbered(simulated.events.flatMap(event => other(event) ?? [])))
    expect(compare(real).differences).toHaveLength(1)
  })

  it('excuses nothing before that', () => {
    const down = (event: TraceEvent) => (event.kind === 'node.down' ? undefined : event)
    expect(compare(keptCache(down)).differences).toMatchObject([{ kind: 'event', text: 'is down' }])
  })
})

describe('many comparisons', () => {
  const many = () => {
    const older = { ...compare(asReal(simulated)), postgres: 15, server: '15.18' }
    const spoiled = asReal(
      simulated,
      simulated.events.filter(event => event.kind !== 'process.started' || event.type !== 'startup'),
    )
    return [older, { ...compare(spoiled), server: '18.1', postgres: 18 }, { ...compare(uncut()), file: 'other.drill' }]
  }

  it('are told in a table, and in full where they differ', async () => {
    await expect(comparisonsText(many(), { styles: plain, width: 100 })).toMatchFileSnapshot('many.txt')
  })

  it('make a page that is the same every time', async () => {
    expect(fidelity(many(), '0.1.0')).toBe(fidelity(many(), '0.1.0'))
    await expect(fidelity(many(), '0.1.0')).toMatchFileSnapshot('fidelity.md')
  })
})
