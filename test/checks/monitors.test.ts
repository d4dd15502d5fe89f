import { describe, expect, test } from 'vitest'
import { compileCheck, compileTrigger, Monitors } from '../../src/checks/index.ts'
import type { Answer, Ask, Moments } from '../../src/checks/monitor.ts'
import type { TraceEvent } from '../../src/model/trace.ts'
import { Story } from '../report/story.ts'
import { acknowledge, connect, reach, scenarioOf } from './play.ts'

const moments: Moments = { timeOf: () => undefined }

function monitorsOf(checks: string): Monitors {
  const scenario = scenarioOf(checks)
  const monitors = new Monitors(scenario.checks.map(check => compileCheck(check, scenario)))
  monitors.start(moments)
  return monitors
}

function told(tell: (story: Story) => void): readonly TraceEvent[] {
  const story = new Story()
  tell(story)
  return story.events
}

describe('the monitors of a run', () => {
  test('need what their checks need, and nothing else', () => {
    const { needs } = monitorsOf(`expect that count(events where kind = 'vacuum.finished') = 0
at end expect that query(primary, $$select 1$$) = 1
`)
    expect(needs.kinds.has('vacuum.finished')).toBe(true)
    expect(needs.kinds.has('wal.flushed')).toBe(false)
    expect(needs.queries).toEqual([{ node: 'primary', sql: 'select 1' }])
    expect(needs.ledger).toBe(false)
    expect(monitorsOf('forbid lost_commits\n').needs.ledger).toBe(true)
    expect(monitorsOf('at end expect that teller.holes = 0\n').needs.ledger).toBe(true)
  })

  test('wake for the nearest edge of a window', () => {
    const monitors = monitorsOf(`expect within 2s of crash that never count(teller.errors) > 0
expect from 3s to 4s that count(teller.errors) = 0
`)
    expect(monitors.wakeAt).toBe(3e9)
    for (const event of told(connect)) monitors.feed(event)
    for (const event of told(story => reach(story, 1.5, 'crash'))) monitors.feed(event)
    expect(monitors.wakeAt).toBe(3e9)
    monitors.pass(3e9)
    expect(monitors.wakeAt).toBe(3.5e9)
    monitors.pass(3.5e9)
    expect(monitors.wakeAt).toBe(4e9)
    expect(monitors.verdicts).toHaveLength(1)
    monitors.pass(4e9)
    expect(monitors.wakeAt).toBeUndefined()
    expect(monitors.verdicts.map(({ outcome }) => outcome)).toEqual(['held', 'held'])
  })

  test('ask all at once, see what the ledger tells meanwhile, and decide in the order of the checks', () => {
    const monitors = monitorsOf(`at end expect "a query" that query(primary, $$select 1$$) = 1
forbid lost_commits
at end expect "a loss" that teller.lost = 1
`)
    for (const event of told(connect)) monitors.feed(event)
    for (const event of told(story => acknowledge(story, 1))) monitors.feed(event)
    monitors.finish(10e9)
    const { asks } = monitors
    expect(asks.map(({ kind }) => kind)).toEqual(['query', 'ledger', 'ledger'])
    const lost = told(story =>
      story.tell(10, 'primary', 'commit.lost', { client: 'teller', index: 0, xid: 800, lsn: 1, acknowledged: 1e9 }),
    )
    for (const event of lost) monitors.feed(event)
    monitors.answer(new Map<Ask, Answer>(asks.map(ask => [ask, { value: ask.kind === 'query' ? 1 : null }])))
    expect(monitors.asks).toEqual([])
    expect(monitors.verdicts.map(({ title, outcome }) => `${title}: ${outcome}`)).toEqual([
      'a query: held',
      'no acknowledged commit is lost: failed',
      'a loss: held',
    ])
  })
})

describe('a trigger', () => {
  const triggerOf = (condition: string) => {
    const scenario = scenarioOf(`when ${condition} then note "now"\n`)
    const trigger = compileTrigger(scenario.timeline.at(-1)!.when!, scenario)
    trigger.start(moments)
    return trigger
  }

  test('fires once, and says which event did it', () => {
    const trigger = triggerOf('count(teller.commits) >= 2')
    const events = told(story => {
      connect(story)
      for (const at of [1, 2, 3]) acknowledge(story, at)
    })
    expect(trigger.fired).toBe(false)
    for (const event of events) trigger.feed(event)
    expect(trigger).toMatchObject({ fired: true, cause: 6 })
  })

  test('fires at the start where it is true from the start', () => {
    expect(triggerOf('count(teller.commits) = 0')).toMatchObject({ fired: true, cause: undefined })
  })

  test('needs only what can change it', () => {
    const { needs } = triggerOf('primary.pg_wal.free < 16MB')
    expect([...needs.kinds]).toEqual(['volume.changed', 'node.starting', 'node.accepting', 'process.started'])
  })
})
