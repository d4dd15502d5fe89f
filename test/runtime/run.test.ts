import { describe, expect, it } from 'vitest'
import { words as checkWords, functions, properties, typeCheck } from '../../src/checks/index.ts'
import { load } from '../../src/dsl/index.ts'
import { sentenceOf, type TraceEvent } from '../../src/model/trace.ts'
import { diagnose, permutationsOf, run, words } from '../../src/runtime/index.ts'
import { type FakeBehaviour, type FakeEngine, fakeKind } from './fake-engine.ts'

const vocabulary = { words: [...words, ...checkWords], settings: [], properties, functions }

function scenarioOf(text: string) {
  const { scenarios, diagnostics } = load({ name: 'test.drill', text: `drill "a test"\n${text}` }, vocabulary, {
    checkScenario: typeCheck,
  })
  expect(diagnostics).toEqual([])
  return scenarios![0]
}

async function play(text: string, behaviour: FakeBehaviour = {}, permutation = 0) {
  const scenario = scenarioOf(text)
  const events: TraceEvent[] = []
  let engine: FakeEngine | undefined
  const kind = fakeKind(behaviour, opened => {
    engine = opened
  })
  const chosen = permutationsOf(scenario)[permutation]
  const result = await run(scenario, {
    engine: kind,
    wants: ['client.acknowledged'],
    listener: event => events.push(event),
    ...(chosen ? { permutation: chosen } : {}),
  })
  if ('diagnostics' in result) throw new Error('refused')
  return { ...result, events, engine: engine! }
}

const of = (events: readonly TraceEvent[], kind: string) => events.filter(event => event.kind === kind)

describe('moments', () => {
  it('strikes at times, at labels and what was done', async () => {
    const { events, endedAt } = await play(`
node primary
at 1s restart primary as again
at again.done + 1s note "later"
at again + 500ms note "sooner"
ends again.done + 3s`)
    expect(of(events, 'note.shown').map(event => [event.time, 'text' in event && event.text])).toEqual([
      [1_500_000_000, 'sooner'],
      [2_010_000_000, 'later'],
    ])
    expect(endedAt).toBe(4_010_000_000)
  })

  it('plays a block in order, and one moment in the order of the file', async () => {
    const { events } = await play(`
node primary
at 2s note "c"
at 1s { note "a"; note "b" }
at 1s note "b2"
ends 3s`)
    expect(of(events, 'note.shown').map(event => 'text' in event && event.text)).toEqual(['a', 'b', 'b2', 'c'])
  })

  it('draws random moments from the seed, once', async () => {
    const text = (seed: number) => `
seed ${seed}
node primary
at random(1s, 9s) note "x" as drawn
ends drawn + 1s`
    const [a, b, c] = [await play(text(1)), await play(text(1)), await play(text(2))]
    expect(a.endedAt).toBe(b.endedAt)
    expect(a.endedAt).not.toBe(c.endedAt)
    expect(of(a.events, 'note.shown')[0].time).toBe(a.endedAt - 1_000_000_000)
  })

  it('fires a trigger once, with its cause', async () => {
    const { events, verdicts } = await play(`
node primary
client c on primary every 100ms { transactions = 5 } $$ select 1; $$
when c.acknowledged = 3 then note "three"
ends 2s`)
    const third = of(events, 'client.acknowledged')[2]
    expect(of(events, 'note.shown')).toHaveLength(1)
    expect(of(events, 'note.shown')[0].time).toBe(third.time)
    expect(verdicts).toEqual([])
  })
})

describe('no empty green', () => {
  it('a fault that hits nothing fails the run', async () => {
    const { verdicts } = await play('node primary\nat 1s kill walsender of primary with KILL\nends 2s')
    expect(verdicts).toMatchObject([{ outcome: 'failed', actual: 'it hit nothing: there was no walsender of primary' }])
  })

  it('unless it is optional', async () => {
    const { verdicts } = await play(
      'node primary\nat 1s kill walsender of primary with KILL { optional = on }\nends 2s',
    )
    expect(verdicts).toEqual([])
  })

  it('an order that is refused, a trigger that never fired, a label that never came', async () => {
    const { verdicts } = await play(
      `node primary
standby s1 of primary
at 1s promote s1 as promotion
at promotion.done + 1s note "never"
when primary.connections = 99 then note "nor this"
ends 70s`,
      { dead: ['s1'] },
    )
    expect(verdicts.map(({ outcome, actual }) => [outcome, actual])).toEqual([
      ['failed', 'it hit nothing: it is dead'],
      ['undecided', 'its moment never came'],
      ['undecided', 'its condition was never true'],
    ])
  })

  it('an end that never comes is no end', async () => {
    const { verdicts, endedAt } = await play(
      'node primary\nnode other\nat 1s start other as late\nends late.done + 1s',
      {
        dead: ['other'],
      },
    )
    expect(verdicts.map(({ actual }) => actual)).toEqual([
      'it hit nothing: it is dead',
      'its end hangs on late, which did not come',
    ])
    expect(endedAt).toBe(1_000_000_000)
  })

  it('nor one that hangs on such an end, further on', async () => {
    const { verdicts, endedAt } = await play(
      `node primary
node other
at 1s start other as late
at late.done + 1s stop primary as later
at later.done + 1s start primary as latest
ends latest.done + 1s`,
      { dead: ['other'] },
    )
    expect(verdicts.map(({ actual }) => actual)).toContain('its end hangs on latest, which did not come')
    expect(endedAt).toBe(1_000_000_000)
  })
})

describe('faults and steps', () => {
  it('kill hits the backend of a client, and tells it before', async () => {
    const { events, engine } = await play(`
node primary
client c times 2 on primary every 100ms { reconnect = 1s } $$ select 1; $$
at 1s kill backend of c[1] with KILL as crash
at 2s kill checkpointer of primary with STOP
ends 3s`)
    expect(of(events, 'fault.injected').map(event => 'text' in event && event.text)).toEqual([
      'kill -9 backend 101 of c[1]',
      'kill -19 checkpointer 7 of primary',
    ])
    const [fault] = of(events, 'fault.injected')
    expect(of(events, 'label.reached')).toMatchObject([{ label: 'crash', sequence: fault.sequence + 1 }])
    expect(engine.requests.filter(({ kind }) => kind === 'signal')).toEqual([
      { kind: 'signal', node: 'primary', pid: 101, signal: 'KILL', cause: fault.sequence },
      expect.objectContaining({ pid: 7, signal: 'STOP' }),
    ])
  })

  it('cut link for a time cuts both directions and heals them', async () => {
    const { events, engine } = await play(`
node a
node b
client c times 2 on a every 1s $$ select 1; $$
at 1s cut link between a, b for 500ms
at 3s cut link from c to a
ends 4s`)
    const links = engine.requests.filter(({ kind }) => kind === 'link') as { from: string; to: string; cut: boolean }[]
    expect(links.map(({ from, to, cut }) => `${cut ? 'cut' : 'heal'} ${from} ${to}`)).toEqual([
      'cut a b',
      'cut b a',
      'cut c[0] a',
      'cut c[1] a',
    ])
    expect(of(events, 'fault.injected')).toHaveLength(2)
  })

  it('runs SQL statement by statement', async () => {
    const { engine, verdicts } = await play(`
node primary
at 1s run on primary as work $$ checkpoint; select 1; $$
at work.done note "done"
ends 2s`)
    const queries = engine.requests.flatMap(request => (request.kind === 'execute' ? request.query.template : []))
    expect(queries).toEqual(['checkpoint;', 'select 1;'])
    expect(verdicts).toEqual([])
  })
})

describe('clients', () => {
  it('end the run when all are done, if nothing else says when', async () => {
    const { events, endedAt } = await play(`
node primary
client c times 3 on primary { transactions = 4 } $$ select 1; $$`)
    expect(of(events, 'client.finished')).toHaveLength(3)
    expect(of(events, 'client.acknowledged')).toHaveLength(12)
    expect(endedAt).toBeLessThan(10_000_000)
  })

  it('keep their period', async () => {
    const { events } = await play(`
node primary
client c on primary every 10ms $$ select 1; $$
ends 1s`)
    const times = of(events, 'client.acknowledged').map(({ time }) => time)
    expect(times.length).toBeGreaterThanOrEqual(99)
    for (let at = 1; at < times.length; at++) expect(times[at] - times[at - 1]).toBe(10_000_000)
  })

  it('try the servers in order until one takes writes', async () => {
    const { engine } = await play(`
node primary
standby s1 of primary
client c on s1, primary { target_session_attrs = read-write; transactions = 1 } $$ select 1; $$`)
    const connects = engine.requests.flatMap(request => (request.kind === 'connect' ? request.node : []))
    expect(connects).toEqual(['s1', 'primary'])
  })

  it('connect to the database that they name, and say so', async () => {
    const { engine, events } = await play(`
node primary
client c on primary { dbname = shop; transactions = 1 } $$ select 1; $$
client d on primary { transactions = 1 } $$ select 1; $$
session s on primary { dbname = "Two words"; step one $$ select 1 $$ }
at 1s run on primary { dbname = stock } $$ select 1 $$
at 2s play one
ends 3s`)
    const connects = engine.requests.flatMap(request =>
      request.kind === 'connect' ? `${request.from} ${request.database}` : [],
    )
    expect(connects.sort()).toEqual(['c shop', 'd postgres', 'pgdrill stock', 's Two words'])
    expect(of(events, 'client.connected').map(event => sentenceOf(event).replace(/ \(.*/, ''))).toEqual([
      'connected to shop',
      'connected',
      'connected to Two words',
    ])
  })

  it('try serialization failures and deadlocks again, with the same values', async () => {
    let attempts = 0
    const seen: string[] = []
    const { events } = await play(
      `node primary
client c on primary { retries = 2; transactions = 1 } $$
  \\set x random(1, 1000000)
  update t set a = :x;
$$`,
      {
        execute(query) {
          if (!query.template.startsWith('update')) return {}
          seen.push(query.values[0])
          if (++attempts === 3) return {}
          return { error: { level: 'ERROR', sqlstate: '40001', message: 'could not serialize access' } }
        },
      },
    )
    expect(attempts).toBe(3)
    expect(new Set(seen).size).toBe(1)
    expect(of(events, 'client.error')).toHaveLength(2)
    expect(of(events, 'client.acknowledged')).toHaveLength(1)
  })

  it('roll back after an error and go on', async () => {
    const { engine } = await play(
      `node primary
client c on primary { transactions = 2 } $$ begin; insert into t values (1); commit; $$`,
      {
        execute: ({ template }) =>
          template.startsWith('insert')
            ? { status: 'E', error: { level: 'ERROR', sqlstate: '23505', message: 'duplicate' } }
            : { status: template === 'begin;' ? 'T' : 'I' },
      },
    )
    const queries = engine.requests.flatMap(request => (request.kind === 'execute' ? request.query.template : []))
    expect(queries).toEqual([
      'begin;',
      'insert into t values (1);',
      'ROLLBACK',
      'begin;',
      'insert into t values (1);',
      'ROLLBACK',
    ])
  })

  it('connect again when they are told to, and end when not', async () => {
    const lost = { lost: { level: 'ERROR', message: 'server closed the connection unexpectedly' } }
    const text = (settings: string) => `
node primary
client c on primary every 10ms { ${settings} } $$ select 1; $$
ends 1s`
    const ending = await play(text('transactions = 10'), { execute: () => lost })
    expect(of(ending.events, 'client.connected')).toHaveLength(1)
    expect(of(ending.events, 'client.finished')).toHaveLength(1)
    const again = await play(text('reconnect = 100ms'), { execute: () => lost })
    expect(of(again.events, 'client.connected').length).toBeGreaterThan(8)
    expect(of(again.events, 'client.connected')[1]).toMatchObject({ again: true })
  })

  it('begin and stop when they are told to', async () => {
    const { events } = await play(`
node primary
client c on primary every 10ms from 1s to stop $$ select 1; $$
at 2s note "enough" as stop
ends 3s`)
    const times = of(events, 'client.acknowledged').map(({ time }) => time)
    expect(times[0]).toBeGreaterThan(1_000_000_000)
    expect(times.at(-1)).toBeLessThan(2_002_000_000)
    expect(of(events, 'client.finished')).toHaveLength(1)
  })
})

describe('the ledger', () => {
  it('tells what was lost, what is a hole, and what is a ghost', async () => {
    let xid = 730
    const { verdicts, events } = await play(
      `node primary
client c on primary every 100ms { transactions = 5; reconnect = 1ms } $$ insert into t values (1); $$
ends 2s
forbid lost_commits
at end expect "a hole" that c.holes = 1
at end expect "a ghost" that c.ghosts = 1`,
      {
        execute() {
          xid++
          if (xid === 735) return { lost: { level: 'ERROR', message: 'gone' }, inDoubt: 735 }
          return { committed: { xid, lsn: xid * 100, asynchronous: false } }
        },
        survived: id => id !== 731 && id !== 734,
      },
    )
    expect(of(events, 'commit.lost')).toMatchObject([
      { xid: 731, lsn: 73100, hole: true },
      { xid: 734, hole: false },
    ])
    expect(of(events, 'commit.ghost')).toMatchObject([{ xid: 735 }])
    expect(verdicts.map(({ outcome }) => outcome).sort()).toEqual(['failed', 'held', 'held'])
  })

  it('leaves out what the engine cannot know', async () => {
    let xid = 730
    const { events } = await play(
      `node primary
client c on primary every 100ms { transactions = 1 } $$ insert into t values (1); $$
ends 2s
forbid lost_commits`,
      { execute: () => ({ committed: { xid: ++xid } }), survived: () => false },
    )
    const [lost] = of(events, 'commit.lost')
    expect(lost).toMatchObject({ xid: 731 })
    expect(lost).not.toHaveProperty('lsn')
    expect(lost).not.toHaveProperty('asynchronous')
    expect(of(events, 'client.acknowledged')[0]).not.toHaveProperty('lsn')
  })

  it('has commits tracked for clients alone, and only where a check wants to know', async () => {
    const text = `
node primary
client c on primary every 100ms { transactions = 1 } $$ insert into t values (1); $$
session s on primary { step one $$ select 1; $$ }
at 0s play one
ends 1s
`
    const asked = ({ engine }: { readonly engine: FakeEngine }): unknown[] =>
      engine.requests.flatMap(request => (request.kind === 'connect' ? [[request.from, request.tracksCommits]] : []))
    const [without, tracked] = [await play(text), await play(`${text}forbid lost_commits`)]
    expect(asked(without)).toEqual(
      expect.arrayContaining([
        ['c', false],
        ['s', false],
      ]),
    )
    expect(asked(tracked)).toEqual(
      expect.arrayContaining([
        ['c', true],
        ['s', false],
      ]),
    )
  })
})

describe('permutations', () => {
  const sessions = `
node primary
session anna on primary { step a1 $$ update t set x = 1; $$ ; step a2 $$ commit; $$ }
session bert on primary { step b1 $$ update t set x = 2; $$ ; step b2 $$ commit; $$ }`

  /** b1 waits for anna until she commits. */
  const lockingBehaviour = (): FakeBehaviour => {
    let holder: number | undefined
    let waiter: { connection: unknown; node: string; backend: number } | undefined
    return {
      execute(query, connection, engine) {
        if (query.template.startsWith('commit')) {
          if (holder === connection.backend) {
            holder = undefined
            if (waiter) {
              holder = waiter.backend
              engine.release(waiter.connection as never)
              waiter = undefined
            }
          }
          return {}
        }
        if (holder === undefined) {
          holder = connection.backend
          return { results: [{ tag: 'SELECT 1', columns: ['x'], rows: [['7']] }] }
        }
        waiter = { connection, node: connection.node, backend: connection.backend }
        return 'hangs'
      },
      blockers: connection => (waiter?.backend === connection.backend && holder !== undefined ? [holder] : []),
    }
  }

  it('goes on past a step that waits, and sees who blocks it', async () => {
    const { events, verdicts } = await play(
      `${sessions}
permutation a1, b1, a2, b2 as crossed {
  expect "b1 waits for anna" that b1.waited and b1.blocker = anna
  expect "nobody else" that not a2.waited
  expect "a value" that a1.value = '7'
}`,
      lockingBehaviour(),
    )
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['held', 'held', 'held'])
    expect(
      events
        .filter(({ kind }) => kind.startsWith('step.'))
        .map(event => `${event.kind} ${'step' in event && event.step}`),
    ).toEqual([
      'step.started a1',
      'step.finished a1',
      'step.started b1',
      'step.waited b1',
      'step.started a2',
      'step.finished a2',
      'step.finished b1',
      'step.started b2',
      'step.finished b2',
    ])
  })

  it('waits for a session that still waits before its next step', async () => {
    const { events } = await play(`${sessions}\npermutation a1, a2, b1, b2`, lockingBehaviour())
    expect(of(events, 'step.waited')).toEqual([])
  })

  it('gives up a step that is never done', async () => {
    const { events, endedAt } = await play(`${sessions}\npermutation a1, b1`, lockingBehaviour())
    expect(of(events, 'client.error')).toMatchObject([
      { client: 'bert', message: 'step b1 was not done within 360 seconds' },
    ])
    expect(endedAt).toBeGreaterThan(360_000_000_000)
  })
})

describe('budgets', () => {
  const endless = 'node primary\nclient c on primary $$ select 1; $$\nends 10min'

  it('stop a run that costs too much', async () => {
    const scenario = scenarioOf(endless)
    const budget = { events: 1000, duration: 1e15 }
    const result = await run(scenario, { engine: fakeKind(), wants: ['client.acknowledged'], budget })
    expect(result).toMatchObject({ verdicts: [{ outcome: 'failed', actual: expect.stringContaining('events') }] })
  })

  it('stop a run when patience ends', async () => {
    const scenario = scenarioOf(endless)
    const budget = { events: 1e9, duration: 1e15, isSpent: () => 'it was stopped after a minute' }
    const result = await run(scenario, { engine: fakeKind(), wants: ['client.acknowledged'], budget })
    expect(result).toMatchObject({ verdicts: [{ actual: 'it was stopped after a minute' }] })
  })

  it('refuses clients that never end in a scenario that never ends', () => {
    const scenario = scenarioOf('node primary\nclient c on primary $$ select 1; $$')
    expect(diagnose(scenario, fakeKind())).toMatchObject([{ code: 'missing' }])
  })
})
